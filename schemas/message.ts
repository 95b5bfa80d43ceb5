// The nouns message and inbox: what is sent without an answer, and what each peer has yet to see.
import { z } from 'zod';
import { lapse, questionRow } from './ask.js';
import { attachmentRow, attachments } from './attachment.js';
import * as c from './common.js';
import { backlogs } from './events/message.js';
import { cause, messageId, ref } from './id.js';
import { limits } from './limits.js';
import { outlook, successor } from './peer.js';

export const backlog = z.enum(backlogs);
export type Backlog = z.infer<typeof backlog>;
const delivery = z.enum(['offered', 'queued', 'dropped']);

const generation = z.number().int().nonnegative();

export const inboxItem = z.object({
  position: c.position,
  time: c.time,
  kind: z.enum(['ask', 'notify', 'broadcast', 'reply', 'job', 'system']),
  from: z.string(),
  from_name: z.string(),
  from_role: z.string(),
  text: z.string(),
  ref: z.string(),
  outcome: z.string().optional(),
  reason: lapse.optional(),
  option: z.string().optional(),
  question: questionRow.optional(),
  attachments: z.array(attachmentRow).optional(),
  deadline_at: c.time.optional(),
  schedule: z.string().optional(),
  watch: z.string().optional().describe('The watch that says so.'),
  nominal_at: c.time.optional().describe('When its schedule meant it to be said.'),
  reply_to: z.string().optional(),
  refs: z.array(z.string()).optional(),
  repeated: z.boolean().optional(),
  handed_from: c.handedFrom,
  handed_at: c.time
    .optional()
    .describe('When it was last handed to a hook of a session that has yet to prove it was seen.'),
  expires_at: c.time.optional(),
});
export type InboxItem = z.infer<typeof inboxItem>;

/** In whose inbox something waits to be seen, and for what. */
export const waiting = z.object({
  to: z.string(),
  to_name: c.peerName,
  since: c.time,
  handed: z.boolean().optional().describe('A hook was given it, and no later call proves it seen.'),
  ...outlook,
});
export type Waiting = z.infer<typeof waiting>;

export const stage = z.object({
  stage: z.enum([
    'accepted',
    'offered',
    'dropped',
    'handed',
    'moved',
    'seen',
    'closed',
    'expired',
    'retracted',
  ]),
  position: c.position,
  time: c.time,
  by: z.string(),
  by_name: c.peerName,
});
export type Stage = z.infer<typeof stage>;

export const messageMethods = {
  'notify.send': c.method({
    params: z.strictObject({
      ...c.command,
      to: c.to,
      circle: c.circleOfName,
      text: c.text,
      expires_at: c
        .moment('When it is not to be shown any more; must be ahead. Left out: never.')
        .optional(),
      supersedes: messageId
        .optional()
        .describe('An earlier message that leaves the inbox for it. Left out: none.'),
      backlog: backlog
        .default('deliver')
        .describe(
          'For a recipient that is offline. deliver: it waits; digest: its first words wait in ' +
            'one summary; drop: nothing does.',
        ),
      attachments: attachments.optional(),
      caused_by: cause.optional(),
    }),
    result: z.object({ ...c.verdict, message: z.string(), delivery, successor, ...outlook }),
    who: 'peer',
    verb: 'speak',
    help: 'Tell one peer something that needs no answer.',
  }),
  'broadcast.send': c.method({
    params: z.strictObject({
      ...c.command,
      text: c.text,
      circle: c.circle.optional().describe('Whose peers are told. Left out: the own circle.'),
      caused_by: cause.optional(),
    }),
    result: z.object({
      ...c.verdict,
      message: z.string(),
      recipients: z.number().int().nonnegative(),
    }),
    who: 'peer',
    verb: 'speak',
    help: 'Tell every other peer of a circle.',
  }),
  'message.retract': c.method({
    params: z.strictObject({
      ...c.command,
      message: messageId.describe('What to take back, msg_<uuid>.'),
    }),
    result: c.applied,
    who: 'peer',
    verb: 'speak',
    help: 'Take a message back from those who have not yet acknowledged it.',
  }),
  'message.trace': c.method({
    params: z.strictObject({ ref: ref.describe('ask_<uuid> or msg_<uuid>.') }),
    result: z.object({
      stages: z.array(stage),
      waiting: z.array(waiting).optional().describe('In whose inboxes it lies, unread as yet.'),
    }),
    who: 'token',
    verb: 'any',
    help: 'What became of an ask or message, stage by stage.',
  }),
};

