// What operators and brokers say of webhooks and dead letters; the n-th webhook is that of event n.
import type { EventOf, EventType } from '../../schemas/event.js';
import { named, OPERATOR } from '../../schemas/uuid.js';
import { BOOT, bare, broker, type Draft, T0, uuid } from './events.js';

type Data<T extends EventType> = Partial<EventOf<T>>;

export const hookNo = (n: number) => named('webhook', uuid(n));
/** The letter that `makesLetter` makes of webhook n. */
export const letterNo = (n: number) => named('dead', uuid(letterId(n)));
const letterId = (n: number) => 50_000 + n;

/** A webhook of the default circle, unless told otherwise. */
export function adds(n: number, more: Data<'webhook.added'> = {}, token = OPERATOR): Draft {
  const [circle = '*'] = more.circles ?? ['default'];
  const url = 'https://receiver.example.com/in';
  const said = { url, circle, circles: ['default'], secret_hash: `hash-${n}` };
  return { ...bare(token, 'webhook.added', { ...said, ...more }), id: uuid(n) };
}

export const pausesHook = (n: number, token = OPERATOR) =>
  bare(token, 'webhook.paused', { webhook: hookNo(n), circle: 'default' });
export const resumesHook = (n: number, more: Data<'webhook.resumed'> = {}) =>
  bare(OPERATOR, 'webhook.resumed', { webhook: hookNo(n), circle: 'default', ...more });
export const removesHook = (n: number, token = OPERATOR) =>
  bare(token, 'webhook.removed', { webhook: hookNo(n), circle: 'default' });
export const rotatesHook = (n: number, secret_hash: string, until: number): Draft =>
  bare(OPERATOR, 'webhook.rotated', { webhook: hookNo(n), circle: 'default', secret_hash, until });

const of = (n: number) => ({ webhook: hookNo(n), circle: 'default' });

export const takesHook = (n: number, boot = BOOT) => broker('webhook.taken', of(n), boot);
export const releasesHook = (n: number, boot = BOOT) => broker('webhook.released', of(n), boot);
export const advances = (n: number, up_to: number, sent = 1, boot = BOOT) =>
  broker('webhook.advanced', { ...of(n), up_to, sent }, boot);
export const disablesHook = (n: number, boot = BOOT) =>
  broker('webhook.disabled', { ...of(n), reason: 'gone' }, boot);

export function failsAt(n: number, record: number, attempt: number, boot = BOOT): Draft {
  const said = { record, attempt, next_at: T0 + 60_000, sent: 0, reason: 'status' } as const;
  return broker('webhook.failed', { ...of(n), ...said, status: 500 }, boot);
}

/** Webhook n could not be told of a record, though it was tried so often. */
export function makesLetter(n: number, attempts: number, record: number, boot = BOOT): Draft {
  const said = { event: uuid(n), what: 'ask.opened', said_at: T0, sent: 0, attempts } as const;
  const at = { record, reason: 'timeout' } as const;
  return {
    ...broker('deadletter.made', { ...of(n), ...said, ...at }, boot),
    id: uuid(letterId(n)),
  };
}

export const retries = (n: number, letter?: string) =>
  bare(OPERATOR, 'deadletter.retried', { ...of(n), ...(letter && { letter }) });
export const clears = (n: number, letter?: string) =>
  bare(OPERATOR, 'deadletter.cleared', { ...of(n), ...(letter && { letter }) });
export const delivers = (n: number, letter: string, boot = BOOT) =>
  broker('deadletter.delivered', { ...of(n), letter }, boot);
export const failsAgain = (n: number, letter: string, boot = BOOT) =>
  broker('deadletter.failed', { ...of(n), letter, reason: 'timeout' }, boot);
