// The nouns webhook and deadletter: who outside is told of what happens, and what could not be.
import { z } from 'zod';
import * as c from './common.js';
import { disablings, webhookFaults } from './events/webhook.js';
import { letterId, webhookId } from './id.js';
import { limits } from './limits.js';

const fault = { reason: z.enum(webhookFaults), status: z.number().int().optional() };

export const webhookRow = z.object({
  webhook: z.string(),
  url: z.string(),
  state: z
    .enum(['active', 'paused', 'disabled', 'unauthorized'])
    .describe('`unauthorized` once the token it was made with has ended.'),
  reason: z.enum(disablings).optional().describe('Why it is disabled.'),
  circle: z.string(),
  circles: z.array(z.string()),
  types: z.array(z.string()).optional(),
  kinds: z.array(z.string()).optional(),
  allow_private: z.string().optional(),
  boot: z.string().optional().describe('The broker that delivers; none holds its secret without.'),
  up_to: c.position.describe('All that it wants up to here was delivered, or is a dead letter.'),
  delivered: z.number().int(),
  delivered_at: c.time.optional(),
  failing: z
    .object({ record: c.position, attempt: z.number().int(), next_at: c.time, ...fault })
    .optional()
    .describe('What is tried again, and when.'),
  dead: z.number().int().describe('How many dead letters it has.'),
  rotating_until: c.time.optional().describe('Until when the secret before signs, too.'),
  by: z.string(),
  by_name: c.peerName,
  created_at: c.time,
});
export type WebhookRow = z.infer<typeof webhookRow>;

export const letterRow = z.object({
  letter: z.string(),
  webhook: z.string(),
  circle: z.string(),
  state: z.enum(['dead', 'retrying']),
  position: c.position,
  event: z.string(),
  type: z.string(),
  time: c.time,
  attempts: z.number().int(),
  ...fault,
  died_at: c.time,
});
export type LetterRow = z.infer<typeof letterRow>;

/** Base64 of 24 to 64 bytes; no character of it says more than six bits. */
const secret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, 'must be whsec_ and base64')
  .refine(text => {
    const digits = text.slice('whsec_'.length).replaceAll('=', '').length;
    const bytes = Math.floor((digits * 3) / 4);
    const { outgoing_secret_min_bytes: min, outgoing_secret_max_bytes: max } = limits;
    return digits % 4 !== 1 && bytes >= min && bytes <= max;
  }, 'must hold 24 to 64 random bytes');
const ownSecret = secret
  .optional()
  .describe('What signs, whsec_<base64>. Left out: the broker makes one and tells it once.');

const list = z.array(z.string().min(1).max(limits.label_chars)).min(1);
const several = list.max(limits.outgoing_types_items);
const webhook = webhookId.describe('Which webhook, webhook_<uuid>.');
const letter = letterId.describe('Which dead letter, dead_<uuid>.');
const one = z.strictObject({ ...c.command, webhook });
const said = { who: 'token', verb: 'operate' } as const;
const made = z.object({ ...c.verdict, webhook: z.string(), secret: z.string().optional() });
const someLetters = z
  .strictObject({
    ...c.command,
    letter: letter.optional().describe('One dead letter. Left out: all of the webhook.'),
    webhook: webhook.optional().describe('All of this webhook. Left out: the letter alone.'),
  })
  .refine(p => (p.letter === undefined) !== (p.webhook === undefined), 'give letter or webhook');

export const webhookMethods = {
  'webhook.add': c.method({
    params: z.strictObject({
      ...c.command,
      url: z.string().min(1).max(limits.url_chars).describe('Where to POST; https, no redirects.'),
      types: several
        .optional()
        .describe('Types of events, as ask.closed. Left out: those of `kinds`, or any.'),
      kinds: several
        .optional()
        .describe('Kinds of events, as ask, beside `types`. Left out: those of `types`, or any.'),
      circles: z
        .array(c.circleOrAll)
        .min(1)
        .max(limits.circles_items)
        .optional()
        .describe('Whose events; `*` for all. Left out: those of the token.'),
      secret: ownSecret,
      allow_private: z
        .string()
        .min(1)
        .max(limits.label_chars)
        .optional()
        .describe('The host of the url, if it lies in a private network. Left out: it may not.'),
    }),
    result: made,
    ...said,
    help: 'Tell a receiver outside of events, signed, in order, at least once.',
  }),
  'webhook.list': c.method({
    params: z.strictObject({ ...c.pageAfter(webhookId) }),
    result: c.rows(webhookRow),
    ...said,
    help: 'Every webhook of the own circles, how far it is, and what fails.',
  }),
  'webhook.get': c.method({
    params: z.strictObject({ webhook }),
    result: webhookRow,
    ...said,
    help: 'One webhook.',
  }),
  'webhook.pause': c.method({
    params: one,
    result: c.applied,
    ...said,
    help: 'Deliver nothing until it is resumed; it keeps its place.',
  }),
  'webhook.resume': c.method({
    params: z.strictObject({
      ...c.command,
      webhook,
      from_now: z.boolean().default(false).describe('Whether to leave out what came meanwhile.'),
    }),
    result: c.applied,
    ...said,
    help: 'Go on from where it stood, also after it was disabled.',
  }),
  'webhook.remove': c.method({
    params: one,
    result: c.applied,
    ...said,
    help: 'End a webhook and forget its dead letters.',
  }),
  'webhook.rotate': c.method({
    params: z.strictObject({
      ...c.command,
      webhook,
      secret: ownSecret,
      overlap_s: z
        .number()
        .int()
        .min(0)
        .max(limits.outgoing_overlap_max_s)
        .default(limits.outgoing_overlap_s)
        .describe('For how many seconds the secret before signs, too.'),
    }),
    result: made,
    ...said,
    help: 'Sign with a new secret, and for a while with the one before, too.',
  }),
  'webhook.entrust': c.method({
    params: z.strictObject({
      webhook,
      secret: secret.describe('The one it was added or rotated with, whsec_<base64>.'),
    }),
    result: z.object({ webhook: z.string(), held: z.boolean() }),
    ...said,
    help: 'Give the secret to this broker, so that it can deliver when another cannot.',
  }),
  'webhook.test': c.method({
    params: z.strictObject({ webhook }),
    result: z.object({
      webhook: z.string(),
      ok: z.boolean(),
      ms: z.number().int(),
      status: z.number().int().optional(),
      reason: z.enum(webhookFaults).optional(),
    }),
    ...said,
    help: 'Deliver a made-up event now, once, and tell what came back.',
  }),
  'deadletter.list': c.method({
    params: z.strictObject({
      webhook: webhook.optional().describe('Only of this webhook. Left out: of all.'),
      ...c.pageAfter(letterId),
    }),
    result: c.rows(letterRow),
    ...said,
    help: 'What could not be delivered, oldest first.',
  }),
  'deadletter.get': c.method({
    params: z.strictObject({ letter }),
    result: letterRow,
    ...said,
    help: 'One dead letter; its event stands in the log at that position.',
  }),
  'deadletter.retry': c.method({
    params: someLetters,
    result: c.applied,
    ...said,
    help: 'Try once more, out of order; what fails again stays a dead letter.',
  }),
  'deadletter.clear': c.method({
    params: someLetters,
    result: c.applied,
    ...said,
    help: 'Forget dead letters.',
  }),
};
