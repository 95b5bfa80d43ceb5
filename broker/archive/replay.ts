// Old commits read back from the log, with the times, digests and verdicts the fold gave them.
import { decodeCommit } from '../core/commits/commit-bytes.js';
import { rollDigest } from '../core/commits/hash-chain.js';
import { logTime } from '../core/commits/log-time.js';
import type { HistoryMark } from '../core/commits/marks.js';
import { recordsOf } from '../core/commits/record.js';
import type { Fold } from '../core/fold.js';
import type { FoldedCommit } from '../core/words.js';
import type { Log } from '../log/log.js';

/**
 * From `sequence` to what was folded when the reading began, in order. Reads from `start` on, a
 * place before it where this history is known to have stood; by default from the mark before it.
 */
export async function* replay(
  log: Log,
  fold: Fold,
  sequence: number,
  start: HistoryMark = fold.marks.before(sequence - 1),
): AsyncIterable<FoldedCommit> {
  const last = fold.sequence;
  if (sequence > last) return;
  let { time, digest, sequence: at } = start;
  const reasonOf = (position: number) => fold.voids.reason(position);
  for await (const delivery of log.read(at + 1, last)) {
    digest = rollDigest(digest, delivery.bytes);
    const commit = decodeCommit(delivery.bytes);
    at = delivery.sequence;
    time = logTime(fold.levels.at(at), time, delivery.storedAt, commit);
    if (at < sequence) continue;
    const records = recordsOf(at, delivery.bytes, reasonOf, commit);
    yield { sequence: at, time, digest, bytes: delivery.bytes, records, changes: [] };
  }
}

/**
 * The last sequence whose log time is before `time` (ms UTC). Of the log it reads no more than lies
 * between two marks, and of the end nothing when it is before `time` itself.
 */
export async function sequenceAt(
  log: Pick<Log, 'read'>,
  fold: Fold,
  time: number,
): Promise<number> {
  if (fold.table.time < time) return fold.sequence;
  let { sequence, time: at } = fold.marks.beforeTime(time);
  for await (const { sequence: next, storedAt, bytes } of log.read(sequence + 1, fold.sequence)) {
    at = logTime(fold.levels.at(next), at, storedAt, decodeCommit(bytes));
    if (at >= time) break;
    sequence = next;
  }
  return sequence;
}
