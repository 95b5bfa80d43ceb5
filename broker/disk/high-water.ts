// The high-water mark beside the store: what was acknowledged last, so that a loss is noticed.
import { hash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../schemas/limits.js';
import { readIfThere, writeDurably } from './data-dir.js';

export interface HighWaterMark {
  sequence: number;
  /** The rolling digest there, hex. */
  digest: string;
  /** How many events the log held; marks of earlier versions do not say. */
  events?: number;
  /** The level of the log's rules. */
  level?: number;
}

/** What the mark said cannot be had. */
export class DamagedMark extends Error {}

/** The mark of a log without a commit. */
export const NOTHING_YET: HighWaterMark = { sequence: 0, digest: '0'.repeat(64), events: 0 };

/** Where the mark of a data directory lies. */
export const markFile = (dataDir: string) => join(dataDir, 'high-water.json');

/** Undefined when there is no file. */
export async function readHighWater(dataDir: string): Promise<HighWaterMark | undefined> {
  const text = await readIfThere(markFile(dataDir)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES' || error.code === 'EPERM') throw error;
    throw new DamagedMark(`high-water.json in ${dataDir} cannot be read (${error.code}).`);
  });
  if (text === undefined) return undefined;
  const mark = markIn(text);
  if (mark === undefined) throw new DamagedMark(`high-water.json in ${dataDir} is damaged.`);
  return mark;
}

/** Writes a mark in the place of all that was there, on disk before this returns. */
export async function resetHighWater(dataDir: string, mark: HighWaterMark): Promise<void> {
  await writeDurably(markFile(dataDir), lineOf(mark));
}

/**
 * Follows the log: each commit is noted before anybody is told of it.
 * https://martinfowler.com/articles/patterns-of-distributed-systems/high-watermark.html
 */
export class HighWater {
  readonly #file: FileHandle;
  readonly #timer: NodeJS.Timeout;
  readonly #warn: (line: string) => void;
  #writes = 0;
  #syncing: Promise<void> | undefined;
  #synced = 0;
  #lastTrouble = '';

  private constructor(file: FileHandle, warn: (line: string) => void) {
    this.#file = file;
    this.#warn = warn;
    this.#timer = setInterval(() => this.#sync(), limits.high_water_every_ms);
  }

  static async open(dataDir: string, mark: HighWaterMark, warn: (line: string) => void) {
    await resetHighWater(dataDir, mark);
    return new HighWater(await open(markFile(dataDir), 'r+'), warn);
  }

  /**
   * In the system's hands when this returns, so that killed processes lose nothing of it; on disk
   * within half a second. Written over in its place, which a full disk allows, and within one
   * sector, which no power cut tears.
   */
  note(mark: HighWaterMark): void {
    this.#try(() => writeSync(this.#file.fd, lineOf(mark), 0));
    this.#writes++;
  }

  async close(mark: HighWaterMark): Promise<void> {
    clearInterval(this.#timer);
    this.note(mark);
    await this.#syncing;
    await this.#sync();
    await this.#file.close();
  }

  #sync(): Promise<void> {
    if (this.#synced === this.#writes) return Promise.resolve();
    const upTo = this.#writes;
    this.#syncing ??= this.#file
      .datasync()
      .then(
        () => {
          this.#synced = upTo;
        },
        error => this.#tell(error),
      )
      .finally(() => {
        this.#syncing = undefined;
      });
    return this.#syncing;
  }

  #try(write: () => void): void {
    try {
      write();
      this.#lastTrouble = '';
    } catch (error) {
      this.#tell(error as Error);
    }
  }

  #tell({ message }: Error): void {
    if (message !== this.#lastTrouble)
      this.#warn(`the high-water mark was not written: ${message}`);
    this.#lastTrouble = message;
  }
}

/** Always of one length: each covers the one before. */
function lineOf(mark: HighWaterMark): string {
  const text = JSON.stringify(mark);
  const line = `${text.slice(0, -1)},"check":"${checkOf(text)}"}`;
  return `${line.padEnd(limits.high_water_bytes - 1)}\n`;
}

function markIn(line: string): HighWaterMark | undefined {
  try {
    const { check, ...mark } = JSON.parse(line);
    // Marks of earlier versions stand without a check.
    if (check !== undefined && check !== checkOf(JSON.stringify(mark))) return undefined;
    const { sequence, digest, events, level } = mark;
    if (!Number.isSafeInteger(sequence) || sequence < 0) return undefined;
    if (!/^[0-9a-f]{64}$/.test(digest)) return undefined;
    return {
      sequence,
      digest,
      ...(Number.isSafeInteger(events) && { events }),
      ...(Number.isSafeInteger(level) && { level }),
    };
  } catch {
    return undefined;
  }
}

function checkOf(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 16);
}