export const inboxMethods = {
  'inbox.subscribe': c.method({
    params: z.strictObject({ id: c.optionalId }),
    result: z.object({ ...c.verdict, generation }),
    who: 'peer',
    verb: 'speak',
    help: 'Take the inbox; its items follow as notifications inbox.item and inbox.gone.',
  }),
  'inbox.read': c.method({
    params: z.strictObject({
      max: z.number().int().min(1).max(limits.list_items).default(20).describe('Items at most.'),
      after: c.position
        .optional()
        .describe('Only items after this position of the log. Left out: from the oldest.'),
      wait_s: z
        .number()
        .min(0)
        .max(limits.wait_s)
        .default(0)
        .describe('How long to wait for an item when there is none, in seconds.'),
      claim_s: z
        .number()
        .min(0)
        .max(limits.claim_s)
        .default(30)
        .describe('How long no other reader is given what is read, in seconds; 0 claims nothing.'),
    }),
    result: z.object({
      items: z.array(inboxItem),
      remaining: z.number().int().nonnegative(),
      generation,
    }),
    who: 'peer',
    verb: 'speak',
    help: 'Read without taking the inbox; what is read is claimed for claim_s.',
  }),
  'inbox.ack': c.method({
    params: z
      .strictObject({
        ...c.command,
        up_to: c.position
          .optional()
          .describe('All items up to and with this position. Left out: those in refs.'),
        refs: z
          .array(z.string().max(limits.label_chars))
          .min(1)
          .max(limits.refs_items)
          .optional()
          .describe('These items, by their `ref`. Left out: all up to up_to.'),
        generation: generation
          .optional()
          .describe('That of the taken inbox; an older one is refused. Left out: not checked.'),
      })
      .refine(p => (p.up_to === undefined) !== (p.refs === undefined), 'give up_to or refs'),
    result: c.applied,
    who: 'peer',
    verb: 'speak',
    help: 'Say that the agent has seen items: all up to a position, or by their refs.',
  }),
  'inbox.drain': c.method({
    params: z.strictObject({
      ...c.command,
      session: c.label
        .min(1)
        .describe('The session that is shown what is handed over, as its runtime names it.'),
      proof: z
        .boolean()
        .default(false)
        .describe(
          'True when this call itself proves that the agent has seen what its session was handed ' +
            'before: that leaves the inbox as seen.',
        ),
      again: z
        .boolean()
        .default(false)
        .describe(
          'Also what was handed over before, to any session, and not seen: after a stop without ' +
            'proof, a cleared or a resumed session. Such items are `repeated`.',
        ),
      refs: z
        .array(z.string().max(limits.label_chars))
        .min(1)
        .max(limits.refs_items)
        .optional()
        .describe('Hands over none but these items, by their `ref`. Left out: all.'),
      max: z.number().int().min(0).max(limits.list_items).default(20).describe('Items at most.'),
      max_chars: z
        .number()
        .int()
        .min(1)
        .max(limits.answer_chars)
        .default(limits.answer_chars)
        .describe('Characters of items at most; the first item comes whatever it has.'),
    }),
    result: z.object({
      ...c.verdict,
      position: c.position.describe(
        'That of the event; of the newest commit when there was nothing to write.',
      ),
      items: z.array(inboxItem),
      remaining: z.number().int().nonnegative().describe('Items that wait to be handed over.'),
      seen: z.number().int().nonnegative().describe('Items that left the inbox as seen.'),
    }),
    who: 'peer',
    verb: 'speak',
    help:
      'Hand items over to a hook of a session, each once; they stay in the inbox until a later ' +
      'call with proof, or inbox.ack.',
  }),
  'inbox.reminders': c.method({
    params: z.strictObject({
      max: z.number().int().min(1).max(limits.list_items).default(10).describe('Asks at most.'),
    }),
    result: z.object({ items: z.array(inboxItem) }),
    who: 'peer',
    verb: 'speak',
    help: 'The open asks to this peer, oldest first.',
  }),
};
