// Old commits read back from the log, with the times, digests and verdicts the fold gave them.
import type { SignalEvent } from '../schemas/event.js';
import { limits } from '../schemas/limits.js';
import type { FoldedCommit, FoldedRecord } from './door.js';
import { decodeEvent, type Fold, logTime, rollDigest } from './fold.js';
import { decodeCommit } from './log/commit-bytes.js';
import type { Delivery, Log } from './log/log.js';

/** From `sequence` to what was folded when the reading began, in order. */
export async function* replay(log: Log, fold: Fold, sequence: number): AsyncIterable<FoldedCommit> {
  const last = fold.sequence;
  if (sequence > last) return;
  let { time, digest, sequence: at } = fold.marks.before(sequence - 1);
  for await (const delivery of log.read(at + 1, last)) {
    digest = rollDigest(digest, delivery.bytes);
    const commit = decodeCommit(delivery.bytes);
    time = logTime(time, delivery.storedAt, commit?.clock);
    at = delivery.sequence;
    if (at < sequence) continue;
    const records = commit === undefined ? [] : recordsOf(fold, delivery, commit.events);
    yield { sequence: at, time, digest, size: delivery.bytes.length, records, changes: [] };
  }
}

/** The last sequence whose log time is before `time` (ms UTC). */
export async function sequenceAt(log: Log, fold: Fold, time: number): Promise<number> {
  const mark = fold.marks.beforeTime(time);
  let sequence = mark.sequence;
  for await (const commit of replay(log, fold, sequence + 1)) {
    if (commit.time >= time) break;
    sequence = commit.sequence;
  }
  return sequence;
}

function recordsOf(
  fold: Fold,
  { sequence }: Delivery,
  events: NonNullable<ReturnType<typeof decodeCommit>>['events'],
): FoldedRecord[] {
  return events.map(({ type, circles, bytes }, i) => {
    const position = sequence * limits.commit_positions + i;
    const reason = fold.voids.reason(position);
    return new OldRecord(position, type, circles, bytes, reason);
  });
}

/** Decodes its event only when somebody looks at it. */
class OldRecord implements FoldedRecord {
  readonly position: number;
  readonly type: string;
  readonly circles: readonly string[];
  readonly bytes: Uint8Array;
  readonly void?: string;
  readonly detail = 0;
  readonly changes = [];
  private decoded: { event: SignalEvent | undefined } | undefined;

  constructor(
    position: number,
    type: string,
    circles: readonly string[],
    bytes: Uint8Array,
    reason: string | undefined,
  ) {
    this.position = position;
    this.type = type;
    this.circles = circles;
    this.bytes = bytes;
    if (reason !== undefined) this.void = reason;
  }

  get event(): SignalEvent | undefined {
    this.decoded ??= { event: decodeEvent(this.bytes, this.type) };
    return this.decoded.event;
  }
}
