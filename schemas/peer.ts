// The noun peer: who takes part, under which name, in which circle, and what it is doing.
import { z } from 'zod';
import * as c from './common.js';
import { speakers, turnStates } from './events/peer.js';
import { peerId } from './id.js';
import { limits } from './limits.js';

const described = {
  runtime: c.label.optional().describe('The program it runs in, as Codex. Left out: not told.'),
  model: c.label.optional().describe('The model it runs on. Left out: not told.'),
  project: c.label.optional().describe('What it works on. Left out: not told.'),
  path: c.path.optional().describe('The directory it works in. Left out: not told.'),
  machine: c.label.optional().describe('The machine it runs on. Left out: not told.'),
  description: c
    .boundedText(limits.description_bytes, 'What it is doing, for a while. Left out: not told.')
    .optional(),
};

const turnState = z.enum(turnStates);
const able = z.boolean();
const capabilityFields = {
  drain: able.describe('Its hooks hand it mail.'),
  keep_going: able.describe('Its turn goes on for mail that came at its end.'),
  wake_idle: able.describe('While it is idle, mail begins a turn.'),
  steer: able.describe('While it is busy, mail reaches it before its tools are done.'),
};
/** What a session can do with mail. */
export const capabilities = z.object(capabilityFields);
export type Capabilities = Readonly<z.infer<typeof capabilities>>;
const can = z
  .strictObject(capabilityFields)
  .optional()
  .describe('What its session can do with mail, as it is wired. Left out: as told before.');

/** When a peer that was sent something sees it, as far as can be told. */
export const seenWhen = z
  .enum(['wakes_now', 'next_step', 'next_turn', 'when_it_reads', 'when_back'])
  .optional();
export type SeenWhen = NonNullable<z.infer<typeof seenWhen>>;
/** What a sender is told beside `delivery`, of a recipient whose session said what it can do. */
export const outlook = {
  seen_when: seenWhen.describe('When its session sees it. Left out: not known.'),
  runtime: c.label.optional().describe('The program that session runs in.'),
};
/** Told to a sender whose message somebody else gets. */
export const successor = c.label
  .optional()
  .describe('Who gets it, as it took over from the one that is named, who is away.');
const count = z.number().int().nonnegative();
const usage = z.strictObject({
  model: c.label.describe('The model that was used.'),
  input_tokens: count.max(limits.usage_turn_tokens).describe('Tokens it read.'),
  output_tokens: count.max(limits.usage_turn_tokens).describe('Tokens it wrote.'),
  cost_usd: z
    .number()
    .nonnegative()
    .max(limits.usage_turn_usd)
    .optional()
    .describe('What that cost, in US dollars. Left out: 0.'),
  rate_limited: z
    .boolean()
    .optional()
    .describe('Whether the provider slowed it down. Left out: false.'),
});

export const peerRow = z.object({
  peer: z.string(),
  name: z.string(),
  circle: z.string(),
  role: c.role,
  status: z.enum(['online', 'busy', 'offline']),
  ...described,
  reason: z
    .string()
    .optional()
    .describe(
      'Why it is offline: disconnected, gateway_lost, never_connected, silent, left, killed, gone.',
    ),
  offline_since: c.time.optional(),
  turn: turnState.optional(),
  turn_text: z.string().optional(),
  turn_at: c.time.optional(),
  can: capabilities.optional().describe('What its session can do with mail. Left out: not told.'),
  seen_when: seenWhen.describe('When it would see mail that came now. Left out: not known.'),
  last_seen: c.time,
  acted_at: c.time
    .optional()
    .describe('When the peer itself last did anything; last_seen may be its gateway’s word.'),
  handed_to: z
    .string()
    .optional()
    .describe('Who took over from it last; what it did since is its own.'),
  queued: count,
  queued_since: c.time.optional().describe('Since when the oldest thing in its inbox waits.'),
});
export type PeerRow = z.infer<typeof peerRow>;

export const candidate = peerRow.pick({ peer: true, name: true, circle: true, status: true });

export const joined = z.object({
  ...c.verdict,
  peer: z.string(),
  secret: z.string().optional(),
  name: z.string(),
  renamed: z.boolean().optional(),
  warning: z.string().optional(),
  generation: count,
  cursor: z.string(),
  time: c.time,
});

