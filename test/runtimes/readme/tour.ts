// The README part "With your agents", replayed with real agents: their fake model is the judge.
import { symlinkSync } from 'node:fs';
import { TypedShell } from '../../dsl/typed-shell.js';
import { until } from '../../dsl/until.js';
import { Sandbox } from '../kit/sandbox.js';
import { Terminal } from '../kit/terminal.js';
import { type Answer, FakeModel, type Turn } from '../model/fake-model.js';
import { claudeCode } from '../programs/claude-code.js';
import { codex } from '../programs/codex.js';
import type { Program } from '../programs/program.js';
import { showingOf } from '../table/record.js';
import { agentBlocks, type Block, timeless } from './blocks.js';

/** Who types what: the folder is that of the README. */
const AGENTS: Readonly<Record<string, Program>> = { web: claudeCode, api: codex };

const QUESTION = 'Which port does your server take?';
const REPLY = 'Port 8080, by server.js.';
const REPORT = 'web takes port 8080';
const CODEX = 'home/.codex/config.toml';
const TRIES = 20;
const aWhile = () => new Promise<void>(resolve => setTimeout(resolve, 200));

/** The words that start each of the programs it needs. */
export type Commands = ReadonlyMap<Program, readonly string[]>;

/** The programs that the README names. */
export const agentsOfReadme: readonly Program[] = Object.values(AGENTS);

/** Plays all blocks in order; returns what was not as the README says, nothing when all was. */
export async function playReadme(commands: Commands): Promise<string[]> {
  const tour = new Tour(commands, await FakeModel.start());
  try {
    const faults = await tour.play();
    return faults.length === 0 ? faults : [...faults, tour.screens()];
  } catch (error) {
    return [`${(error as Error).message}\n${tour.screens()}`];
  } finally {
    await tour.close();
  }
}

class Tour {
  readonly #box = new Sandbox();
  readonly #model: FakeModel;
  readonly #you: TypedShell;
  readonly #terminals = new Map<string, Terminal>();
  readonly #faults: string[] = [];
  #prompt = '';
  #calls = TRIES;

  constructor(commands: Commands, model: FakeModel) {
    this.#model = model;
    const box = this.#box;
    // Another broker may have the usual port of this machine.
    box.write('home/.config/signalbox/config.yaml', 'port: 0\n');
    for (const [name, program] of Object.entries(AGENTS)) {
      program.prepare(box, model.url);
      // What its user answers when the program asks whether the folder is to be trusted.
      program.trust(box, box.at('home/hello', name));
      const [file = ''] = commands.get(program) ?? [];
      symlinkSync(file, box.at('bin', program === codex ? 'codex' : 'claude'));
    }
    // A newcomer has not told Codex to ask for nothing.
    const usual = box.read(CODEX).replace(/^(approval_policy|sandbox_mode) = .*\n/gm, '');
    box.write(CODEX, usual);
    this.#you = new TypedShell(box.home, { ...box.env(), NO_COLOR: '1' });
    model.script = turn => this.#answer(turn);
  }

  async play(): Promise<string[]> {
    let said = '';
    for (const block of agentBlocks()) {
      if (block.kind === 'sees') this.#compare(block, said);
      else if (block.kind === 'says') await this.#say(block);
      else if (block.who in AGENTS) await this.#open(block);
      // An install for all users of this machine is not made; the sandbox has what it leaves.
      else if (block.who === 'you') said = await this.#you.type(block.text);
    }
    this.#judge();
    return this.#faults;
  }

  screens(): string {
    const screens = [...this.#terminals].map(([who, terminal]) => `${who}:\n${terminal.screen()}`);
    return [this.#you.said, ...screens].join('\n');
  }

  async close(): Promise<void> {
    for (const terminal of this.#terminals.values()) terminal.close();
    await this.#you.type('signalbox down');
    this.#you.close();
    await this.#model.close();
    this.#box.remove();
  }

  async #open({ who, text }: Block): Promise<void> {
    const box = this.#box;
    const program = AGENTS[who]!;
    const env = { ...box.env(this.#model.url), ...program.env(box, this.#model.url) };
    const socket = box.at(`${who}.sock`);
    const terminal = new Terminal(['bash', '--norc', '+m'], { cwd: box.home, env, socket });
    this.#terminals.set(who, terminal);
    for (const line of text.split('\n')) await terminal.type(line);
    await terminal.sees(program.isReady);
  }

  /** A prompt, typed once the other session is there, as it is for who reads on. */
  async #say({ who, text }: Block): Promise<void> {
    const others = Object.keys(AGENTS).filter(name => name !== who);
    const areThere = async () => {
      const list = await this.#you.type('signalbox peers');
      return others.every(name => list.includes(name));
    };
    await until(areThere, { what: `${others} to be there`, rest: aWhile, looks: 300 });
    this.#prompt = text;
    const terminal = this.#terminals.get(who)!;
    await terminal.type(text);
    await terminal.sees(new RegExp(REPORT));
  }

  #answer(turn: Turn): Answer {
    if (turn.dialect === 'anthropic') return this.#asWeb(turn);
    return this.#asApi(turn);
  }

  #asWeb(turn: Turn): Answer {
    const isOpen = says(turn, QUESTION) && !turn.shown.some(({ role }) => role === 'tool');
    if (!isOpen) return 'ok';
    return claudeCode.tool('reply', { ask: askIn(turn), outcome: 'replied', text: REPLY });
  }

  #asApi(turn: Turn): Answer {
    if (!says(turn, this.#prompt) || says(turn, REPLY) || --this.#calls < 0) return REPORT;
    const ask = askIn(turn);
    if (ask === undefined) return codex.tool('ask', { to: 'web', text: QUESTION });
    return codex.tool('wait_for_reply', { ask });
  }

  /** The README shows lines of what is printed: each is there. */
  #compare({ text }: Block, said: string): void {
    const lines = said.split('\n').map(timeless);
    const lost = text.split('\n').filter(line => !lines.includes(timeless(line)));
    if (lost.length > 0) this.#faults.push(`not printed:\n${lost.join('\n')}\nbut:\n${said}`);
  }

  #judge(): void {
    const of = (dialect: string) => this.#model.turns.filter(turn => turn.dialect === dialect);
    const shown = {
      web: showingOf(of('anthropic'), QUESTION),
      api: showingOf(of('responses'), REPLY),
    };
    for (const [who, { times }] of Object.entries(shown)) {
      if (times !== 1) this.#faults.push(`the model of ${who} was shown it ${times} times`);
    }
    this.#faults.push(...this.#model.faults.map(({ message }) => `the script: ${message}`));
  }
}

function says({ shown }: Turn, text: string): boolean {
  return shown.some(block => block.role !== 'model' && block.text.includes(text));
}

function askIn({ shown }: Turn): string | undefined {
  const texts = shown.filter(({ role }) => role !== 'model').map(({ text }) => text);
  return /\bask_[0-9a-f-]{36}/.exec(texts.join('\n'))?.[0];
}
