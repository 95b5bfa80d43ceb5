// One run of an agent without a terminal: a process group of its own, ended as one.
import { spawn } from 'node:child_process';
import { finished, type Run } from '../../cli/shell.js';

/** A run under way. */
export interface Headless {
  ended: Promise<Run>;
  /** Kills it and all that it has started. */
  kill(): void;
}

export function runHeadless(
  words: readonly string[],
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): Headless {
  const [file = '', ...args] = words;
  const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nobody of the group is left.
    }
  };
  return { ended: finished(child).finally(kill), kill };
}
