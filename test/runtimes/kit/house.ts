// The house of a row: a sandbox with a broker, a runtime wired by setup, a fake model, a sender.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Ready } from '../../../broker/main.js';
import { programs } from '../../../client/cli/check/programs.js';
import { type Client, connect } from '../../../client/index.js';
import { finished, lineFrom, type Run } from '../../cli/shell.js';
import { FakeModel } from '../model/fake-model.js';
import type { Program } from '../programs/program.js';
import { type Headless, runHeadless } from './headless.js';
import { Sandbox } from './sandbox.js';
import { Terminal } from './terminal.js';

/** Who sends everything. */
export const SENDER = 'web';

interface Typed {
  cwd: string;
  /** Whose model is meant; that of the house if left out. */
  program?: Program;
}

export class House {
  readonly program: Program;
  readonly box = new Sandbox();
  readonly model: FakeModel;
  readonly #command: readonly string[];
  #broker: ChildProcess | undefined;
  #port = 0;
  #sender: Client | undefined;
  #folders = 0;
  #terminals = 0;
  #isRewired = false;

  private constructor(program: Program, command: readonly string[], model: FakeModel) {
    this.program = program;
    this.#command = command;
    this.model = model;
  }

  /** Wires the runtime as a user would: its own first run, a broker, `signalbox setup`. */
  static async open(program: Program, command: readonly string[]): Promise<House> {
    const house = new House(program, command, await FakeModel.start());
    try {
      await house.up();
      await house.wire(program, command);
    } catch (error) {
      await house.close();
      throw error;
    }
    return house;
  }

  get sender(): Client {
    if (this.#sender === undefined) throw new Error('no broker has been up');
    return this.#sender;
  }

  /** Starts the broker, again under the same address. */
  async up(): Promise<void> {
    const words = ['up', '--port', String(this.#port), '--json'];
    const child = spawn(this.box.at('bin/signalbox'), words, { env: this.box.env() });
    this.#broker = child;
    child.stderr.resume();
    const ready = JSON.parse(await lineFrom(child, 'stdout', /^\{/)) as Ready;
    this.#port = Number(new URL(ready.url).port);
    if (this.#sender !== undefined) return;
    const credential = readFileSync(ready.token_file, 'utf8').trim();
    this.#sender = await connect({ url: ready.url, credential, join: { name: SENDER } });
  }

  /** Kills the broker, as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** A program as its user leaves it after a first run and `signalbox setup`. */
  async wire(program: Program, command: readonly string[]): Promise<void> {
    program.prepare(this.box, this.model.url);
    this.box.link(programs[program.name].program, command);
    const words = ['setup', program.name, '--allow-tools', ...(program.setup ?? [])];
    const { code, stderr } = await this.cli(...words);
    if (code !== 0) throw new Error(`setup ended with ${code}: ${stderr}`);
  }

  /** Runs one verb as the user. */
  cli(...args: string[]): Promise<Run> {
    const env = this.box.env();
    const child = spawn(this.box.at('bin/signalbox'), args, { env, cwd: this.box.home });
    child.stdin.end();
    return finished(child);
  }

  /** A new work folder that the runtime trusts; its name is that of its sessions. */
  project(word: string): { name: string; folder: string } {
    const name = `${word.replace(/[^a-z]+/g, '-')}-${++this.#folders}`;
    const folder = this.box.project(name);
    this.program.trust(this.box, folder);
    return { name, folder };
  }

  /** Puts a hook of the user's beside ours. */
  addHook(event: string, command: string): void {
    this.#isRewired = true;
    this.program.addHook?.(this.box, event, command);
  }

  /** Gives our hooks so many seconds, instead of what setup wrote. */
  limitHooks(timeout_s: number): void {
    this.#isRewired = true;
    this.program.limitHooks?.(this.box, timeout_s);
  }

  headless(cwd: string, prompt: string, isResumed = false): Headless {
    const isRewired = this.#isRewired;
    const words = this.program.headless({ prompt, isResumed, isRewired });
    return runHeadless([...this.#command, ...words], { cwd, env: this.#env(this.program) });
  }

  terminal(cwd: string): Terminal {
    return this.types([...this.#command, ...this.program.interactive()], { cwd });
  }

  /** What is typed into a new terminal, in which a program finds its model. */
  types(words: readonly string[], { cwd, program = this.program }: Typed): Terminal {
    const socket = this.box.at(`tmux-${++this.#terminals}.sock`);
    return new Terminal(words, { cwd, env: this.#env(program), socket });
  }

  async close(): Promise<void> {
    await this.#sender?.close();
    await this.#end('SIGTERM');
    await this.model.close();
    this.box.remove();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#broker;
    this.#broker = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const gone = once(child, 'close');
    child.kill(signal);
    await gone;
  }

  #env(program: Program): NodeJS.ProcessEnv {
    const { box, model } = this;
    return { ...box.env(model.url), ...program.env(box, model.url) };
  }
}
