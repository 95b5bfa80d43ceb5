// What is kept of each spawn: a folder of its own with one file, written whole at every step.
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import type { RuntimeName } from '../setup/targets.js';
import { replaceFile } from './own-files.js';
import type { SpawnMode } from './programs.js';
import { type ProcessProof, proofIn } from './proof.js';
import type { OwnTree } from './worktree-files.js';

/** What a session is told first. */
export interface Brief {
  kind: 'ask' | 'notify';
  /** Its command, so that it is said once however often it is tried. */
  id: string;
  /** Gone once it was said. */
  text?: string;
  /** The ask or message. */
  ref?: string;
}

/** One session that is, was or was to be started. */
export interface SpawnRecord {
  spawn: string;
  /** When it was asked for, in ms UTC. */
  made_at: number;
  name: string;
  runtime: RuntimeName;
  mode: SpawnMode;
  /** The program's file, and the words of whoever spawned it. */
  program: string;
  args: readonly string[];
  /** Where it works. */
  path: string;
  tree?: OwnTree;
  circle?: string;
  role: string;
  job?: string;
  brief?: Brief;
  /** Where identities of its log lie, and the peer that was made for it. */
  room?: string;
  peer?: string;
  /** The socket of its tmux. */
  socket?: string;
  /** Its first process. */
  root?: ProcessProof;
  /** When its session joined, in ms UTC. */
  joined_at?: number;
  /** Why it did not come about. */
  failed?: string;
  /** It was ended from here. */
  killed?: true;
  /** A removal of its worktree has begun: the files of git that it had. */
  removing?: string;
}

const FILE = 'spawn.json';

/** Where all spawns of this user are kept. */
export function spawnsFolder(state: string): string {
  return join(state, 'spawns');
}

/** Where one is kept. */
export function spawnFolder(state: string, spawn: string): string {
  return join(spawnsFolder(state), spawn);
}

/** Keeps it as it now stands. */
export function keepRecord(state: string, record: SpawnRecord): SpawnRecord {
  replaceFile(join(spawnFolder(state, record.spawn), FILE), JSON.stringify(record));
  return record;
}

/** One by its id; undefined where there is none, or what is there is no record. */
export function readRecord(state: string, spawn: string): SpawnRecord | undefined {
  const file = join(spawnFolder(state, spawn), FILE);
  try {
    if (!lstatSync(file).isFile() || lstatSync(file).size > limits.spawn_file_bytes) return;
    const record = Object(JSON.parse(readFileSync(file, 'utf8')));
    const { name, runtime, mode, program, path, tree } = record;
    const parts = [name, runtime, mode, program, path];
    if (tree !== undefined) {
      const { path: top, branch, main, start, owner } = Object(tree);
      parts.push(top, branch, main, start, owner);
    }
    const isWhole = parts.every(each => typeof each === 'string' && each !== '');
    return isWhole &&
      Array.isArray(record.args) &&
      Number.isFinite(record.made_at) &&
      record.spawn === spawn
      ? record
      : undefined;
  } catch {
    return undefined;
  }
}

/** All of them, the oldest first. */
export function readRecords(state: string): SpawnRecord[] {
  const names = namesIn(spawnsFolder(state)).filter(name => name.startsWith('spawn_'));
  return names.sort().flatMap(name => readRecord(state, name) ?? []);
}

/** Folders of spawns in which no record can be read. */
export function brokenRecords(state: string): string[] {
  const names = namesIn(spawnsFolder(state)).filter(name => name.startsWith('spawn_'));
  return names.filter(name => readRecord(state, name) === undefined);
}

/** Nothing is known of it any more. */
export function dropRecord(state: string, spawn: string): void {
  rmSync(spawnFolder(state, spawn), { recursive: true, force: true });
}

/** True for whoever may start its program: of two that try, the first. */
export function takeStart(folder: string): boolean {
  try {
    mkdirSync(join(folder, 'begun'));
    return true;
  } catch {
    return false;
  }
}

/** Whether somebody has begun to start its program. */
export function hasBegun(folder: string): boolean {
  return lstatSync(join(folder, 'begun'), { throwIfNoEntry: false }) !== undefined;
}

/** Whether that was just now, so that its process may not have noted itself yet. */
export function isBeginning(folder: string): boolean {
  const begun = lstatSync(join(folder, 'begun'), { throwIfNoEntry: false });
  const isNoted = textIn(join(folder, 'pid')) !== '';
  return begun !== undefined && !isNoted && Date.now() - begun.mtimeMs < limits.spawn_end_ms;
}

/** The process that it noted of itself as it began, alive or not; undefined while there is none. */
export function notedProcess(folder: string): ProcessProof | undefined {
  return proofIn(textIn(join(folder, 'pid')));
}

/** How the program of a detached session ended: its exit code, or the signal. */
export function endOf(folder: string): string | undefined {
  return textIn(join(folder, 'end')).trim() || undefined;
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
