// The noun watch: tells a peer when a condition holds, once for each cause, without polling.
import { z } from 'zod';
import * as c from './common.js';
import { conditionNames, conditionProblem, watchActions, watchQueues } from './events/watch.js';
import { askId, cause, jobId, watchId } from './id.js';
import { limits } from './limits.js';

const seconds = (max: number) => z.number().int().min(1).max(max);
const wait = seconds(limits.watch_wait_s);
const when = z.enum(conditionNames);
const state = z.enum(['active', 'done', 'cancelled']);
const count = z.number().int().nonnegative();

/** The bounds, as they are said and as they are told. */
const bounds = {
  for_s: wait
    .optional()
    .describe('How long it lasts, in seconds. Left out: at once, or by another bound.'),
  age_s: wait.optional().describe('How old an ask is, in seconds. Left out: by another bound.'),
  depth: z
    .number()
    .int()
    .min(0)
    .max(limits.watch_depth_items)
    .optional()
    .describe('More than so many. Left out: by another bound.'),
  percent: z
    .number()
    .positive()
    .max(1_000)
    .optional()
    .describe('Of the budget that is set. Left out: by another bound.'),
  tokens: z
    .number()
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Tokens read and written today. Left out: by another bound.'),
  cost_usd: z
    .number()
    .min(limits.watch_cost_usd)
    .max(limits.budget_usd)
    .optional()
    .describe('US dollars today. Left out: by another bound.'),
};

export const watchRow = z.object({
  watch: z.string(),
  state,
  ended: z.string().optional().describe('Why it ended, as `once`, `until` or `owner_retired`.'),
  by: z.string().describe('Its owner, who says what it says.'),
  by_name: c.peerName,
  to: z.string(),
  to_name: c.peerName,
  circle: z.string(),
  when,
  peer: z.string().optional(),
  peer_name: c.peerName,
  ask: z.string().optional(),
  by_me: z.boolean().optional(),
  job: z.string().optional(),
  owner: z.string().optional(),
  owner_name: c.peerName,
  queue: z.enum(watchQueues).optional(),
  kind: z.string().optional(),
  in_circle: z.string().optional().describe('Whose jobs, or whose budget.'),
  ...bounds,
  tell: z.enum(watchActions),
  text: z.string().optional(),
  once: z.boolean(),
  quiet_s: z.number().int(),
  until: c.time.optional(),
  fired: count.describe('How often it has fired.'),
  last: z
    .object({ at: c.time, count, ref: z.string().optional(), unsaid: z.string().optional() })
    .optional()
    .describe('Its newest fire: how many causes, and what said so or why nothing did.'),
  holding: count.optional().describe('Causes that hold and were told.'),
  next_at: c.time.optional().describe('When it next fires, if nothing changes until then.'),
  handed_from: c.handedFrom,
  handed_from_name: c.peerName,
  created_at: c.time,
  position: c.position,
});
export type WatchRow = z.infer<typeof watchRow>;

export const watchMethods = {
  'watch.create': c.method({
    params: z
      .strictObject({
        ...c.command,
        when: when.describe('The condition.'),
        peer: c
          .peer(
            'Who is watched: away, asked, whose inbox or use. Left out: the caller, if it fits.',
          )
          .optional(),
        ask: askId.optional().describe('The one ask that is watched. Left out: by the others.'),
        by_me: z.literal(true).optional().describe('Any ask of the caller’s. Left out: as true.'),
        job: jobId.optional().describe('The one job that is watched. Left out: by the others.'),
        owner: c.peer('Whose jobs are watched. Left out: the caller’s.').optional(),
        queue: z
          .enum(watchQueues)
          .optional()
          .describe(
            'The inbox of the peer, or jobs of the circle that anyone may claim. Left out: none.',
          ),
        kind: c.label.optional().describe('Jobs of this kind. Left out: of any.'),
        circle: c.circle
          .optional()
          .describe(
            'Whose jobs or budget, or where names are looked up. Left out: the own circle.',
          ),
        ...bounds,
        tell: z
          .enum(watchActions)
          .default('notify')
          .describe('A message, or an ask that must be closed.'),
        to: c.to.optional().describe('Who is told, a peer id or a name. Left out: the caller.'),
        text: c
          .boundedText(limits.watch_text_bytes, 'Words before what is told. Left out: none.')
          .optional(),
        once: z.boolean().default(false).describe('Whether it ends after it has fired once.'),
        quiet_s: seconds(limits.watch_quiet_max_s)
          .default(limits.watch_quiet_s)
          .describe(
            'At least so long between two fires, in seconds; what comes meanwhile comes together.',
          ),
        until: c.moment('After which nothing more is told. Left out: no end.').optional(),
        caused_by: cause.optional(),
      })
      .superRefine((given, context) => {
        const problem = conditionProblem(given);
        if (problem !== undefined) {
          context.addIssue({ code: 'custom', path: ['when'], message: `${given.when} ${problem}` });
        }
      }),
    result: z.object({
      ...c.verdict,
      watch: z.string(),
    }),
    who: 'peer',
    verb: 'speak',
    help: 'Be told once when something holds: a silent worker, an old ask, a deep queue, and more.',
  }),
  'watch.cancel': c.method({
    params: z.strictObject({ ...c.command, watch: watchId.describe('Which watch, watch_<uuid>.') }),
    result: c.applied,
    who: 'peer',
    verb: 'speak',
    help: 'End a watch.',
  }),
  'watch.list': c.method({
    params: z.strictObject({
      mine: z.boolean().default(true).describe('Only those made by or for this peer.'),
      state: state.optional().describe('Only watches in this state. Left out: in any.'),
      ...c.pageAfter(watchId),
    }),
    result: c.rows(watchRow),
    who: 'token',
    verb: 'any',
    help: 'Watches and what became of them, the newest first; what ended is told for a while.',
  }),
};
