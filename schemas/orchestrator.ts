// The noun orchestrator: who coordinates the peers, and who goes on in the place of one.
import { z } from 'zod';
import * as c from './common.js';
import { limits } from './limits.js';

const count = z.number().int().nonnegative();

const orchestrator = z.object({
  peer: z.string(),
  name: z.string(),
  circle: z.string(),
  status: z.enum(['online', 'busy', 'offline']),
  last_seen: c.time,
});

export const orchestratorMethods = {
  'orchestrator.status': c.method({
    params: z.strictObject({
      circle: c.circleOrAll
        .optional()
        .describe('Whose; `*` for all. Left out: all, the own first.'),
    }),
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
  'orchestrator.handover': c.method({
    params: z.strictObject({
      ...c.command,
      from: c.peer('The orchestrator whose place is taken.'),
      circle: c.circleOfName,
      to: c.peer('Who takes it, an orchestrator or a human. Left out: who calls.').optional(),
      note: c
        .boundedText(limits.handover_note_bytes, 'What both are told with it. Left out: nothing.')
        .optional(),
      force: z
        .boolean()
        .default(false)
        .describe('Whether from may be connected still; a human alone may say so.'),
    }),
    result: z.object({
      ...c.verdict,
      things: count.describe('How many asks, jobs, schedules and inbox items have moved.'),
    }),
    who: 'peer',
    verb: 'speak',
    help:
      'Take over from an orchestrator that is away, or hand over oneself: open asks both ways, ' +
      'unread mail, jobs, schedules and reviews, in one event.',
  }),
};
