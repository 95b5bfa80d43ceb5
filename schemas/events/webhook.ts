// The events of the nouns webhook and deadletter: who is told, how far that has come, what failed.
import { oneOf } from '../shape.js';
import { named } from '../uuid.js';
import { event } from './row.js';

/** Why an attempt failed; `status` tells which where the receiver answered. */
export const webhookFaults = [
  'status',
  'redirect',
  'timeout',
  'refused_address',
  'lookup_failed',
  'connection_failed',
  'answer_broken',
  'record_lost',
] as const;
export type WebhookFault = (typeof webhookFaults)[number];

/** Why a webhook was ended by a broker: its receiver said so (410), or only letters died. */
export const disablings = ['gone', 'failing'] as const;

const webhook = { webhook: 'string' } as const;
const refs = (e: { webhook: string }) => [e.webhook];
const fault = { reason: oneOf(webhookFaults), status: 'number?' } as const;
const letterRefs = (e: { webhook: string; letter?: string }) =>
  e.letter === undefined ? [e.webhook] : [e.webhook, e.letter];

const operated = { since: 3, by: 'operate', refs } as const;
const told = { since: 3, by: 'broker', refs } as const;

export const webhookEvents = {
  'webhook.added': event({
    since: 3,
    by: 'operate',
    methods: ['webhook.add'],
    fields: {
      url: 'string',
      types: 'strings?',
      kinds: 'strings?',
      circles: 'strings',
      allow_private: 'string?',
      secret_hash: 'string',
    },
    refs: e => [named('webhook', e.id)],
    makes: { webhook: e => [named('webhook', e.id)] },
  }),
  'webhook.paused': event({ ...operated, methods: ['webhook.pause'], fields: webhook }),
  // `from_now`: what came meanwhile is not told any more.
  'webhook.resumed': event({
    ...operated,
    methods: ['webhook.resume'],
    fields: { ...webhook, from_now: 'boolean?' },
  }),
  'webhook.removed': event({ ...operated, methods: ['webhook.remove'], fields: webhook }),
  // The secret before signs, too, until then.
  'webhook.rotated': event({
    ...operated,
    methods: ['webhook.rotate'],
    fields: { ...webhook, secret_hash: 'string', until: 'number' },
  }),
  // Of the brokers that hold its secret one delivers: the first that says so.
  'webhook.taken': event({ ...told, fields: webhook }),
  'webhook.released': event({ ...told, fields: webhook }),
  // All that it wants up to that position was delivered, so many of them since this was last said.
  'webhook.advanced': event({ ...told, fields: { ...webhook, up_to: 'number', sent: 'number' } }),
  // `record` is the position of what could not be delivered; all before it was.
  'webhook.failed': event({
    ...told,
    fields: {
      ...webhook,
      record: 'number',
      attempt: 'number',
      next_at: 'number',
      sent: 'number',
      ...fault,
    },
  }),
  'webhook.disabled': event({ ...told, fields: { ...webhook, reason: oneOf(disablings) } }),
  'deadletter.made': event({
    since: 3,
    by: 'broker',
    fields: {
      ...webhook,
      record: 'number',
      event: 'string',
      what: 'string',
      said_at: 'number',
      attempts: 'number',
      sent: 'number',
      ...fault,
    },
    refs: e => [e.webhook, named('dead', e.id)],
    makes: { dead: e => [named('dead', e.id)] },
  }),
  // One letter, or without it all of that webhook.
  'deadletter.retried': event({
    since: 3,
    by: 'operate',
    methods: ['deadletter.retry'],
    fields: { ...webhook, letter: 'string?' },
    refs: letterRefs,
  }),
  'deadletter.cleared': event({
    since: 3,
    by: 'operate',
    methods: ['deadletter.clear'],
    fields: { ...webhook, letter: 'string?' },
    refs: letterRefs,
  }),
  'deadletter.delivered': event({
    since: 3,
    by: 'broker',
    fields: { ...webhook, letter: 'string' },
    refs: letterRefs,
  }),
  'deadletter.failed': event({
    since: 3,
    by: 'broker',
    fields: { ...webhook, letter: 'string', ...fault },
    refs: letterRefs,
  }),
};
