// Sessions of agents for tests: `signalbox mcp` in this process, over pipes of its own.
import { PassThrough } from 'node:stream';
import type { Test } from 'tap';
import { makeProgram } from '../../client/cli/program.js';
import { PROGRAM } from '../cli/shell.js';
import type { House } from '../dsl/live-broker.js';
import { type McpClient, mcpClient } from '../dsl/mcp-client.js';
import { tempDir } from '../dsl/nats.js';

export interface Wanted {
  args?: readonly string[];
  env?: NodeJS.ProcessEnv;
  home?: string;
  directory?: string;
}

export interface Session extends McpClient {
  home: string;
  /** What went to stderr. */
  said(): string;
  /** Resolves when the verb has ended. */
  ended: Promise<void>;
}

/** The verb mcp of somebody with a home of their own; no hands are shaken yet. */
export async function session(
  t: Test,
  { ready }: Pick<House, 'ready'>,
  { args = [], env = {}, home, directory }: Wanted = {},
): Promise<Session> {
  const place = home ?? (await tempDir(t));
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const chunks: string[] = [];
  stderr.setEncoding('utf8').on('data', chunk => chunks.push(chunk));
  const program = makeProgram({
    env: { SIGNALBOX_URL: ready.url, SIGNALBOX_TOKEN_FILE: ready.token_file, ...env },
    program: [process.execPath, PROGRAM],
    home: place,
    userName: 'someone',
    directory: directory ?? place,
    stdin,
    stdout: stdout as never,
    stderr: stderr as never,
  });
  const ended = program.parseAsync(['mcp', ...args], { from: 'user' }).then(() => {});
  const client = mcpClient(stdin, stdout);
  t.teardown(async () => {
    client.end();
    await ended;
  });
  return { ...client, home: place, ended, said: () => chunks.join('') };
}

/** The same under a name, hands shaken. */
export async function agent(t: Test, house: Pick<House, 'ready'>, name: string): Promise<Session> {
  const one = await session(t, house, { args: ['--name', name] });
  await one.shake();
  return one;
}
