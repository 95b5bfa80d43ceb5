// Old commits read back from the log, with the times, digests and verdicts the fold gave them.

import { limits } from '../../schemas/limits.js';
import { type Commit, decodeCommit } from '../core/commits/commit-bytes.js';
import { LazyDigest } from '../core/commits/hash-chain.js';
import { logTime } from '../core/commits/log-time.js';
import type { HistoryMark } from '../core/commits/marks.js';
import { type OldRecord, recordsOf } from '../core/commits/record.js';
import { isWaypoint } from '../core/commits/waypoints.js';
import type { Fold } from '../core/fold.js';
import type { OldCommit } from '../core/words.js';
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
): AsyncIterable<OldCommit> {
  const last = fold.sequence;
  if (sequence > last) return;
  const { waypoints } = fold.marks;
  let { time, sequence: at } = start;
  let digest = LazyDigest.known(start.digest);
  for await (const { sequence: next, storedAt, bytes } of log.read(at + 1, last)) {
    at = next;
    const known = waypoints.at(at);
    digest = known ? LazyDigest.known(known) : digest.next(bytes);
    // Reckoned here and there, so that little is held until somebody asks.
    if (!known && (isWaypoint(at) || digest.waiting > limits.write_bytes)) {
      waypoints.note(at, digest.value);
      digest = LazyDigest.known(digest.value);
    }
    const commit = decodeCommit(bytes);
    time = logTime(fold.levels.at(at), time, storedAt, commit);
    if (at >= sequence) yield new ReadBack({ sequence: at, time, bytes }, digest, commit, fold);
  }
}

type Read = Pick<OldCommit, 'sequence' | 'time' | 'bytes'>;

class ReadBack implements OldCommit {
  readonly sequence: number;
  readonly time: number;
  readonly bytes: Uint8Array;
  readonly #digest: LazyDigest;
  readonly #commit: Commit | undefined;
  readonly #fold: Fold;

  constructor(
    { sequence, time, bytes }: Read,
    digest: LazyDigest,
    commit: Commit | undefined,
    fold: Fold,
  ) {
    this.sequence = sequence;
    this.time = time;
    this.bytes = bytes;
    this.#digest = digest;
    this.#commit = commit;
    this.#fold = fold;
  }

  get digest(): Uint8Array {
    return this.#digest.value;
  }

  get records(): OldRecord[] {
    const { sequence, bytes } = this;
    const { voids } = this.#fold;
    const first = sequence * limits.commit_positions;
    const isVoid = voids.isAnyIn(first, first + limits.commit_positions);
    const reasonOf = isVoid ? (position: number) => voids.reason(position) : noReason;
    return recordsOf(sequence, bytes, reasonOf, this.#commit);
  }
}

function noReason(): undefined {
  return undefined;
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
