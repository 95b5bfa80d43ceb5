// The union of events, and a record: an event with its place and time in the log.
import { askEvents } from './events/ask.js';
import { boardEvents } from './events/board.js';
import { jobEvents } from './events/job.js';
import { leaseEvents } from './events/lease.js';
import { meshEvents } from './events/mesh.js';
import { messageEvents } from './events/message.js';
import { orchestratorEvents } from './events/orchestrator.js';
import { peerEvents } from './events/peer.js';
import { reviewEvents } from './events/review.js';
import type { EventRow, Upcast } from './events/row.js';
import { scheduleEvents } from './events/schedule.js';
import { tokenEvents } from './events/token.js';
import { usageEvents } from './events/usage.js';
import { watchEvents } from './events/watch.js';
import { webhookEvents } from './events/webhook.js';
import { checker, type Fields, type Shaped, wordsChecker } from './shape.js';
import type { IdPrefix } from './uuid.js';

/** The table of events: every fact about a kind of event is read off its row. */
export const events = {
  ...meshEvents,
  ...tokenEvents,
  ...peerEvents,
  ...orchestratorEvents,
  ...askEvents,
  ...messageEvents,
  ...jobEvents,
  ...scheduleEvents,
  ...watchEvents,
  ...reviewEvents,
  ...usageEvents,
  ...webhookEvents,
  ...boardEvents,
  ...leaseEvents,
};

export type EventType = keyof typeof events;
export const eventTypes = Object.keys(events) as EventType[];

/** The methods that propose an event. */
export type ProposingMethod = {
  [T in EventType]: NonNullable<(typeof events)[T]['methods']>[number];
}[EventType];

/** What stands on every event. The gateway sets `by` from the credential, never a client. */
export interface Envelope<T extends EventType = EventType> {
  /** In which version of its kind it was written; what is read has the shape of the newest. */
  v: number;
  id: string;
  type: T;
  /** The peer or token that proposed it, or the boot of the broker that did. */
  by: string;
  token?: string;
  circle: string;
}

export type EventOf<T extends EventType> = Envelope<T> & Shaped<(typeof events)[T]['fields']>;
export type SignalEvent = { [T in EventType]: EventOf<T> }[EventType];

/** An event in the log: its place, its log time, and why it took no effect, if so. */
export interface LogRecord {
  position: number;
  time: number;
  event: SignalEvent;
  void?: string;
}

/** The fields of every event beside its own, as a table; `Envelope` says what they mean. */
export const envelopeFields = {
  v: 'number',
  id: 'string',
  type: 'string',
  by: 'string',
  token: 'string?',
  circle: 'string',
} as const satisfies Fields;

type AnyRow = EventRow<Fields, string, SignalEvent>;
type Check = ReturnType<typeof checker>;

/** What a fold asks of each event's kind, side by side, so that one look-up finds it. */
interface KindFacts {
  row: AnyRow;
  check: Check;
  hasWords: ReturnType<typeof wordsChecker>;
}

const base = checker(envelopeFields);
const kinds = new Map<unknown, KindFacts>(
  eventTypes.map(type => {
    const { fields } = events[type];
    const row = events[type] as AnyRow;
    return [type, { row, check: checker(fields), hasWords: wordsChecker(fields) }];
  }),
);

const NONE: readonly Upcast[] = [];

/**
 * A stored value as an event of the newest version, when it is a known one of a known version with
 * every field of its kind; anything else is undefined, and folds to nothing. An upcast may throw.
 */
export function readEvent(value: unknown): SignalEvent | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  let event = value as Record<string, unknown>;
  const { type, v } = event;
  const kind = kinds.get(type);
  if (kind === undefined || typeof v !== 'number' || !base(event)) return undefined;
  const { upcasts = NONE } = kind.row;
  if (!Number.isInteger(v) || v < 1 || v > upcasts.length + 1) return undefined;
  for (let at = v - 1; at < upcasts.length; at++) event = { ...event, ...upcasts[at]?.from(event) };
  return kind.check(event) ? (event as unknown as SignalEvent) : undefined;
}

/** True for an event of the newest version of a known kind, with every field of it. */
export function isEvent(value: unknown): value is SignalEvent {
  return value !== undefined && readEvent(value) === value;
}

/**
 * True for an event whose stored form has another shape than it is read in: it and its bytes then
 * differ.
 */
export function isUpcast({ type, v }: SignalEvent): boolean {
  return v <= (eventRow(type).upcasts?.length ?? 0);
}

/** The row of a kind with its types widened, for code that treats all kinds alike. */
export function eventRow(type: EventType): AnyRow {
  return kinds.get(type)!.row;
}

/** True for a kind that this program knows; a newer log may hold others. */
export function isEventType(type: string): type is EventType {
  return kinds.has(type);
}

/** A program may be older than the log it reads: of a kind it does not know it tells nothing. */
function rowIfKnown({ type }: { type: string }): AnyRow | undefined {
  return isEventType(type) ? eventRow(type) : undefined;
}

const proposed = Object.fromEntries(
  eventTypes.flatMap(type => (eventRow(type).methods ?? []).map(method => [method, type])),
) as Record<ProposingMethod, EventType>;

/** The one kind of event that a method proposes; a kind may have several methods. */
export function eventOfMethod(method: ProposingMethod): EventType {
  return proposed[method];
}

/** True for a method that changes something, so that it takes a command id. */
export function isProposing(method: string): method is ProposingMethod {
  return Object.hasOwn(proposed, method);
}

/** The things an event is about: what it names, and the threads and messages it touches. */
export function refsOf(event: SignalEvent): readonly string[] {
  return rowIfKnown(event)?.refs?.(event) ?? [];
}

/** The ids of what an event has made that are of a noun. */
export function madeBy(event: SignalEvent, noun: IdPrefix): readonly string[] {
  return rowIfKnown(event)?.makes?.[noun]?.(event) ?? [];
}

/** The kinds of event that make something of a noun. */
export function makersOf(noun: IdPrefix): EventType[] {
  return eventTypes.filter(type => eventRow(type).makes?.[noun] !== undefined);
}

/** True when every enumeration of the event has one of its words; `isEvent` lets any through. */
export function hasKnownWords(event: SignalEvent): boolean {
  return kinds.get(event.type)?.hasWords?.(event as unknown as Record<string, unknown>) ?? true;
}

/**
 * Whom an event comes from or goes to: the author first, which may be a token or a boot, then
 * peers; one may be there twice.
 */
export function peersOf(event: SignalEvent): string[] {
  const peers = [event.by];
  // What was moved went to no peer: on a board to a column, in a forge to another address.
  const isMoved = event.type === 'board.moved' || event.type === 'review.moved';
  if (!isMoved && 'to' in event && event.to !== undefined) peers.push(...[event.to].flat());
  if ('of' in event) peers.push(event.of);
  if ('owner' in event && event.owner !== undefined) peers.push(event.owner);
  if ('peer' in event && event.peer !== undefined) peers.push(event.peer);
  return peers;
}
