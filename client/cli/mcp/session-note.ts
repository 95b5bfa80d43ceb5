// Notes that the hooks of a session leave for what its runtime started: which session it is at.
import { readFileSync, statSync } from 'node:fs';
import { readdir, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { isAlive } from '../hook/session-files.js';

/** What a hook tells of the process that runs it. */
export interface SessionNote {
  session: string;
  /** Who speaks for it. */
  peer?: string;
  /** Where the runtime keeps what is its own, when that is said. */
  home?: string;
}

/** The process of the runtime that has started this one. */
export function hostOf({ CLAUDE_PID = '' }: NodeJS.ProcessEnv): number {
  return /^\d+$/.test(CLAUDE_PID) ? Number(CLAUDE_PID) : process.ppid;
}

/** What tells a process from a later one of the same number; empty where nothing does. */
export function startOf(pid: string | number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in brackets, may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** Notes the session that a runtime's process is at. */
export async function writeNote(room: string, pid: number, note: SessionNote): Promise<void> {
  await writeFile(fileOf(room, pid), JSON.stringify(note), { mode: 0o600 });
}

/**
 * The session that a runtime's process is at; undefined where no hook has said so since a time in
 * ms UTC: a process of before may have had the number.
 */
export function readNote(room: string, pid: number, since: number): SessionNote | undefined {
  const file = fileOf(room, pid);
  try {
    const stats = statSync(file);
    const isRead = stats.isFile() && stats.size <= limits.hook_note_bytes && stats.mtimeMs >= since;
    return isRead ? parsed(readFileSync(file, 'utf8')) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Removes notes of processes that are no more, of a room with many a few at a time. What is young
 * stays: a process of another container may share this room, and its number says nothing here.
 */
export async function dropOldNotes(room: string): Promise<void> {
  const names = (await readdir(room)).filter(name => NOTE.test(name));
  const first = Math.floor(Math.random() * names.length);
  const some = [...names.slice(first), ...names.slice(0, first)].slice(0, limits.hook_notes_items);
  for (const name of some) {
    if (isAlive(Number(NOTE.exec(name)?.[1]))) continue;
    const file = join(room, name);
    const { mtimeMs } = await stat(file);
    if (Date.now() - mtimeMs > limits.hook_notes_ms) await unlink(file);
  }
}

const NOTE = /^_(?:session|process)-(\d+)$/;

function parsed(text: string): SessionNote | undefined {
  const { session, ...more } = Object(JSON.parse(text));
  if (typeof session !== 'string' || session === '') return undefined;
  const [peer, home] = [textOf(more.peer), textOf(more.home)];
  return { session, ...(peer && { peer }), ...(home && { home }) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function fileOf(room: string, pid: number): string {
  return join(room, `_session-${pid}`);
}