export const peerMethods = {
  'peer.join': c.method({
    params: z.strictObject({
      ...c.command,
      name: c.name.describe('A new peer’s name; one that is taken in the circle gets `-2`.'),
      circle: c.circle
        .default('default')
        .describe('A new peer’s circle; a known one keeps its own.'),
      role: c.role.default('agent').describe('What it is, which decides how far names reach.'),
      ...described,
      can,
      peer: peerId.optional().describe('Which peer comes back, peer_<id>. Left out: a new one.'),
      secret: c.secret
        .optional()
        .describe(
          'What proves that one is this peer. Left out: the broker makes one and tells it.',
        ),
      min_position: c.minPosition,
    }),
    result: joined,
    who: 'token',
    verb: 'speak',
    help: 'Join the mesh as a new peer, or come back as a known one with its secret.',
  }),
  'peer.attach': c.method({
    params: z.strictObject({
      peer: peerId.describe('Which peer, peer_<id>.'),
      secret: c.secret.describe('What proves that one is this peer.'),
      min_position: c.minPosition,
    }),
    result: joined.omit({ position: true, verdict: true, reason: true, secret: true }),
    who: 'token',
    verb: 'speak',
    help: 'Speak for a peer on one more connection.',
  }),
  'peer.leave': c.method({
    params: z.strictObject({ id: c.optionalId }),
    result: c.applied,
    who: 'peer',
    verb: 'speak',
    help: 'Leave the mesh; the name is free again.',
  }),
  'peer.rename': c.method({
    params: z.strictObject({ ...c.command, name: c.name.describe('The new name.') }),
    result: z.object({ ...c.verdict, name: z.string(), renamed: z.boolean().optional() }),
    who: 'peer',
    verb: 'speak',
    help: 'Take another display name; one that is taken in the circle is refused.',
  }),
  'peer.describe': c.method({
    params: z.strictObject({
      ...c.command,
      text: c.boundedText(limits.description_bytes, 'What it is working on.'),
      ttl_s: z
        .number()
        .int()
        .min(1)
        .max(limits.description_ttl_max_s)
        .default(limits.description_ttl_s)
        .describe('How long that stands, in seconds.'),
    }),
    result: c.applied,
    who: 'peer',
    verb: 'speak',
    help: 'Say what this peer is working on, for ttl_s seconds.',
  }),
  'peer.turn': c.method({
    params: z.strictObject({
      ...c.command,
      state: turnState.describe('idle: nothing to do; awaiting_input: a person has to answer.'),
      text: c.boundedText(limits.text_bytes, 'What was said. Left out: not told.').optional(),
      role: z.enum(speakers).optional().describe('Who said the text. Left out: not told.'),
      usage: usage.optional().describe('What the turn used of a model. Left out: nothing.'),
      can,
    }),
    result: c.applied,
    who: 'peer',
    verb: 'speak',
    help: 'Report the state of this peer’s turn, and what it used.',
  }),
  'peer.kill': c.method({
    params: z.strictObject({
      ...c.command,
      peer: c.peer('Who is to go for good.'),
      circle: c.circleOfName,
    }),
    result: c.applied,
    who: 'token',
    verb: 'operate',
    help: 'Retire another peer for good.',
  }),
  'peer.whoami': c.method({
    params: z.strictObject({ min_position: c.minPosition }),
    result: peerRow.partial().extend({
      token: z.string(),
      generation: count.optional(),
      verbs: z.array(c.verb),
      circles: z.array(z.string()),
      roles: z.array(c.role),
      cursor: z.string(),
      time: c.time,
    }),
    who: 'token',
    verb: 'any',
    help: 'Who this connection speaks for, and what it may do.',
  }),
  'peer.list': c.method({
    params: z.strictObject({
      circle: c.circleOfList,
      offline: z.boolean().default(false).describe('Whether those who are offline are listed too.'),
      self: z.boolean().default(false).describe('Whether the peer that asks is listed too.'),
      peers: z
        .array(peerId)
        .min(1)
        .max(limits.list_items)
        .optional()
        .describe(
          'These ids alone, also of peers that have left. Left out: as circle and offline say.',
        ),
      ...c.pageAfter(peerId),
    }),
    result: c.rows(peerRow),
    who: 'token',
    verb: 'any',
    help: 'The peers this caller may see.',
  }),
  'peer.get': c.method({
    params: z.strictObject({
      // What is no id of a peer is reported as unknown, and spoils none of the others.
      peers: z
        .array(z.string().min(1).max(limits.label_chars))
        .min(1)
        .max(limits.list_items)
        .describe('Which, by id.'),
    }),
    result: c
      .rows(peerRow)
      .extend({ unknown: z.array(z.string()).describe('Those that this caller cannot see.') }),
    who: 'token',
    verb: 'any',
    help:
      'These peers, in this order, also those that have left or were killed; with `next`, ask ' +
      'again for those after it.',
  }),
};
