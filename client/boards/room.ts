// A board's room on this machine: one mover at a time, and moves that are yet to be recorded.
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { Failure } from '../terminal/exit.js';

/** A move as it will be recorded; `id` is its command's, so that it is recorded once. */
export interface MoveIntent {
  id: string;
  board: string;
  item: string;
  title: string;
  from?: string;
  to: string;
  url?: string;
  ref?: string;
}

/**
 * A write-ahead log: what is about to be moved is noted first and forgotten once it is recorded, so
 * that a mover that is killed between the two is followed by one that records it.
 * https://en.wikipedia.org/wiki/Write-ahead_logging
 */
export class BoardRoom {
  readonly directory: string;

  /** `state` is where this user's state lies; each board has a room of its own in there. */
  constructor(state: string, board: string) {
    const name = createHash('sha256').update(board).digest('hex').slice(0, limits.board_room_chars);
    this.directory = join(state, 'boards', name);
  }

  /** Notes a move that is about to be made. */
  note(intent: MoveIntent): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const draft = join(this.directory, `draft-${process.pid}`);
    writeFileSync(draft, JSON.stringify(intent), { mode: 0o600 });
    renameSync(draft, this.#file(intent.id));
  }

  /** The moves of which nobody knows yet whether they were recorded. */
  noted(): MoveIntent[] {
    const found = namesIn(this.directory).flatMap(name => {
      if (!/^[0-9a-f-]{36}\.json$/.test(name)) return [];
      const intent = readIntent(join(this.directory, name));
      if (intent === undefined) rmSync(join(this.directory, name), { force: true });
      return intent === undefined ? [] : [intent];
    });
    // Ids are made in the order of time.
    return found.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  forget({ id }: MoveIntent): void {
    rmSync(this.#file(id), { force: true });
  }

  /** Does it while nobody else on this machine moves an item of the board. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const until = performance.now() + limits.board_lock_ms;
    while (!this.#lock()) {
      if (performance.now() > until) {
        const message = 'somebody else is moving items of this board';
        throw new Failure('conflict', message, { hint: 'try again in a moment' });
      }
      await sleep(limits.board_lock_look_ms);
    }
    try {
      return await work();
    } finally {
      rmSync(join(this.directory, LOCK), { force: true });
    }
  }

  /** The same, but only where nobody is at work. */
  async aloneNow(work: () => Promise<void>): Promise<void> {
    if (namesIn(this.directory).includes(LOCK) && this.#isHeld()) return;
    await this.alone(work);
  }

  #file(id: string): string {
    return join(this.directory, `${id}.json`);
  }

  /** A link that leads to the number of its process is there whole, or not at all. */
  #lock(): boolean {
    const lock = join(this.directory, LOCK);
    if (made(lock)) return true;
    const holder = this.#holder(LOCK);
    if (this.#isHeld()) return false;
    // Whoever comes first moves it away; who comes second has moved the lock of the first.
    const away = `${LOCK}-${process.pid}`;
    try {
      renameSync(lock, join(this.directory, away));
      if (this.#holder(away) !== holder) {
        renameSync(join(this.directory, away), lock);
        return false;
      }
    } catch {
      return false;
    }
    rmSync(join(this.directory, away), { force: true });
    return made(lock);
  }

  /** After a restart of the machine its number may be that of anybody, so that it must be young. */
  #isHeld(): boolean {
    const { mtimeMs = 0 } = lstatSync(join(this.directory, LOCK), { throwIfNoEntry: false }) ?? {};
    const isYoung = Math.abs(Date.now() - mtimeMs) < limits.board_held_ms;
    return isYoung && isAlive(this.#holder(LOCK));
  }

  #holder(name: string): string {
    try {
      return readlinkSync(join(this.directory, name));
    } catch {
      return '';
    }
  }
}

const LOCK = 'lock';

function made(lock: string): boolean {
  try {
    symlinkSync(String(process.pid), lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(holder: string): boolean {
  const pid = Number(holder);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function readIntent(file: string): MoveIntent | undefined {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as MoveIntent;
    const isWhole = [value.id, value.board, value.item, value.title, value.to].every(
      each => typeof each === 'string',
    );
    return isWhole ? value : undefined;
  } catch {
    return undefined;
  }
}
