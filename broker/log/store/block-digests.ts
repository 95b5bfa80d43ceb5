// Checksums of whole blocks: what an earlier check of the store read record by record, all good.
import { createHash, webcrypto } from 'node:crypto';
import { join } from 'node:path';
import { readIfThere, writeDurably } from '../../disk/data-dir.js';

/** The beginning of a block file, as it was when each of its records was checked. */
export interface BlockDigest {
  number: number;
  /** How far it was checked; the newest block grows on. */
  bytes: number;
  /** The sequences of the commits before and at its end. */
  from: number;
  last: number;
  /** SHA-256 of these bytes, hex. */
  digest: string;
}

export type KnownBlocks = ReadonlyMap<number, BlockDigest>;

const fileOf = (dataDir: string) => join(dataDir, 'checked-blocks.json');

/** By their numbers; none when there is no such file, or it is damaged or of another mesh. */
export async function readBlockDigests(dataDir: string, mesh: string): Promise<KnownBlocks> {
  const text = await readIfThere(fileOf(dataDir)).catch(() => undefined);
  try {
    const { check, ...said } = JSON.parse(text ?? '');
    if (check !== checkOf(said) || said.mesh !== mesh) return new Map();
    const blocks: BlockDigest[] = said.blocks;
    return new Map(blocks.map(block => [block.number, block]));
  } catch {
    return new Map();
  }
}

/** In place of what was there, on disk when this returns. Rejects as the system does. */
export async function writeBlockDigests(
  dataDir: string,
  mesh: string,
  blocks: readonly BlockDigest[],
): Promise<void> {
  const said = { mesh, blocks };
  await writeDurably(fileOf(dataDir), `${JSON.stringify({ ...said, check: checkOf(said) })}\n`);
}

/** SHA-256, hex; reckoned beside the caller's thread. */
export async function digestOf(bytes: Uint8Array): Promise<string> {
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex');
}

function checkOf(said: object): string {
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}
