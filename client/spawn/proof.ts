// Processes that a spawn started: known by number, start and boot, and by their environment.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientLimits as limits } from '../../schemas/limits-client.js';

/** What tells a process from every other, also from a later one of its number. */
export interface ProcessProof {
  pid: number;
  /** Its start, in ticks of the machine since it came up. */
  start: string;
  /** The run of the machine. */
  boot: string;
}

/** The process of a number as it is now; undefined where it is no more, or nothing can tell. */
export function proofOf(pid: number): ProcessProof | undefined {
  return proofIn(noteOf(pid));
}

/** What a process notes of itself, each on a line: number, `/proc/PID/stat`, run of the machine. */
export function noteOf(pid: number): string {
  return `${pid}\n${textOf(`/proc/${pid}/stat`).trim()}\n${textOf(BOOT).trim()}\n`;
}

/** Where the run of the machine is told. */
export const BOOT = '/proc/sys/kernel/random/boot_id';

/** The process that a note is of; undefined for one that is not whole, which proves nothing. */
export function proofIn(note: string): ProcessProof | undefined {
  const [, pid, stat = '', boot] = /^(\d+)\n(.*)\n([0-9a-f-]+)\n$/s.exec(note) ?? [];
  // The name of the program, in brackets, may hold anything.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const start = fields[at.start];
  if (state === undefined || ['Z', 'X', ''].includes(state) || !start || !boot) return undefined;
  return Number(pid) > 1 ? { pid: Number(pid), start, boot } : undefined;
}

/** Behind the state: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const at = { parent: 0, group: 1, session: 2, start: 18 } as const;

/** True while the very process that was noted lives. */
export function isAlive({ pid, start, boot }: ProcessProof): boolean {
  const now = proofOf(pid);
  return now?.start === start && now.boot === boot;
}

/**
 * True where a process says in its environment that it belongs to a spawn. While a process is busy
 * that reads as empty now and then, which says nothing.
 */
export function bearsSpawn(pid: number, spawn: string): boolean {
  for (let tries = 0; tries < limits.spawn_environ_tries; tries += 1) {
    const said = textOf(`/proc/${pid}/environ`);
    if (said !== '') return said.split('\0').includes(`SIGNALBOX_SPAWN=${spawn}`);
  }
  return false;
}

/** The processes that stand in a folder or below it, or have a file open there. */
export function processesIn(folder: string): number[] {
  const isThere = (link: string) => link === folder || link.startsWith(`${folder}${sep}`);
  return pids().filter(pid => {
    const open = namesIn(`/proc/${pid}/fd`).map(fd => `fd/${fd}`);
    return ['cwd', ...open].some(name => isThere(linkOf(`/proc/${pid}/${name}`)));
  });
}

/** The processes whose words or environment name a folder, as those of a git that works on it. */
export function processesNaming(folder: string): number[] {
  const isNamed = (text: string) =>
    text.split('\0').some(word => word === folder || word.endsWith(`=${folder}`));
  const others = pids().filter(pid => pid !== process.pid);
  return others.filter(pid =>
    ['cmdline', 'environ'].some(file => isNamed(textOf(`/proc/${pid}/${file}`))),
  );
}

/** What a process is called: its command line, in short. */
export function calledOf(pid: number): string {
  const words = textOf(`/proc/${pid}/cmdline`).split('\0').join(' ').trim();
  return words.slice(0, limits.cli_command_chars) || 'a process';
}

/**
 * The processes of a session: what descends from its first one or is in its terminal session, and
 * bears its id. A daemon that it has started and let go, as a broker, is its own.
 */
export function processesOf(spawn: string, root: ProcessProof): ProcessProof[] {
  const all = pids().map(pid => ({ pid, fields: fieldsOf(pid) }));
  const found = new Set([root.pid]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const { pid, fields } of all) {
      const isOf = found.has(Number(fields[at.parent])) || Number(fields[at.session]) === root.pid;
      if (isOf) found.add(pid);
    }
  }
  const others = [...found].filter(pid => pid !== root.pid && pid !== process.pid);
  const own = others.flatMap(pid => proofOf(pid) ?? []).filter(({ pid }) => bearsSpawn(pid, spawn));
  // The first one is proven by its start, whatever became of its environment.
  return [root, ...own].filter(isAlive);
}

/**
 * Ends the processes of a session: asks them to, then kills those that do not. Each is looked at
 * again just before its signal. Those that live on are returned.
 */
export async function endProcesses(
  spawn: string,
  root: ProcessProof,
  waits: { end_ms?: number; kill_ms?: number } = {},
): Promise<ProcessProof[]> {
  const { end_ms = limits.spawn_end_ms, kill_ms = limits.spawn_kill_ms } = waits;
  let living = processesOf(spawn, root);
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    // What they have started meanwhile is of them too, also where its parent is gone.
    living = [...living, ...processesOf(spawn, root)].filter(isAlive);
    for (const proof of living) send(proof, signal);
    const wait_ms = signal === 'SIGTERM' ? end_ms : kill_ms;
    for (let waited = 0; waited < wait_ms; waited += limits.cli_stop_look_ms) {
      living = living.filter(isAlive);
      if (living.length === 0) return [];
      await sleep(limits.cli_stop_look_ms);
    }
  }
  return living.filter(isAlive);
}

function send(proof: ProcessProof, signal: NodeJS.Signals): void {
  if (!isAlive(proof)) return;
  try {
    process.kill(proof.pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

function fieldsOf(pid: number): string[] {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(1);
}

function pids(): number[] {
  return namesIn('/proc').map(Number).filter(Number.isSafeInteger);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
