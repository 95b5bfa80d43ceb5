// The file of a snapshot: frames one after the other, then their length and SHA-256.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { limits } from '../../schemas/limits.js';
import type { Frame } from '../core/rows/frame.js';
import { syncDirectory } from './data-dir.js';

/** The file is not what was written: cut off, changed, or no snapshot at all. */
export class DamagedSnapshot extends Error {}

/** Before the frames: the format, and the order of bytes of whoever wrote the columns. */
const HEAD = Buffer.from('SBSNAP 1 LE\n', 'latin1');
/** After them: how long the file is, and the SHA-256 of all before that. */
const TAIL_BYTES = 8 + 32;

/** The kinds of a frame's data. */
const TEXT_DATA = 0;
const BINARY_DATA = 1;

/**
 * Writes the frames to a draft (0600) as they come, puts it on the disk, and renames it: under its
 * own name the file is whole. Resolves with its bytes. What went wrong rejects, and leaves nothing.
 */
export async function writeSnapshot(file: string, frames: Iterable<Frame>): Promise<number> {
  const draft = `${file}.draft`;
  await rm(draft, { force: true });
  try {
    const handle = await open(draft, 'wx', 0o600);
    let size = 0;
    try {
      size = await writeFrames(handle, frames);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
    await syncDirectory(dirname(file));
    return size;
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
}

async function writeFrames(handle: FileHandle, frames: Iterable<Frame>): Promise<number> {
  const hash = createHash('sha256');
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let unsynced = 0;
  let size = 0;
  const put = (bytes: Buffer) => {
    hash.update(bytes);
    waiting.push(bytes);
    waitingBytes += bytes.length;
    size += bytes.length;
  };
  const flush = async () => {
    await handle.writev(waiting);
    unsynced += waitingBytes;
    waiting = [];
    waitingBytes = 0;
    if (unsynced < limits.snapshot_sync_bytes) return;
    // All at once would keep the store's own writes waiting.
    await handle.datasync();
    unsynced = 0;
  };
  put(HEAD);
  for (const { name, data } of frames) {
    const bytes = typeof data === 'string' ? Buffer.from(data) : bufferOf(data);
    put(headOf(name, typeof data === 'string' ? TEXT_DATA : BINARY_DATA, bytes.length));
    put(bytes);
    if (waitingBytes >= limits.snapshot_write_bytes) await flush();
  }
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(size + TAIL_BYTES));
  put(length);
  waiting.push(hash.digest());
  await flush();
  return size + 32;
}

/** Name (1 byte of length), kind (1 byte), length of the data (u32, big-endian). */
function headOf(name: string, kind: number, length: number): Buffer {
  const head = Buffer.alloc(6 + name.length);
  head.writeUInt8(name.length, 0);
  head.write(name, 1, 'latin1');
  head.writeUInt8(kind, 1 + name.length);
  head.writeUInt32BE(length, 2 + name.length);
  return head;
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/**
 * Reads a file twice: first whether it is what was written, then its frames. Throws
 * DamagedSnapshot, before any frame is taken, for what is damaged or no file; and as the system.
 */
export async function readSnapshot(file: string, take: (frame: Frame) => void): Promise<void> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(error => {
    if (error.code === 'ELOOP') throw new DamagedSnapshot('it is a link');
    throw error;
  });
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new DamagedSnapshot('it is no file');
    const end = await checked(handle, found.size);
    await readFrames(new Reading(handle, HEAD.length, end), take);
  } finally {
    await handle.close();
  }
}

/** Where the frames end. */
async function checked(handle: FileHandle, size: number): Promise<number> {
  if (size < HEAD.length + TAIL_BYTES) throw new DamagedSnapshot('it is cut off');
  const hash = createHash('sha256');
  const reading = new Reading(handle, 0, size);
  const head = await reading.take(HEAD.length);
  if (!head.equals(HEAD)) throw new DamagedSnapshot('it is none of this format');
  hash.update(head);
  for (let left = size - HEAD.length - TAIL_BYTES; left > 0; ) {
    const bytes = await reading.take(Math.min(left, limits.snapshot_write_bytes));
    hash.update(bytes);
    left -= bytes.length;
  }
  const length = await reading.take(8);
  if (length.readBigUInt64BE() !== BigInt(size)) throw new DamagedSnapshot('it is cut off');
  const sum = hash.update(length).digest();
  if (!sum.equals(await reading.take(32))) throw new DamagedSnapshot('its checksum is wrong');
  return size - TAIL_BYTES;
}

async function readFrames(reading: Reading, take: (frame: Frame) => void): Promise<void> {
  while (!reading.isAtEnd) {
    const name = (await reading.take((await reading.take(1)).readUInt8())).toString('latin1');
    const head = await reading.take(5);
    const bytes = await reading.take(head.readUInt32BE(1));
    take({ name, data: head[0] === TEXT_DATA ? bytes.toString() : bytes });
  }
}

/** Reads a file piece by piece, through one buffer of `limits.snapshot_write_bytes`. */
class Reading {
  readonly #handle: FileHandle;
  readonly #end: number;
  /** Where the next bytes to be read lie in the file. */
  #at: number;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(handle: FileHandle, at: number, end: number) {
    this.#handle = handle;
    this.#at = at;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#buffer.length === 0 && this.#at >= this.#end;
  }

  /** The next so many bytes, which stand until the next call. */
  async take(count: number): Promise<Buffer> {
    if (this.#buffer.length < count) await this.#fill(count);
    const taken = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }

  async #fill(count: number): Promise<void> {
    const missing = count - this.#buffer.length;
    if (missing > this.#end - this.#at) throw new DamagedSnapshot('a frame is cut off');
    const more = Math.max(missing, Math.min(limits.snapshot_write_bytes, this.#end - this.#at));
    const read = Buffer.allocUnsafe(more);
    for (let done = 0; done < more; ) {
      const { bytesRead } = await this.#handle.read(read, done, more - done, this.#at + done);
      if (bytesRead === 0) throw new DamagedSnapshot('it was cut off just now');
      done += bytesRead;
    }
    this.#at += more;
    this.#buffer = this.#buffer.length === 0 ? read : Buffer.concat([this.#buffer, read]);
  }
}
