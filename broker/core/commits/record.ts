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

/** One event of a commit at its place, as its bytes and what the header says of them. */
class PlacedEvent {
  readonly position: number;
  readonly #mark: EventMark;

  constructor(position: number, mark: EventMark) {
    this.position = position;
    this.#mark = mark;
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

  /** Decoded anew each time; undefined when its bytes are none that we know. */
  get event(): SignalEvent | undefined {
    return eventOf(this.#mark);
  }
}

/**
 * One event of a commit that is folded now: decoded once, when `event` is first read. Its verdict
 * and changes are written by the fold, once.
 */
export class CommitRecord extends PlacedEvent implements FoldedRecord {
  readonly changes: Change[] = [];
  void?: string;
  receipt: Receipt | undefined = undefined;
  #decoded: SignalEvent | undefined;
  #isDecoded: boolean;

  /** `event` is given when it is known without decoding. */
  constructor(position: number, mark: EventMark, event?: SignalEvent) {
    super(position, mark);
    // What its author made may be of an older version, too, while the log is below the newest.
    this.#decoded = event && isUpcast(event) ? readEvent(event) : event;
    this.#isDecoded = event !== undefined;
  }

  override get event(): SignalEvent | undefined {
    if (!this.#isDecoded) this.#decoded = super.event;
    this.#isDecoded = true;
    return this.#decoded;
  }
}

/** One event of a commit that was folded before, with its verdict and no more. */
export class OldRecord extends PlacedEvent {
  readonly void: string | undefined;

  constructor(position: number, mark: EventMark, reason: string | undefined) {
    super(position, mark);
    this.void = reason;
  }
}

/** The records of a commit read back; none when the bytes are no commit. */
export function recordsOf(
  sequence: number,
  bytes: Uint8Array,
  reasonOf: (position: number) => string | undefined,
  commit: Commit | undefined = decodeCommit(bytes),
): OldRecord[] {
  const first = sequence * limits.commit_positions;
  return (commit?.events ?? []).map((mark, i) => {
    return new OldRecord(first + i, mark, reasonOf(first + i));
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
  const { span, type } = mark;
  const short = span
    ? readPlain(span.source, span.from, span.to, type)
    : readPlain(mark.bytes, 0, mark.bytes.length, type);
  return short ?? unpack(mark.bytes);
}
