// Lazy decoding of one event at its place in the log: only when somebody looks.
import { unpack } from '../../../schemas/codec.js';
import { isEventType, isUpcast, readEvent, type SignalEvent } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import { isCommandId } from '../../../schemas/uuid.js';
import type { Change } from '../change.js';
import type { Receipt } from '../rows/receipt.js';
import { isBrokerType } from '../tokens/authority.js';
import type { FoldedRecord } from '../words.js';
import { type ByteSpan, type Commit, decodeCommit, type EventMark } from './commit-bytes.js';
import { readPlain } from './event-bytes.js';

/**
 * One event of a commit, decoded when `event` is first read: undefined when its bytes are none that
 * we know. Its verdict and changes are written by the fold, once.
 */
export class CommitRecord implements FoldedRecord {
  readonly position: number;
  readonly changes: Change[] = [];
  void?: string;
  receipt: Receipt | undefined = undefined;
  readonly #mark: EventMark;
  #decoded: SignalEvent | undefined;
  #isDecoded: boolean;

  /** `event` is given when it is known without decoding. */
  constructor(position: number, mark: EventMark, event?: SignalEvent) {
    this.position = position;
    this.#mark = mark;
    // What its author made may be of an older version, too, while the log is below the newest.
    this.#decoded = event && isUpcast(event) ? readEvent(event) : event;
    this.#isDecoded = event !== undefined;
  }

  get type(): string {
    return this.#mark.type;
  }

  get circles(): readonly string[] {
    return this.#mark.circles;
  }

  get bytes(): Uint8Array {
    return this.#mark.bytes;
  }

  get span(): ByteSpan | undefined {
    return this.#mark.span;
  }

  get event(): SignalEvent | undefined {
    if (!this.#isDecoded) this.#decoded = eventOf(this.#mark);
    this.#isDecoded = true;
    return this.#decoded;
  }
}

/**
 * The records of a commit read back, with the verdicts that the fold gave them, but without its
 * changes and receipts; none when the bytes are no commit.
 */
export function recordsOf(
  sequence: number,
  bytes: Uint8Array,
  reasonOf: (position: number) => string | undefined,
  commit: Commit | undefined = decodeCommit(bytes),
): CommitRecord[] {
  return (commit?.events ?? []).map((mark, i) => {
    const record = new CommitRecord(sequence * limits.commit_positions + i, mark);
    const reason = reasonOf(record.position);
    if (reason !== undefined) record.void = reason;
    return record;
  });
}

/** The event in its newest version, when the bytes are one and are what the header says. */
export function decodeEvent(bytes: Uint8Array, type: string): SignalEvent | undefined {
  return eventOf({ type, bytes });
}

type Marked = Pick<EventMark, 'type' | 'bytes' | 'span'>;

function eventOf(mark: Marked): SignalEvent | undefined {
  const { type } = mark;
  if (!isEventType(type)) return undefined;
  try {
    const event = readEvent(plainIn(mark));
    if (event?.type !== type) return undefined;
    return isBrokerType(type) || isCommandId(event.id) ? event : undefined;
  } catch {
    return undefined;
  }
}

function plainIn(mark: Marked): unknown {
  const { span } = mark;
  const short = span
    ? readPlain(span.source, span.from, span.to)
    : readPlain(mark.bytes, 0, mark.bytes.length);
  return short ?? unpack(mark.bytes);
}
