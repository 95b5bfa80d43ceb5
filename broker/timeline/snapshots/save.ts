// Writing a fold to disk as a snapshot, under the name of what it is of.
import { join } from 'node:path';
import type { Fold } from '../../core/fold.js';
import type { Frame } from '../../core/rows/frame.js';
import { foldFrames, foldVersion } from '../../core/snapshots/snapshot.js';
import { keepSnapshots, snapshotDir, snapshotName } from '../../disk/snapshot-dir.js';
import { writeSnapshot } from '../../disk/snapshot-file.js';
import { HEAD_FRAME, type SnapshotHead } from './head.js';

export interface Saving {
  dataDir: string;
  /** Not folded on before this is done. */
  fold: Fold;
  /** The digest before its newest commit. */
  before: Uint8Array;
  /** SHA-256 of the log's first commit, hex. */
  first: string;
  /** Of the program that writes it; by default this one's. */
  version?: string;
}

/** Resolves with the bytes of the file, once it is on disk; the oldest of several are removed. */
export async function saveSnapshot(saving: Saving): Promise<number> {
  const { dataDir, fold, before, first, version = foldVersion } = saving;
  const head = {
    fold: version,
    log: fold.table.log.id,
    sequence: fold.sequence,
    digest: Buffer.from(fold.digest).toString('hex'),
    first,
    before: Buffer.from(before).toString('hex'),
  };
  const name = snapshotName(head);
  const bytes = await writeSnapshot(join(snapshotDir(dataDir), name), framesOf(head, fold));
  await keepSnapshots(dataDir, name);
  return bytes;
}

function* framesOf(head: SnapshotHead, fold: Fold): Generator<Frame> {
  yield { name: HEAD_FRAME, data: JSON.stringify(head) };
  yield* foldFrames(fold);
}
