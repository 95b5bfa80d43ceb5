// A shell inside the test's process: the real program and a real broker, without a child a verb.
import { Readable, Writable } from 'node:stream';
import { type Command, CommanderError } from 'commander';
import type { Test } from 'tap';
import { plainArguments } from '../../client/cli/argv.js';
import type { World } from '../../client/cli/cli.js';
import { endWith } from '../../client/cli/end.js';
import { makeProgram } from '../../client/cli/program.js';
import { exits } from '../../client/terminal/exit.js';
import type { House } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { PROGRAM, type Run } from './shell.js';

export interface Inside {
  home: string;
  /** Runs one verb to its end, whatever that is; `input` goes to its stdin. */
  run(args: readonly string[], input?: string): Promise<Run>;
  /** Runs one verb that must end well; its stdout. */
  ok(args: readonly string[], input?: string): Promise<string>;
  /** The same with --json, read. */
  json(args: readonly string[], input?: string): Promise<never>;
  /** The rows of a list. */
  rows(args: readonly string[]): Promise<never>;
}

interface Standing {
  /** Beside the address and the token file; what is undefined is taken away. */
  env?: NodeJS.ProcessEnv;
  home?: string;
  directory?: string;
  /** True for somebody at a screen. */
  isTerminal?: boolean;
}

/** Somebody with a home of their own, who was given the address of a broker and its token file. */
export async function inside(
  t: Test,
  { ready }: Pick<House, 'ready'>,
  name: string,
  more: Standing = {},
): Promise<Inside> {
  const home = more.home ?? (await tempDir(t));
  const { directory = home, isTerminal = false } = more;
  const env = {
    SIGNALBOX_AS: name,
    SIGNALBOX_URL: ready.url,
    SIGNALBOX_TOKEN_FILE: ready.token_file,
    ...more.env,
  };
  const program = [process.execPath, PROGRAM] as const;
  const place = { env, program, home, userName: name, directory, isTerminal };
  const run = (args: readonly string[], input?: string) => runIn(place, args, input);
  const ok = async (args: readonly string[], input?: string) => {
    const { code, stdout, stderr } = await run(args, input);
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout;
  };
  const json = async (args: readonly string[], input?: string) =>
    JSON.parse(await ok([...args, '--json'], input)) as never;
  const rows = async (args: readonly string[]) =>
    ((await json(args)) as { rows: unknown }).rows as never;
  return { home, run, ok, json, rows };
}

type Place = Omit<World, 'stdin' | 'stdout' | 'stderr'> & { isTerminal: boolean };

async function runIn(
  { isTerminal, ...place }: Place,
  typed: readonly string[],
  input?: string,
): Promise<Run> {
  const [stdout, stderr] = [new Sink(), new Sink()];
  if (isTerminal) for (const sink of [stdout, stderr]) Object.assign(sink, { isTTY: true });
  const stdin = Readable.from(input === undefined ? [] : [input]);
  const world: World = {
    ...place,
    stdin,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
  };
  const code = await endOf(world, typed);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

async function endOf(world: World, args: readonly string[]): Promise<number> {
  try {
    const program = speakingTo(world, makeProgram(world));
    await program.parseAsync(plainArguments(args), { from: 'user' });
    return exits.ok;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exits.ok;
    return endWith(error, { stderr: world.stderr, env: world.env, json: args.includes('--json') });
  }
}

/** Commander's own words go where the verb's go. */
function speakingTo(world: World, command: Command): Command {
  command.configureOutput({
    writeOut: text => void world.stdout.write(text),
    writeErr: text => void world.stderr.write(text),
  });
  for (const verb of command.commands) speakingTo(world, verb);
  return command;
}

class Sink extends Writable {
  text = '';

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
