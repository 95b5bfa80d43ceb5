// Starting from a snapshot: the newest that is whole, of this program and proven by the log.
import { unlink } from 'node:fs/promises';
import { rollDigest } from '../../core/commits/hash-chain.js';
import { BrokenHistory, Fold } from '../../core/fold.js';
import { FoldReader, foldVersion } from '../../core/snapshots/snapshot.js';
import { type HighWaterMark, resetHighWater } from '../../disk/high-water.js';
import { type NamedSnapshot, snapshotName, snapshotsIn } from '../../disk/snapshot-dir.js';
import { readSnapshot } from '../../disk/snapshot-file.js';
import type { Log } from '../../log/log.js';
import { CURE, lostTail } from '../../log/store/survey.js';
import { commitHash, HEAD_FRAME, headIn, type SnapshotHead } from './head.js';

export interface RestoreConfig {
  dataDir: string;
  log: Pick<Log, 'head' | 'read'>;
  /** What was vouched for outside the log: a snapshot before it must lead to it. */
  mark?: { sequence: number; digest: string } | undefined;
  /** None later than this commit is wanted. */
  upTo?: number;
  /** Told of each that is discarded, and why. */
  onWarning(line: string): void;
}

export interface Restored {
  fold: Fold;
  /** When the store took the commit at which it stands, in ms UTC; 0 for an empty one. */
  foldedAt: number;
}

/** A snapshot of this very log is ahead of it: the tail that it was made of is lost. */
export class SnapshotAhead extends BrokenHistory {
  /** What the snapshot proves to have been acknowledged here. */
  readonly mark: HighWaterMark;

  constructor(message: string, mark: HighWaterMark) {
    super(message);
    this.mark = mark;
  }
}

/**
 * It cannot be gone on from: damaged, of another log or program, or not what the log says. Its
 * cause is the system's call that failed, when that is all that is wrong.
 */
class UnfitSnapshot extends Error {}

/**
 * The newest good snapshot as a fold, or an empty one. What is in doubt is removed, and said so: a
 * snapshot is only a cache. Throws SnapshotAhead for one of this log that is ahead of it, since
 * then the log has lost its tail; and whatever the log throws.
 */
export async function restore(config: RestoreConfig): Promise<Restored> {
  const { dataDir, upTo = Number.POSITIVE_INFINITY, onWarning } = config;
  const found = await snapshotsIn(dataDir).catch(error => {
    onWarning(`the snapshots cannot be looked at, and all is replayed: ${error.message}`);
    return [];
  });
  for (const snapshot of found) {
    if (snapshot.sequence > upTo) continue;
    try {
      const { head, fold } = await foldIn(snapshot);
      return { fold, foldedAt: await proven(head, fold, config) };
    } catch (error) {
      if (!(error instanceof UnfitSnapshot)) throw error;
      await discard(snapshot, error, onWarning);
    }
  }
  return { fold: new Fold(), foldedAt: 0 };
}

/**
 * The same for the broker itself, before it has a high-water mark open. A loss that only a snapshot
 * proves is noted in the mark, where accept-loss looks for it.
 */
export async function restoreAtStart(config: RestoreConfig): Promise<Restored> {
  try {
    return await restore(config);
  } catch (error) {
    if (error instanceof SnapshotAhead) await resetHighWater(config.dataDir, error.mark);
    throw error;
  }
}

/** Whatever goes wrong here is about the file. */
async function foldIn({ file, name }: NamedSnapshot): Promise<{ head: SnapshotHead; fold: Fold }> {
  const reader = new FoldReader();
  let head: SnapshotHead | undefined;
  try {
    await readSnapshot(file, frame => {
      // What comes after the head of another version may be of a shape not known here.
      if (head !== undefined) reader.take(frame);
      else head = headOf(frame.name === HEAD_FRAME ? String(frame.data) : '', name);
    });
    if (head === undefined) throw new UnfitSnapshot('it is empty');
    const fold = reader.result();
    const { sequence, digest, table } = fold;
    const isOfHead =
      sequence === head.sequence && table.log.id === head.log && hexOf(digest) === head.digest;
    if (!isOfHead) throw new UnfitSnapshot('its rows are not those of its head');
    return { head, fold };
  } catch (error) {
    if (error instanceof UnfitSnapshot) throw error;
    const { message, syscall } = error as NodeJS.ErrnoException;
    throw new UnfitSnapshot(message, { cause: syscall });
  }
}

function headOf(text: string, name: string): SnapshotHead {
  const head = headIn(text);
  if (head.fold !== foldVersion) {
    throw new UnfitSnapshot(`another version of the broker wrote it (${head.fold})`);
  }
  if (snapshotName(head) !== name) throw new UnfitSnapshot('its name is not of its head');
  return head;
}

/**
 * The commit where it stands must be in the log and give its digest, and the log from there on must
 * come to the digest of the mark. When the store took that commit, in ms UTC.
 */
async function proven(
  head: SnapshotHead,
  fold: Fold,
  { log, mark }: RestoreConfig,
): Promise<number> {
  const { sequence } = head;
  const end = await log.head();
  if (end < sequence) await demandForeign(head, fold, log, end);
  let storedAt = 0;
  let digest: Uint8Array = Buffer.from(head.before, 'hex');
  const last = Math.max(sequence, Math.min(mark?.sequence ?? 0, end));
  for await (const delivery of log.read(sequence, last)) {
    digest = rollDigest(digest, delivery.bytes);
    if (delivery.sequence === sequence) {
      if (hexOf(digest) !== head.digest) throw new UnfitSnapshot('it is of another log');
      storedAt = delivery.storedAt;
    }
    if (delivery.sequence === mark?.sequence && hexOf(digest) !== mark.digest) {
      throw new UnfitSnapshot('it does not lead to what was acknowledged');
    }
  }
  return storedAt;
}

/** Returns never: what is ahead of its own log proves a loss, what is of another is of no use. */
async function demandForeign(
  head: SnapshotHead,
  { events, table }: Fold,
  log: RestoreConfig['log'],
  end: number,
) {
  const { sequence, digest } = head;
  for await (const { bytes } of log.read(1, 1)) {
    if (commitHash(bytes) !== head.first) throw new UnfitSnapshot('it is of another log');
  }
  const mark = { sequence, digest, events, level: table.log.level };
  throw new SnapshotAhead(`${lostTail(end, sequence)} ${CURE}`, mark);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Removes it, unless it only could not be read just now. */
async function discard(
  { file, name }: NamedSnapshot,
  { message, cause }: UnfitSnapshot,
  onWarning: RestoreConfig['onWarning'],
): Promise<void> {
  onWarning(`the snapshot ${name} is not used: ${message}`);
  if (cause !== undefined) return;
  await unlink(file).catch(error => onWarning(`it could not be removed: ${error.message}`));
}
