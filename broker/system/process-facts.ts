// What the operating system says of a process: since when it lives, what it runs, how to end it.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { limits } from '../../schemas/limits.js';
import { childEnv } from './child-env.js';

export interface ProcessFacts {
  /** Differs between two processes that bore the same pid, also across a reboot. */
  started: string;
  /** The arguments joined by blanks. */
  command: string;
  /** Changes whenever the process has computed something. */
  cpu: string;
}

/** The facts of a living process, undefined when there is none (a zombie counts as none). */
export function processFacts(
  pid: number,
  platform = process.platform,
): Promise<ProcessFacts | undefined> {
  return platform === 'linux' ? factsFromProc(pid) : factsFromPs(pid);
}

/** Who runs any program with just these arguments, where the system lists that as files. */
export async function processesWith(args: readonly string[]): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name));
  const wanted = `${args.join('\0')}\0`;
  const looks = pids.map(async pid => {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return command.slice(command.indexOf('\0') + 1) === wanted ? [Number(pid)] : [];
  });
  return (await Promise.all(looks)).flat();
}

/** True while the very process that bore `pid` at `started` lives. */
export async function processLives(pid: number, started: string): Promise<boolean> {
  return (await processFacts(pid))?.started === started;
}

/** Ends that very process: asks, and kills when it has not obeyed in `graceMs`. Else throws. */
export async function endProcess(pid: number, started: string, graceMs: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (let waited = 0; waited <= graceMs; waited += limits.process_look_ms) {
      if (!(await processLives(pid, started))) return;
      if (waited === 0) signalProcess(pid, signal);
      await sleep(limits.process_look_ms);
    }
  }
  throw new Error(`process ${pid} cannot be killed; end it by hand and start again`);
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It may have gone since we looked.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function factsFromProc(pid: number): Promise<ProcessFacts | undefined> {
  const [boot, stat, command] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readFile(`/proc/${pid}/stat`, 'utf8').catch(undefinedIfGone),
    readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
  ]);
  if (stat === undefined) return undefined;
  // The second field is the program's name in brackets and may hold blanks and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return {
    started: `${boot.trim()} ${fields[19]}`,
    command: command.split('\0').join(' ').trimEnd(),
    cpu: `${fields[11]} ${fields[12]}`,
  };
}

/** Only a process that is not there is gone; one that cannot be looked at just now may live. */
function undefinedIfGone(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined;
  throw error;
}

async function factsFromPs(pid: number): Promise<ProcessFacts | undefined> {
  const columns = ['lstart=', 'stat=', 'time=', 'command='].flatMap(column => ['-o', column]);
  const env = { ...childEnv(process.env), LC_ALL: 'C', TZ: 'UTC' };
  const said = await promisify(execFile)('ps', ['-ww', ...columns, '-p', String(pid)], { env })
    .then(output => output.stdout.trim())
    .catch(() => '');
  const match = /^(\w+\s+\w+\s+\d+\s+[\d:]+\s+\d+)\s+(\S+)\s+(\S+)\s+(.*)$/.exec(said);
  if (match === null || match[2]!.startsWith('Z')) return undefined;
  return { started: match[1]!, command: match[4]!, cpu: match[3]! };
}
