// The union of events, and a record: an event with its place and time in the log.
import { askEvents } from './ask.js';
import { jobEvents } from './job.js';
import { meshEvents } from './mesh.js';
import { messageEvents } from './message.js';
import { peerEvents } from './peer.js';
import { reviewEvents } from './review.js';
import { scheduleEvents } from './schedule.js';
import { checker, type Fields, type Shaped } from './shape.js';
import { tokenEvents } from './token.js';
import { usageEvents } from './usage.js';

export const eventFields = {
  ...meshEvents,
  ...tokenEvents,
  ...peerEvents,
  ...askEvents,
  ...messageEvents,
  ...jobEvents,
  ...scheduleEvents,
  ...reviewEvents,
  ...usageEvents,
} as const satisfies Record<string, Fields>;

export type EventType = keyof typeof eventFields;
export const eventTypes = Object.keys(eventFields) as EventType[];

/** What stands on every event. The gateway sets `by` from the credential, never a client. */
export interface Envelope<T extends EventType = EventType> {
  v: 1;
  id: string;
  type: T;
  /** The peer or token that proposed it, or the boot of the broker that did. */
  by: string;
  token?: string;
  circle: string;
}

export type EventOf<T extends EventType> = Envelope<T> & Shaped<(typeof eventFields)[T]>;
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

const base = checker(envelopeFields);
const checks = new Map<unknown, (value: Record<string, unknown>) => boolean>(
  eventTypes.map(type => [type, checker(eventFields[type])]),
);

/** True for a known event with every field of its kind; anything else folds to nothing. */
export function isEvent(value: unknown): value is SignalEvent {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  const check = checks.get(fields.type);
  return check !== undefined && fields.v === 1 && base(fields) && check(fields);
}

/** The things an event is about: what it names, and the threads and messages it touches. */
export function refsOf(event: SignalEvent): string[] {
  switch (event.type) {
    case 'ask.opened':
      return event.reply_to ? [event.ask, event.reply_to] : [event.ask];
    case 'ask.closed':
    case 'ask.expired':
      return [event.ask];
    case 'ask.fanned_out':
      return [event.group, ...event.to.map((_, n) => `${event.group}.${n + 1}`)];
    case 'job.created':
    case 'job.claimed':
    case 'job.updated':
    case 'job.finished':
    case 'job.cancelled':
    case 'job.retried':
    case 'job.lapsed':
    case 'job.expired':
      return [event.job];
    // A run of a recurring job bears the id of the event that began it.
    case 'job.due':
      return [event.job, `job_${event.id}`];
    case 'schedule.fired':
      return [event.schedule, `msg_${event.id}`, `ask_${event.id}`];
    case 'schedule.created':
    case 'schedule.paused':
    case 'schedule.resumed':
    case 'schedule.cancelled':
    case 'schedule.skipped':
      return [event.schedule];
    case 'review.touched':
    case 'review.requested':
    case 'review.marked':
    case 'review.observed':
    case 'review.forgotten':
      return [event.pr_url];
    case 'review.moved':
      return [event.from, event.to];
    case 'message.notified':
      return event.supersedes ? [event.message, event.supersedes] : [event.message];
    case 'message.broadcast':
    case 'message.retracted':
      return [event.message];
    case 'inbox.acknowledged':
      return event.refs ?? [];
    case 'token.revoked':
      return [event.revoked];
    case 'token.created':
      return [`token_${event.id}`];
    case 'gateway.started':
    case 'gateway.lost':
      return [event.boot];
    case 'log.opened':
      return [event.log];
    case 'peer.joined':
    case 'peer.killed':
    case 'peer.connected':
    case 'peer.disconnected':
    case 'peer.retired':
      return [event.peer];
    case 'peer.left':
    case 'peer.renamed':
    case 'peer.described':
    case 'peer.turned':
    case 'inbox.taken':
    case 'log.leveled':
    case 'usage.budgeted':
      return [];
  }
}

/** The peers an event comes from or goes to. */
export function peersOf(event: SignalEvent): string[] {
  const peers = [event.by];
  if ('to' in event && event.to !== undefined) peers.push(...[event.to].flat());
  if ('of' in event) peers.push(event.of);
  if ('owner' in event && event.owner !== undefined) peers.push(event.owner);
  if ('peer' in event && event.peer !== undefined) peers.push(event.peer);
  return peers;
}
