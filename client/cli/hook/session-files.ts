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
import { dirname, join } from 'node:path';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { HookMoment } from '../../runtimes/adapter.js';
import type { Before } from '../../runtimes/hook-calls.js';

const LOCK = 'open';
const WRITTEN = 'written';
const DESCRIBED = 'described';
const WAKER = 'waker';
const AGAIN = 'again';
const ASKING = 'asking';
const KEPT = /^kept-(\d+)$/;
const TOLD = /^can-(\w+)$/;

/** The directory of a peer's hooks in the room of its log. */
export function hooksDirectory(room: string, peer: string): string {
  return join(room, 'hooks', peer);
}

/** The file whose change wakes the idle session of a peer, where its runtime watches one. */
export function signalFile(room: string, peer: string): string {
  return join(hooksDirectory(room, peer), 'signal');
}

/** Writes the signal; `again` where it is for mail that was handed over and never seen. */
export function writeSignal(room: string, peer: string, again: boolean): void {
  const file = signalFile(room, peer);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // What lies there instead is not ours: a link would lead to another's file, a pipe has no end.
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() === false) removed(file);
  writeFileSync(file, `${again ? AGAIN : 'mail'} ${Date.now()}\n`, { mode: 0o600 });
}

/** What the signal was written for. */
export function saysAgain(file: string): boolean {
  return textOf(file).startsWith(AGAIN);
}

/** True where a hook of the session has said a moment ago what it can do. */
export function isHooked(room: string, peer: string): boolean {
  return toldFiles(room, peer).some(file => ageOf(file) < limits.wake_hooked_ms);
}

/** Whether hooks have served the session at all: then they prove what it has seen. */
export function hasHooks(room: string, peer: string): boolean {
  return toldFiles(room, peer).length > 0;
}

/** The next hook of the session says again what it can do. */
export function forgetTold(room: string, peer: string): void {
  for (const file of toldFiles(room, peer)) removed(file);
}

function toldFiles(room: string, peer: string): string[] {
  const dir = hooksDirectory(room, peer);
  return namesIn(dir)
    .filter(name => TOLD.test(name))
    .map(name => join(dir, name));
}

/** Notes that the idle session of a peer can be woken by a command of its runtime, or no more. */
export function noteWaker(room: string, peer: string, isThere: boolean): void {
  const dir = hooksDirectory(room, peer);
  if (!isThere) removed(join(dir, WAKER));
  else {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    writeFileSync(join(dir, WAKER), String(process.pid), { mode: 0o600 });
  }
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
  #told: string | undefined;

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
    this.#told = names.map(name => TOLD.exec(name)?.[1]).find(code => code !== undefined);
    this.#kept = Math.max(0, ...names.map(name => Number(KEPT.exec(name)?.[1] ?? 0)));
    const isWritten = names.includes(WRITTEN);
    const isFresh = isWritten && this.#age(WRITTEN) < limits.hook_fresh_ms;
    const [moment, occasion] = isWritten ? this.#read(WRITTEN).split(' ') : [];
    return {
      kept: this.#kept,
      isInDoubt,
      isFresh,
      isFromStop: moment === 'stop',
      isTwin: isFresh && occasion === this.#occasion,
      hasBegunWithMail: moment === 'start',
      isDescribed: this.#age(DESCRIBED) < limits.hook_description_s * 1_000,
      isAsking: names.includes(ASKING),
      hasWaker: names.includes(WAKER) && isAlive(Number(this.#read(WAKER))),
      told: this.#told,
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
    writeFileSync(join(this.#dir, DESCRIBED), '', { mode: 0o600 });
  }

  /** Its user is asked something. */
  ask(): void {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    writeFileSync(join(this.#dir, ASKING), '', { mode: 0o600 });
  }

  /** Its user has answered, or has gone on. */
  answered(): void {
    this.#remove(ASKING);
  }

  /** What the session can do was told, as this code. */
  tell(code: string): void {
    const next = join(this.#dir, `can-${code}`);
    if (this.#told !== undefined && this.#told !== code) this.#remove(`can-${this.#told}`);
    writeFileSync(next, '', { mode: 0o600 });
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
    return textOf(join(this.#dir, name));
  }

  #age(name: string): number {
    return ageOf(join(this.#dir, name));
  }

  #remove(name: string): void {
    removed(join(this.#dir, name));
  }
}

/** `rmSync` loads what removes whole trees. */
function removed(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function ageOf(file: string): number {
  const { mtimeMs } = lstatSync(file, { throwIfNoEntry: false }) ?? {};
  return mtimeMs === undefined ? Infinity : Math.abs(Date.now() - mtimeMs);
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
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
