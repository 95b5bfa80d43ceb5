// A session of a coding agent as its hooks see it: each run in this process, or as a process.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { runHook } from '../../client/cli/hook/run-hook.js';
import { finished } from '../cli/shell.js';
import type { House } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import type { Fields } from '../dsl/raw-client.js';

const PROGRAM = fileURLToPath(new URL('../../client/cli/hook/main.js', import.meta.url));

/** How a hook ended. */
export interface Hooked {
  code: number | null;
  /** What the runtime is told, read; undefined for nothing. */
  output?: Output;
  /** The text for the model; empty for none. */
  text: string;
  stderr: string;
}

interface Output {
  decision?: string;
  reason?: string;
  hookSpecificOutput?: {
    additionalContext?: string;
    watchPaths?: string[];
    decision?: { behavior: string; message?: string };
  };
}

interface SessionOptions {
  runtime?: string;
  session?: string;
  /** The project's folder, which names the peer. */
  folder?: string;
  home?: string;
  env?: NodeJS.ProcessEnv;
  /** What stands behind the runtime on the hook's command line. */
  words?: readonly string[];
}

/** A session whose hooks reach a broker by its address and token file. */
export async function hookedSession(
  t: Test,
  { ready }: Pick<House, 'ready'>,
  {
    runtime = 'claude-code',
    session = 's1',
    folder = 'api',
    words = [],
    ...more
  }: SessionOptions = {},
) {
  const home = more.home ?? (await tempDir(t));
  const env = {
    HOME: home,
    SIGNALBOX_URL: ready.url,
    SIGNALBOX_TOKEN_FILE: ready.token_file,
    ...more.env,
  };
  const stdinOf = (event: string, fields: Fields) => {
    const common = { session_id: session, cwd: join(home, folder), hook_event_name: event };
    return JSON.stringify({ ...common, ...fields });
  };
  return {
    home,
    /** Runs a hook in this process. */
    async hook(event: string, fields: Fields = {}, ended?: AbortSignal): Promise<Hooked> {
      const printed: string[] = [];
      const warned: string[] = [];
      const code = await runHook([runtime, event, ...words], {
        ...(ended && { ended }),
        env,
        home,
        userName: 'ada',
        directory: home,
        stdin: Readable.from([Buffer.from(stdinOf(event, fields))]),
        until_ms: performance.now() + 30_000,
        follow_ms: 30_000,
        print: text => void printed.push(text),
        warn: text => void warned.push(text),
      });
      return hooked(code, printed.join(''), warned.join(''));
    },
    /** Starts a hook as a process, with its stdin written. */
    start(event: string, fields: Fields = {}, other: NodeJS.ProcessEnv = {}) {
      return startHook([runtime, ...words], stdinOf(event, fields), { ...env, ...other });
    },
  };
}

/** Starts the hook program. */
export function startHook(words: readonly string[], stdin: string, env: NodeJS.ProcessEnv) {
  const { PATH } = process.env;
  const child = spawn(process.execPath, [PROGRAM, ...words], { env: { PATH, ...env } });
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  return child;
}

/** How a process that is a hook ended. */
export async function endOf(child: ReturnType<typeof startHook>): Promise<Hooked> {
  const { code, stdout, stderr } = await finished(child);
  return hooked(code, stdout, stderr);
}

function hooked(code: number | null, stdout: string, stderr: string): Hooked {
  const output: Output | undefined = stdout === '' ? undefined : JSON.parse(stdout);
  const text = output?.reason ?? output?.hookSpecificOutput?.additionalContext ?? '';
  return { code, text, stderr, ...(output && { output }) };
}
