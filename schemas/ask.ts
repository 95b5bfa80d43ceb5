// The noun ask: one question to one peer, and its thread until it is closed.
import { z } from 'zod';
import * as c from './common.js';
import { askId, ref } from './id.js';
import { limits } from './limits.js';

export const outcome = z.enum(['acknowledged', 'replied', 'declined', 'denied', 'cancelled']);
export type Outcome = z.infer<typeof outcome>;
export const delivery = z.enum(['offered', 'queued']);
export type DeliveryState = z.infer<typeof delivery>;

export const thread = z.object({
  ask: z.string(),
  state: z.enum(['open', 'closed']),
  outcome: z.union([outcome, z.enum(['expired', 'retired'])]).optional(),
  from: z.string(),
  to: z.string(),
  circle: z.string(),
  text: z.string(),
  reply_to: z.string().optional(),
  reply: z
    .object({ text: z.string().optional(), option: z.string().optional(), by: z.string() })
    .optional(),
  opened_at: c.time,
  closed_at: c.time.optional(),
  position: c.position,
});
export type Thread = z.infer<typeof thread>;

export const askMethods = {
  'ask.open': c.method({
    params: z.strictObject({
      ...c.command,
      to: c.to,
      circle: c.circle.optional(),
      text: c.text,
      reply_to: askId.optional(),
      caused_by: ref.optional(),
    }),
    result: z.object({ ...c.verdict, ask: z.string(), delivery }),
    who: 'peer',
    verb: 'speak',
    event: 'ask.opened',
    help: 'Ask one peer; never blocks. With reply_to it closes that thread in the same event.',
  }),
  'ask.close': c.method({
    params: z.strictObject({
      ...c.command,
      ask: askId,
      outcome,
      text: c.boundedText(limits.text_bytes).optional(),
    }),
    result: c.applied,
    who: 'peer',
    verb: 'speak',
    event: 'ask.closed',
    help: 'Close an ask: the recipient replies or declines, the asker cancels.',
  }),
  'ask.wait': c.method({
    params: z.strictObject({
      ask: askId,
      timeout_s: z.number().min(0).max(limits.wait_s).default(60),
    }),
    result: thread,
    who: 'token',
    verb: 'any',
    help: 'Wait until the ask is closed; at the time-out the answer is the thread, still open.',
  }),
  'ask.get': c.method({
    params: z.strictObject({ ask: askId }),
    result: thread,
    who: 'token',
    verb: 'any',
    help: 'One thread as it stands.',
  }),
  'ask.list': c.method({
    params: z.strictObject({
      direction: z.enum(['both', 'in', 'out']).default('both'),
      state: z.enum(['open', 'closed']).optional(),
      ...c.page,
    }),
    result: c.rows(thread),
    who: 'token',
    verb: 'any',
    help: 'Threads of this peer, newest first; of every visible peer for a bare token.',
  }),
};

export const askEvents = {
  'ask.opened': {
    ask: 'string',
    to: 'string',
    text: 'string',
    reply_to: 'string?',
    caused_by: 'string?',
    hops: 'number?',
  },
  'ask.closed': { ask: 'string', outcome: 'string', text: 'string?' },
} as const;
