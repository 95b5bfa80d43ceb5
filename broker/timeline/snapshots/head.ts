// The head of a snapshot: which log it is of, and what proves that the log still is that one.
import { createHash } from 'node:crypto';
import type { SnapshotAddress } from '../../disk/snapshot-dir.js';

export interface SnapshotHead extends SnapshotAddress {
  /** Of the program that wrote it: another one's is not gone on from. */
  fold: string;
  /** SHA-256 of the bytes of the first commit, hex: which log it is, whatever became of its end. */
  first: string;
  /** The digest before the commit at `sequence`, hex: with its bytes it gives `digest`. */
  before: string;
}

/** The name of the first frame. */
export const HEAD_FRAME = 'head';

/** Throws for what is no head. */
export function headIn(text: string): SnapshotHead {
  const head = JSON.parse(text) as SnapshotHead;
  const { log, digest, fold, first, before, sequence } = head;
  const isWhole = [log, digest, fold, first, before].every(said => typeof said === 'string');
  if (!isWhole || !Number.isSafeInteger(sequence)) throw new Error('its head is not whole');
  return head;
}

/** How a head names a commit's bytes. */
export function commitHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
