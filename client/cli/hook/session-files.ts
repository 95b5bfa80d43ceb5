// What hooks of one session leave for each other: a lock, a count of kept turns, a few marks.
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { HookMoment } from '../../runtimes/adapter.js';
import type { Before } from '../../runtimes/hook-calls.js';

const LOCK = 'open';
const WRITTEN = 'written';
const DESCRIBED = 'described';
const KEPT = /^kept-(\d+)$/;

/** The directory of a peer's hooks in the room of its log. */
export function hooksDirectory(room: string, peer: string): string {
  return join(room, 'hooks', peer);
}

/** The file whose change wakes the idle session of a peer, where its runtime watches one. */
export function signalFile(room: string, peer: string): string {
  return join(hooksDirectory(room, peer), 'signal');
}

/**
 * The files of a session's hooks. Their names are the state, so that a look is one directory read
 * and a change one rename: no file is ever half written. Which mail was handed over is not among
 * them: the broker alone knows that.
 */
export class SessionFiles {
  readonly #dir: string;
  /** What a twin of this hook, run on the same occasion, would have too. */
  readonly #occasion: string;
  #kept = 0;

  constructor(dir: string, occasion: string) {
    this.#dir = dir;
    this.#occasion = occasion;
  }

  /**
   * Takes the session for this hook, and tells what the others left; undefined while another is at
   * work: of two at once the second could take what the first has yet to write for seen. A lock of
   * a hook that is no more stays in doubt until this one has written.
   */
  take(): Before | undefined {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    const isInDoubt = this.#lock();
    if (isInDoubt === undefined) return undefined;
    const names = readdirSync(this.#dir);
    this.#kept = Math.max(0, ...names.map(name => Number(KEPT.exec(name)?.[1] ?? 0)));
    const isWritten = names.includes(WRITTEN);
    const isFresh = isWritten && this.#age(WRITTEN) < limits.hook_fresh_ms;
    const [moment, occasion] = isWritten ? this.#read(WRITTEN).split(' ') : [];
    return {
      kept: this.#kept,
      isInDoubt,
      isFresh,
      isTwin: isFresh && occasion === this.#occasion,
      hasBegunWithMail: moment === 'start',
      isDescribed: names.includes(DESCRIBED),
    };
  }

  /** Whether the lock was taken from a hook that is no more; undefined when it was not taken. */
  #lock(): boolean | undefined {
    if (this.#hold()) return false;
    const holder = this.#holder(LOCK);
    if (isAlive(Number(holder)) && this.#age(LOCK) < limits.hook_open_ms) return undefined;
    // Whoever comes first moves it away; who comes second has moved the lock of the first.
    const away = `${LOCK}-${process.pid}`;
    try {
      renameSync(join(this.#dir, LOCK), join(this.#dir, away));
      if (this.#holder(away) !== holder) {
        renameSync(join(this.#dir, away), join(this.#dir, LOCK));
        return undefined;
      }
    } catch {
      return undefined;
    }
    this.#remove(away);
    return this.#hold() ? true : undefined;
  }

  /** A link that leads to the number of its process is there whole, or not at all. */
  #hold(): boolean {
    return made(() => symlinkSync(String(process.pid), join(this.#dir, LOCK)));
  }

  #holder(name: string): string {
    try {
      return readlinkSync(join(this.#dir, name));
    } catch {
      return '';
    }
  }

  /** The turn is kept going once more. Throws when that cannot be counted: it must not be then. */
  keep(): void {
    const next = join(this.#dir, `kept-${this.#kept + 1}`);
    if (this.#kept === 0) writeFileSync(next, '', { flag: 'wx', mode: 0o600 });
    else renameSync(join(this.#dir, `kept-${this.#kept}`), next);
  }

  /** Another turn has begun. */
  resetKept(): void {
    if (this.#kept > 0) this.#remove(`kept-${this.#kept}`);
  }

  /** What the session does was told. */
  described(): void {
    made(() => writeFileSync(join(this.#dir, DESCRIBED), '', { flag: 'wx', mode: 0o600 }));
  }

  /** At this moment mail was written for the model, or that of the start is about to be shown. */
  wrote(moment: HookMoment): void {
    writeFileSync(join(this.#dir, WRITTEN), `${moment} ${this.#occasion}`, { mode: 0o600 });
  }

  /** Nothing is in doubt: what was handed over is written. */
  release(): void {
    this.#remove(LOCK);
  }

  #read(name: string): string {
    try {
      return readFileSync(join(this.#dir, name), 'utf8');
    } catch {
      return '';
    }
  }

  #age(name: string): number {
    const { mtimeMs } = lstatSync(join(this.#dir, name), { throwIfNoEntry: false }) ?? {};
    return mtimeMs === undefined ? Infinity : Math.abs(Date.now() - mtimeMs);
  }

  #remove(name: string): void {
    // `rmSync` loads what removes whole trees.
    try {
      unlinkSync(join(this.#dir, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** False where it is there already. */
function made(make: () => void): boolean {
  try {
    make();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether a process of this number runs. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
