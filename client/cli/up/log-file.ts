// The log file of a broker in the background: where it lies, how it stays small, how it is read.
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { Failure } from '../../terminal/exit.js';
import { why } from '../../terminal/why.js';
import { dataDirectory, type UserPaths } from '../reach/paths.js';
import { nameFrom } from '../reach/who.js';

/** Where the broker of a data directory writes while it has no terminal. */
export function brokerLog(paths: UserPaths, mesh: string, dataDir: string): string {
  const isOwn = resolve(dataDir) === resolve(dataDirectory(paths, mesh));
  const hash = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 8);
  const name = isOwn ? mesh : `${nameFrom(basename(dataDir))}-${hash}`;
  return join(paths.state, 'logs', `${name}.log`);
}

/** Opened to be written on at its end, by whoever has it open. Throws a Failure. */
export function openLog(file: string): { handle: number; end: number } {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // A pipe in its place would be waited for without end.
    const { O_APPEND, O_CREAT, O_WRONLY, O_NONBLOCK } = constants;
    const handle = openSync(file, O_APPEND | O_CREAT | O_WRONLY | O_NONBLOCK, 0o600);
    const found = fstatSync(handle);
    if (!found.isFile()) throw new Error('it is no file');
    return { handle, end: found.size };
  } catch (error) {
    throw new Failure('failed', `cannot write the log ${file}: ${why(error)}`, {
      hint: 'make room for it, or set XDG_STATE_HOME to a directory of your own',
    });
  }
}

/**
 * Keeps the file that is this process's stderr within `cli_log_bytes`, about: what was written goes
 * to FILE.1, in the place of what was there. Others may write to the same file, so it stays.
 */
export function keepLogSmall(file: string): void {
  const look = () => {
    try {
      const [mine, named] = [fstatSync(2), statSync(file)];
      // Somebody else may have moved it away, and does this then.
      if (mine.ino !== named.ino || named.size <= limits.cli_log_bytes) return;
      copyFileSync(file, `${file}.1`);
      truncateSync(file);
    } catch {
      // A full disk or a removed directory: the broker has more to do than its log.
    }
  };
  look();
  setInterval(look, limits.cli_log_look_ms).unref();
}

/** Lines as a log has them, each with the time at which it was said (UTC). */
export function stamped(say: (line: string) => void): (line: string) => void {
  return text => {
    const now = new Date().toISOString();
    for (const line of text.split('\n')) say(`${now} ${line}`);
  };
}

const STAMP = /^\d{4}-\d\d-\d\dT[\d:.]+Z /;

/** Such a line without its time. */
export function unstamped(line: string): string {
  return line.replace(STAMP, '');
}

/** Follows a file from a place in it, also when it is cut and begins anew. */
export class LogFileReader {
  readonly #file: string;
  readonly #decoder = new StringDecoder('utf8');
  #at: number;
  #rest = '';

  constructor(file: string, from: number) {
    this.#file = file;
    this.#at = from;
  }

  /** The lines that were written since the last call; none while there is no file. */
  lines(): string[] {
    const lines = (this.#rest + this.#read()).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines;
  }

  /** The same, with a last line that has no end. */
  allLines(): string[] {
    const lines = [...this.lines(), this.#rest];
    this.#rest = '';
    return lines.filter(line => line !== '');
  }

  #read(): string {
    try {
      const handle = openSync(this.#file, constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        const { size } = fstatSync(handle);
        if (size < this.#at) this.#at = 0;
        const bytes = Buffer.alloc(Math.min(size - this.#at, limits.cli_log_read_bytes));
        const read = readSync(handle, bytes, 0, bytes.length, this.#at);
        this.#at += read;
        return this.#decoder.write(bytes.subarray(0, read));
      } finally {
        closeSync(handle);
      }
    } catch {
      return '';
    }
  }
}

/** Where the last lines of a file begin, `count` of them at most; 0 where there is none. */
export function placeOfLast(file: string, count: number): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const from = Math.max(0, size - limits.cli_log_read_bytes);
  const lines = new LogFileReader(file, from).allLines();
  const last = lines.slice(-count);
  const bytes = last.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  return Math.max(0, size - bytes);
}
