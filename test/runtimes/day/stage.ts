// Where the day is played: a broker, both agents wired as their users wire them, a workspace.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../dsl/until.js';
import { House } from '../kit/house.js';
import type { Terminal } from '../kit/terminal.js';
import type { Answer, Turn } from '../model/fake-model.js';
import type { Program } from '../programs/program.js';
import { type Actor, textOf } from './actor.js';
import { BOARD } from './parts.js';

/** The words that start each of the programs that are played. */
export type Commands = ReadonlyMap<Program, readonly string[]>;

const LOOKS = 900;
const aWhile = () => pause(200);

export class Stage {
  readonly house: House;
  readonly workspace: string;
  readonly project: string;
  readonly #actors: Actor[] = [];
  readonly #terminals = new Map<Actor, Terminal>();

  private constructor(house: House) {
    this.house = house;
    this.project = house.box.project('api');
    this.workspace = house.box.at('home/boss');
  }

  /** As a person makes it ready: `setup`, `orchestrator init`, a board in the folder. */
  static async open(commands: Commands): Promise<Stage> {
    const [first, ...others] = [...commands];
    if (first === undefined) throw new Error('no program is to be played');
    const house = await House.open(...first);
    const stage = new Stage(house);
    try {
      // The login shells of an agent begin anew with the path of the machine.
      const { box } = house;
      box.write('home/.profile', `export PATH='${box.bin}:${dirname(process.execPath)}':"$PATH"\n`);
      for (const [program, command] of others) await house.wire(program, command);
      const { code, stderr } = await house.cli('orchestrator', 'init', stage.workspace);
      if (code !== 0) throw new Error(`init ended with ${code}: ${stderr}`);
      box.write('home/boss/TODO.md', BOARD);
      for (const program of commands.keys()) {
        for (const folder of [stage.workspace, stage.project]) program.trust(box, folder);
      }
      house.model.script = turn => stage.#answer(turn);
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  /** Begins a session in a terminal by what its user types there, and then its first prompt. */
  async begins(actor: Actor, words: readonly string[], prompt: string): Promise<void> {
    const { house, workspace, project } = this;
    const cwd = words.includes('orchestrator') ? house.box.home : project;
    const leads = cwd !== project;
    this.#actors.push(actor);
    const typed = leads ? [...words, workspace] : words;
    const terminal = house.types(['env', `PWD=${cwd}`, ...typed], { cwd, program: actor.program });
    this.#terminals.set(actor, terminal);
    await terminal.sees(actor.program.isReady);
    await terminal.type(prompt);
  }

  /** Waits until something holds; a wait in vain tells where everybody stands. */
  async until<T>(what: string, look: () => T | Promise<T>) {
    try {
      return await until(look, { what, rest: aWhile, looks: LOOKS });
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.standing()}`);
    }
  }

  standing(): string {
    const screens = [...this.#terminals].map(
      ([actor, terminal]) => `${actor.standing}\n${terminal.screen()}`,
    );
    return screens.join('\n');
  }

  /** Kills the agent itself, as `kill -9` does; `orchestrator start` above it only sees it end. */
  kill(actor: Actor): void {
    const parent = this.#terminals.get(actor)?.pid;
    const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
    const rows = stdout.split('\n').map(line => line.trim().split(/\s+/).map(Number));
    const agents = rows.filter(([, ppid]) => ppid === parent);
    if (agents.length !== 1) throw new Error(`${agents.length} agents of ${actor.name}`);
    for (const [pid = 0] of agents) process.kill(pid, 'SIGKILL');
  }

  board(): string {
    return this.house.box.read('home/boss/TODO.md');
  }

  /** What everybody has said, in the order of the log. */
  async events(): Promise<Said[]> {
    const { records } = await this.house.sender.call('log.read', { from: 'start', max: 1_000 });
    return (records as [number, number, Said][]).map(([, , event]) => event);
  }

  async close(): Promise<void> {
    for (const terminal of this.#terminals.values()) terminal.close();
    await this.house.close();
  }

  /** A turn is of who was begun last in that folder with that program. */
  #answer(turn: Turn): Answer | Promise<Answer> {
    const leads = textOf(turn).includes('# You are the orchestrator');
    const mine = this.#actors.findLast(({ program, name }) => {
      return program.dialect === turn.dialect && (name !== 'worker') === leads;
    });
    return mine?.answer(turn) ?? 'nobody is meant';
  }
}

/** An event, of which every test reads its own fields. */
export interface Said {
  type: string;
  [field: string]: unknown;
}
