// A coding agent in the foreground of this terminal: told who it is, waited for, never cut off.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants } from 'node:os';
import { Failure } from '../../terminal/exit.js';
import { why } from '../../terminal/why.js';
import { withoutAgent } from '../reach/runtime.js';

/** What a session is begun with. */
export interface SessionStart {
  program: string;
  args: readonly string[];
  directory: string;
  name: string;
  circle?: string;
  /** Variables that name the broker; what is undefined is taken away. */
  broker: Readonly<Record<string, string | undefined>>;
}

/** Signals that a terminal sends to both of us: the agent decides what they mean. */
const SHARED = ['SIGINT', 'SIGQUIT'] as const;
/** Those that reach only this process, and are meant for the agent. */
const PASSED = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;
const SIGNAL_EXIT = 128;

/** Runs it to its end; its exit code, as a shell has it. A Failure where it cannot be started. */
export function runSession(session: SessionStart, env: NodeJS.ProcessEnv): Promise<number> {
  const { program, args, directory } = session;
  const child = spawn(program, args, {
    cwd: directory,
    env: sessionEnv(session, env),
    stdio: 'inherit',
  });
  for (const signal of SHARED) process.on(signal, () => {});
  for (const signal of PASSED) process.on(signal, () => void child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', error => {
      reject(new Failure('failed', `cannot start ${program}: ${why(error)}`));
    });
    child.on('exit', (code, signal) => {
      resolve(code ?? SIGNAL_EXIT + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/**
 * It is nobody who this shell is, and no part of an agent whose shell this may be. One start has
 * one id: the first session that claims it is the one that was meant.
 */
function sessionEnv(
  { name, circle, broker, directory }: SessionStart,
  env: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const { SIGNALBOX_PEER, SIGNALBOX_SECRET_FILE, SIGNALBOX_AS, ...given } = withoutAgent(env);
  return {
    ...given,
    ...broker,
    // Some take this word for where they stand, as a shell would have set it.
    PWD: directory,
    SIGNALBOX_SPAWN: `spawn_${randomUUID()}`,
    SIGNALBOX_NAME: name,
    SIGNALBOX_ROLE: 'orchestrator',
    SIGNALBOX_CIRCLE: circle,
  };
}
