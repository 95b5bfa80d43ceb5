// Exclusive lock files: a second broker is kept off a data directory, whatever became of the first.
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, stat, truncate, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { processFacts, processLives } from '../system/process-facts.js';

export interface DataLock {
  /** Gives the directory free. Harmless when repeated. */
  release(): Promise<void>;
}

interface Holder {
  pid: number;
  started: string;
  /** The directory of its lock, and which one that is on the disk; earlier versions do not say. */
  room?: string;
  inode?: string;
}

/**
 * Takes the data directory for the process `pid`, or throws naming the living process that has it.
 *
 * The lock is a row of numbered files, each naming a holder; the highest number counts. A turn is
 * taken by linking the next number, which only one process can do, so a dead holder's turn needs
 * no removal and two starters cannot both inherit it. The highest file is never removed.
 * Why `link` is exclusive: https://man7.org/linux/man-pages/man2/open.2.html (O_EXCL)
 */
export async function acquireDataLock(dataDir: string, pid = process.pid): Promise<DataLock> {
  const room = join(dataDir, 'lock');
  await mkdir(room, { recursive: true, mode: 0o700 });
  const claim = await writeClaim(room, pid);
  try {
    const turn = await takeTurn(room, claim, dataDir);
    await sweep(room, turn);
    return lockOn(join(room, `${turn}`));
  } finally {
    await unlink(claim);
  }
}

function lockOn(turn: string): DataLock {
  let released: Promise<void> | undefined;
  return {
    release() {
      released ??= truncate(turn);
      return released;
    },
  };
}

async function takeTurn(room: string, claim: string, dataDir: string): Promise<number> {
  for (;;) {
    const last = (await turns(room)).at(-1) ?? 0;
    const holder = await livingHolder(room, last);
    if (holder !== undefined) {
      throw Object.assign(new Error(heldBy(holder, dataDir)), { code: 'data_locked' });
    }
    if (!(await linked(claim, join(room, `${last + 1}`)))) continue;
    // A number that was swept long ago can be linked again by one who slept; it is not the highest.
    if ((await turns(room)).at(-1) === last + 1) return last + 1;
  }
}

function heldBy(holder: Holder, dataDir: string): string {
  return (
    `the data directory ${dataDir} is in use by another broker (process ${holder.pid}); ` +
    'stop that one with `signalbox down`, or start this one with another directory (--data DIR)'
  );
}

/** Complete and on disk before it is linked, so that a turn never appears half written. */
async function writeClaim(room: string, pid: number): Promise<string> {
  const started = (await processFacts(pid))?.started ?? '';
  const holder: Holder = { pid, started, room: resolve(room), inode: (await inodeOf(room)) ?? '' };
  const path = join(room, `claim-${randomUUID()}`);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify(holder));
    await file.sync();
  } finally {
    await file.close();
  }
  return path;
}

async function turns(room: string): Promise<number[]> {
  const names = await readdir(room);
  const numbers = names.filter(name => /^\d+$/.test(name)).map(Number);
  return numbers.sort((a, b) => a - b);
}

async function livingHolder(room: string, turn: number): Promise<Holder | undefined> {
  const holder = await readHolder(join(room, `${turn}`));
  if (holder === undefined || !(await processLives(holder.pid, holder.started))) return undefined;
  return (await isCopied(holder, room, turn)) ? undefined : holder;
}

/**
 * True when this is a copy of the directory, whose holder still has the original where it was. One
 * made of links shares the very files of the log, and is held with the original.
 */
async function isCopied({ room, inode }: Holder, here: string, turn: number): Promise<boolean> {
  if (room === undefined || inode === (await inodeOf(here))) return false;
  if (inode !== (await inodeOf(room))) return false;
  for (const path of [`${turn}`, ...STORE]) {
    const [ours, theirs] = await Promise.all([here, room].map(dir => inodeOf(join(dir, path))));
    if (ours !== undefined && ours === theirs) return false;
  }
  return true;
}

/** From the directory of the lock: where a link may lead to the store of another. */
const STORE = ['../store', '../store/jetstream', '../store/jetstream/$G/streams'];

function inodeOf(path: string): Promise<string | undefined> {
  return stat(path, { bigint: true }).then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => undefined,
  );
}

/** Undefined for a released turn (an empty file) and for one that a power cut emptied or tore. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const holder = JSON.parse(await readFile(path, 'utf8')) as Partial<Holder> | null;
    if (typeof holder?.pid !== 'number' || typeof holder.started !== 'string') return undefined;
    const { pid, started, room, inode } = holder;
    const isKnown = typeof room === 'string' && typeof inode === 'string' && inode !== '';
    return { pid, started, ...(isKnown && { room, inode }) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function linked(claim: string, turn: string): Promise<boolean> {
  try {
    await link(claim, turn);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Keeps the turn before the newest: a listing made meanwhile must not miss both. */
async function sweep(room: string, newest: number): Promise<void> {
  const old = (await turns(room)).filter(turn => turn < newest - 1);
  await Promise.all(old.map(turn => unlink(join(room, `${turn}`)).catch(() => {})));
}
