// Values as bytes with a checksum: a file that says something else than was written is found out.
import { crc32 } from 'node:zlib';
import type { Cell } from './sqlite.js';

/** What a file says that is not what was written there. */
export class DamagedIndex extends Error {}

const FIXED_BYTES = 4;

/** The bytes after their CRC-32. */
export function withCheck(body: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(FIXED_BYTES + body.length);
  bytes.writeUInt32LE(crc32(body));
  bytes.set(body, FIXED_BYTES);
  return bytes;
}

/** The inverse of `withCheck`. Throws DamagedIndex. */
export function checked(cell: Cell): Buffer {
  const bytes = Buffer.from(cell as Uint8Array);
  const body = bytes.subarray(FIXED_BYTES);
  if (bytes.length >= FIXED_BYTES && crc32(body) === bytes.readUInt32LE()) return body;
  throw new DamagedIndex('a row is not what was written');
}
