// The noun ask: one question to one peer, and its thread until it is closed; or to many at once.
import { z } from 'zod';
import { attachmentRow, attachments } from './attachment.js';
import * as c from './common.js';
import { outcomes } from './events/ask.js';
import { askId, cause, groupId } from './id.js';
import { limits } from './limits.js';
import { outlook, successor } from './peer.js';

export const outcome = z.enum(outcomes);
export type Outcome = z.infer<typeof outcome>;
export const delivery = z.enum(['offered', 'queued']);

const kind = z.enum(['acknowledge', 'choice', 'text', 'permission']);
const option = {
  id: c.label.min(1).describe('What the answer names; unlike the others.'),
  label: c.label.min(1).describe('What a person reads.'),
};
/** As a reader is told of it. */
export const questionRow = z.object({ kind, options: z.array(z.object(option)).optional() });

/** How the answer should look; a choice names its options, a permission may. */
export const question = z
  .strictObject({
    kind: kind.describe(
      'acknowledge: that it was seen and done; choice: one of the options; text: words; ' +
        'permission: allowed or denied, and denied at the deadline.',
    ),
    options: z
      .array(z.strictObject(option))
      .min(1)
      .max(limits.options_items)
      .optional()
      .describe('Of a choice two or more, of a permission any. Left out: none.'),
  })
  .refine(({ kind, options }) => kind !== 'choice' || (options?.length ?? 0) > 1, {
    error: 'needs two options at least for a choice',
  })
  .refine(({ kind, options }) => options === undefined || isChosen(kind), {
    error: 'takes options only for a choice or a permission',
  })
  .refine(({ options = [] }) => new Set(options.map(({ id }) => id)).size === options.length, {
    error: 'has two options with one id',
  })
  .describe('How the answer should look. Left out: as words.');
export type Question = z.infer<typeof question>;

function isChosen(kind: string): boolean {
  return kind === 'choice' || kind === 'permission';
}

const reply = z.object({
  text: z.string().optional(),
  option: z.string().optional(),
  by: z.string(),
  by_name: c.peerName,
});

/** Nobody said how it ends: its deadline did. */
export const lapse = z
  .enum(['deadline'])
  .describe('Why it has this outcome though nobody closed it: no answer came by its deadline.');

export const thread = z.object({
  ask: z.string(),
  state: z.enum(['open', 'closed']),
  outcome: z.union([outcome, z.enum(['expired', 'retired'])]).optional(),
  reason: lapse.optional(),
  from: z.string(),
  from_name: c.peerName,
  to: z.string(),
  to_name: c.peerName,
  circle: z.string(),
  text: z.string(),
  question: questionRow.optional(),
  attachments: z.array(attachmentRow).optional(),
  reply_to: z.string().optional(),
  group: z.string().optional(),
  schedule: z.string().optional(),
  watch: z.string().optional().describe('The watch that asks.'),
  handed_from: c.handedFrom,
  handed_from_name: c.peerName,
  reply: reply.optional(),
  opened_at: c.time,
  deadline_at: c.time.optional(),
  closed_at: c.time.optional(),
  position: c.position,
});
export type Thread = z.infer<typeof thread>;

export const rollupRow = z.object({
  peer: z.string(),
  name: z.string().optional(),
  ask: z.string(),
  status: z.enum(['pending', 'replied', 'acknowledged', 'declined', 'failed', 'expired']),
  reason: lapse.optional(),
  // A long reply is cut where all would not fit into one answer.
  reply: reply.extend({ cut: z.boolean().optional() }).optional(),
});
export type RollupRow = z.infer<typeof rollupRow>;

const deadline = c
  .moment('When no answer is wanted any more; must be ahead. Left out: never.')
  .optional();
const askOf = (what: string) => askId.describe(`The ask ${what}, ask_<uuid>.`);

export const askMethods = {
  'ask.open': c.method({
    params: z.strictObject({
      ...c.command,
      to: c.to,
      circle: c.circleOfName,
      text: c.text,
      reply_to: askId
        .optional()
        .describe(
          'An ask to this peer, ask_<uuid>, which this one answers and closes. Left out: none.',
        ),
      question: question.optional(),
      deadline_at: deadline,
      attachments: attachments.optional(),
      caused_by: cause.optional(),
    }),
    result: z.object({ ...c.verdict, ask: z.string(), delivery, successor, ...outlook }),
    who: 'peer',
    verb: 'speak',
    help: 'Ask one peer; never blocks. With reply_to it closes that thread in the same event.',
  }),
  'ask.close': c.method({
    params: z.strictObject({
      ...c.command,
      ask: askOf('to close'),
      outcome: outcome.describe(
        'replied, acknowledged, declined and denied are of the recipient, cancelled of the asker.',
      ),
      text: c.boundedText(limits.text_bytes, 'The answer in words. Left out: none.').optional(),
      option: c.label.optional().describe('The id of the option that is chosen. Left out: none.'),
    }),
    result: c.applied,
    who: 'peer',
    verb: 'speak',
    help: 'Close an ask: the recipient replies or declines, the asker cancels.',
  }),
  'ask.fan_out': c.method({
    params: z.strictObject({
      ...c.command,
      to: z
        .array(c.to)
        .min(1)
        .max(limits.fan_out_items)
        .describe('Whom it is for, each a peer id or a name; nobody twice.'),
      circle: c.circleOfName,
      text: c.text,
      question: question.optional(),
      deadline_at: deadline,
      quorum: z
        .number()
        .int()
        .min(1)
        .max(limits.fan_out_items)
        .optional()
        .describe('How many answers are enough. Left out: all.'),
      attachments: attachments.optional(),
      caused_by: cause.optional(),
    }),
    result: z.object({ ...c.verdict, group: z.string(), asks: z.array(z.string()) }),
    who: 'peer',
    verb: 'speak',
    help: 'Ask many peers the same in one event; ask.rollup gathers the answers.',
  }),
  'ask.rollup': c.method({
    params: z.strictObject({ group: groupId.describe('The fan-out, ask_<uuid>.') }),
    result: z.object({
      group: z.string(),
      state: z.enum(['pending', 'partial', 'complete', 'quorum']),
      quorum: z.number().int().optional(),
      answered: z.number().int().describe('How many replied or acknowledged; these make a quorum.'),
      rows: z.array(rollupRow),
    }),
    who: 'token',
    verb: 'any',
    help: 'The answers to a fan-out so far, one row a peer.',
  }),
  'ask.wait': c.method({
    params: z.strictObject({
      ask: askOf('to wait for'),
      timeout_s: z
        .number()
        .min(0)
        .max(limits.wait_s)
        .default(60)
        .describe('How long to wait, in seconds; 0 answers at once.'),
    }),
    result: thread,
    who: 'token',
    verb: 'any',
    help: 'Wait until the ask is closed; at the time-out the answer is the thread, still open.',
  }),
  'ask.get': c.method({
    params: z.strictObject({ ask: askOf('to read') }),
    result: thread,
    who: 'token',
    verb: 'any',
    help: 'One thread as it stands.',
  }),
  'ask.list': c.method({
    params: z.strictObject({
      direction: z
        .enum(['both', 'in', 'out'])
        .default('both')
        .describe('in: to this peer; out: from it. Of no effect for a bare token.'),
      state: z
        .enum(['open', 'closed'])
        .optional()
        .describe('Only asks in this state. Left out: in either.'),
      ...c.pageAfter(askId),
    }),
    result: c.rows(thread),
    who: 'token',
    verb: 'any',
    help: 'Threads of this peer, newest first; of every visible peer for a bare token.',
  }),
};
