// Restore: an empty data directory filled with the log of a backup, under its id and positions.
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../schemas/limits.js';
import type { ExportReport } from '../core/audit/export-reader.js';
import type { Delivery } from '../core/words.js';
import { makeDataDir, syncDirectory, writeDurably } from '../disk/data-dir.js';
import { acquireDataLock } from '../disk/data-lock.js';
import { type HighWaterMark, markFile, resetHighWater } from '../disk/high-water.js';
import { type FileReading, verifyExportFile } from './export-file.js';
import { sealOf } from './store/block.js';
import { writeMeta } from './store/meta.js';
import { storeOf, streamDir } from './store/places.js';
import { recordBytes } from './store/record.js';
import { isWhole } from './store/whole.js';
import { streamName, streamSubject } from './stream-settings.js';

export interface RestoreRequest extends Pick<FileReading, 'keys'> {
  file: string;
  dataDir: string;
  /** Wall time in ms UTC. */
  now: number;
  onProgress(line: string): void;
}

const FRESH = 'store.restoring';
/** There while a restore is under way: what lies beside it may be thrown away. */
const MARKER = 'restoring';
const NO_HEADERS = new Uint8Array(0);

/**
 * Verifies the whole file first, and what was written last. Rejects with the code
 * `data_unusable` when the directory is not empty, and `backup_unusable` when the file is no
 * backup from the start of a log, or is damaged; the directory is then as it was. One that was
 * killed on the way is begun anew by the next, and no broker starts on what it left.
 */
export async function restoreLog(request: RestoreRequest): Promise<ExportReport> {
  const { file, dataDir, keys = [], onProgress } = request;
  await demandEmpty(dataDir);
  onProgress('verifying the backup');
  const found = await verifyExportFile(file, { keys });
  demandBackup(found);
  await makeDataDir(dataDir);
  const lock = await acquireDataLock(dataDir);
  try {
    await demandEmpty(dataDir);
    await fill(request, found);
  } finally {
    await lock.release();
  }
  return found;
}

async function fill({ file, dataDir, now, onProgress }: RestoreRequest, found: ExportReport) {
  const fresh = join(dataDir, FRESH);
  try {
    await clear(dataDir);
    await writeDurably(join(dataDir, MARKER), `${JSON.stringify({ log: found.log })}\n`);
    const mark = markOf(found);
    // First of all: a broker that is started on half a log knows that it is half of it.
    await resetHighWater(dataDir, mark);
    onProgress('writing the log');
    await writeStore(file, fresh, found, new Date(now).toISOString());
    if (!(await isWhole(fresh, found.mesh ?? '', mark))) {
      throw unusable('what was written of it cannot be read back');
    }
    await rename(fresh, storeOf(dataDir));
    await syncDirectory(dataDir);
    await rm(join(dataDir, MARKER));
  } catch (error) {
    await clear(dataDir).catch(() => {});
    throw error;
  }
}

/** Takes away what a restore makes, and nothing else. */
async function clear(dataDir: string): Promise<void> {
  for (const name of [FRESH, 'store']) {
    await rm(join(dataDir, name), { recursive: true, force: true });
  }
  await rm(markFile(dataDir), { force: true });
  await rm(join(dataDir, MARKER), { force: true });
}

async function demandEmpty(dataDir: string): Promise<void> {
  const names = await readdir(dataDir).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const isUnfinished = names.includes(MARKER) && !names.includes('gateway.id');
  const others = names.filter(name => name !== 'lock' && name !== 'lost+found');
  if (others.length === 0 || isUnfinished) return;
  const message = `${dataDir} is not empty; restore into a directory that is, or is not there`;
  throw Object.assign(new Error(message), { code: 'data_unusable' });
}

function demandBackup({ ok, reason, bad_line, from, format, redacted }: ExportReport): void {
  if (!ok) throw unusable(`${reason}${bad_line === undefined ? '' : ` (line ${bad_line})`}`);
  if (redacted !== undefined || format === 'cloudevents') {
    throw unusable('it has not the bytes of the commits; make one with: signalbox log backup');
  }
  if (from !== 1) throw unusable(`it begins with commit ${from}, not with the first`);
}

function unusable(why: string): Error {
  const message = `The backup cannot be restored: ${why}`;
  return Object.assign(new Error(message), { code: 'backup_unusable' });
}

function markOf({ to = 0, digest = '', events, level = 0 }: ExportReport): HighWaterMark {
  return { sequence: to, digest, events, level };
}

/** The blocks as nats-server writes them, each commit under its sequence and stamp. */
async function writeStore(file: string, store: string, found: ExportReport, created: string) {
  const { mesh = '' } = found;
  const dir = join(streamDir(store, mesh), 'msgs');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await writeMeta(store, mesh, created);
  const blocks = new BlockWriter(dir, mesh);
  try {
    const again = await verifyExportFile(file, {
      onCommit: commit => blocks.add(commit),
      onPiece: () => blocks.flush(),
    });
    await blocks.flush();
    if (!again.ok || again.digest !== found.digest) throw unusable('it changed while it was read');
  } finally {
    await blocks.close();
  }
  await syncDirectory(dir);
}

class BlockWriter {
  readonly #dir: string;
  readonly #mesh: string;
  #number = 0;
  #written = Number.POSITIVE_INFINITY;
  #file: FileHandle | undefined;
  /** Of the block that is written. */
  #seal = sealOf('', 0, '');
  #waiting: Delivery[] = [];

  constructor(dir: string, mesh: string) {
    this.#dir = dir;
    this.#mesh = mesh;
  }

  add(commit: Delivery): void {
    this.#waiting.push(commit);
  }

  async flush(): Promise<void> {
    for (const { sequence, storedAt, bytes } of this.#waiting.splice(0)) {
      if (this.#written >= limits.restore_block_bytes) await this.#next();
      const time = Buffer.alloc(8);
      time.writeBigInt64LE(BigInt(storedAt) * 1_000_000n);
      const record = recordBytes(this.#seal, sequence, { time, headers: NO_HEADERS, data: bytes });
      await this.#file?.writeFile(record);
      this.#written += record.length;
    }
  }

  async close(): Promise<void> {
    await this.#file?.sync();
    await this.#file?.close();
    this.#file = undefined;
  }

  async #next(): Promise<void> {
    await this.close();
    this.#number++;
    this.#written = 0;
    this.#seal = sealOf(streamName(this.#mesh), this.#number, streamSubject(this.#mesh));
    this.#file = await open(join(this.#dir, `${this.#number}.blk`), 'wx', 0o600);
  }
}
