// The noun peer: who takes part, under which name, in which circle, and what it is doing.
import { z } from 'zod';
import * as c from './common.js';
import { peerId } from './id.js';
import { limits } from './limits.js';

const described = {
  runtime: c.label.optional(),
  model: c.label.optional(),
  project: c.label.optional(),
  path: c.path.optional(),
  machine: c.label.optional(),
  description: c.boundedText(limits.description_bytes).optional(),
};

const turnState = z.enum(['idle', 'working', 'awaiting_input']);
const count = z.number().int().nonnegative();
const usage = z.strictObject({
  model: c.label,
  input_tokens: count.max(limits.usage_turn_tokens),
  output_tokens: count.max(limits.usage_turn_tokens),
  cost_usd: z.number().nonnegative().max(limits.usage_turn_usd).optional(),
  rate_limited: z.boolean().optional(),
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
  last_seen: c.time,
  queued: count,
});
export type PeerRow = z.infer<typeof peerRow>;

export const candidate = peerRow.pick({ peer: true, name: true, circle: true, status: true });

const orchestrator = z.object({
  peer: z.string(),
  name: z.string(),
  circle: z.string(),
  status: z.enum(['online', 'busy', 'offline']),
  last_seen: c.time,
});

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
      name: c.name,
      circle: c.circle.default('default'),
      role: c.role.default('agent'),
      ...described,
      peer: peerId.optional(),
      secret: c.secret.optional(),
      min_position: c.position.nonnegative().optional(),
    }),
    result: joined,
    who: 'token',
    verb: 'speak',
    help: 'Join the mesh as a new peer, or come back as a known one with its secret.',
  }),
  'peer.attach': c.method({
    params: z.strictObject({ peer: peerId, secret: c.secret }),
    result: joined.omit({ position: true, verdict: true, reason: true, secret: true }),
    who: 'token',
    verb: 'speak',
    help: 'Speak for a peer on one more connection.',
  }),
  'peer.leave': c.method({
    params: z.strictObject({ id: c.command.id.optional() }),
    result: c.applied,
    who: 'peer',
    verb: 'speak',
    help: 'Leave the mesh; the name is free again.',
  }),
  'peer.rename': c.method({
    params: z.strictObject({ ...c.command, name: c.name }),
    result: z.object({ ...c.verdict, name: z.string(), renamed: z.boolean().optional() }),
    who: 'peer',
    verb: 'speak',
    help: 'Take another display name; one that is taken in the circle is refused.',
  }),
  'peer.describe': c.method({
    params: z.strictObject({
      ...c.command,
      text: c.boundedText(limits.description_bytes),
      ttl_s: z
        .number()
        .int()
        .min(1)
        .max(limits.description_ttl_max_s)
        .default(limits.description_ttl_s),
    }),
    result: c.applied,
    who: 'peer',
    verb: 'speak',
    help: 'Say what this peer is working on; it fades after ttl_s.',
  }),
  'peer.turn': c.method({
    params: z.strictObject({
      ...c.command,
      state: turnState,
      text: c.boundedText(limits.text_bytes).optional(),
      role: z.enum(['user', 'assistant']).optional(),
      usage: usage.optional(),
    }),
    result: c.applied,
    who: 'peer',
    verb: 'speak',
    help: 'Report the state of this peer’s turn, and what it used.',
  }),
  'peer.kill': c.method({
    params: z.strictObject({ ...c.command, peer: c.to, circle: c.circle.optional() }),
    result: c.applied,
    who: 'token',
    verb: 'operate',
    help: 'Retire another peer for good.',
  }),
  'peer.whoami': c.method({
    params: z.strictObject({}),
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
      circle: c.circleOrAll.optional(),
      offline: z.boolean().default(false),
      self: z.boolean().default(false),
      peers: z
        .array(peerId)
        .min(1)
        .max(limits.list_items)
        .optional()
        .describe('These alone, wherever they are, also those that have left.'),
      ...c.pageAfter(peerId),
    }),
    result: c.rows(peerRow),
    who: 'token',
    verb: 'any',
    help: 'The peers this caller may see.',
  }),
  'orchestrator.status': c.method({
    params: z.strictObject({ circle: c.circleOrAll.optional() }),
    result: z.object({
      present: z.boolean(),
      ...orchestrator.partial().shape,
      circle: z.string(),
      stale_after_s: count,
      others: z.array(orchestrator),
    }),
    who: 'token',
    verb: 'any',
    help: 'Whether a live orchestrator is there, which, and which others: presence only.',
  }),
};
