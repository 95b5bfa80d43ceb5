// The noun usage: what peers used of their models, and budgets that end in a clear refusal.
import { z } from 'zod';
import * as c from './common.js';
import { limits } from './limits.js';

const count = z.number().int().nonnegative();

/** What one peer used on one day (UTC), or over all days when `day` is absent. */
export const usageRow = z.object({
  peer: z.string(),
  name: z.string().optional(),
  circle: z.string(),
  day: z.string().optional().describe('As 2026-03-09, in UTC.'),
  turns: count,
  input_tokens: count,
  output_tokens: count,
  cost_usd: z.number().nonnegative(),
  rate_limited: count.describe('How many turns were rate-limited.'),
  rate_limited_at: c.time.optional(),
  models: z.array(z.string()),
});
export type UsageRow = z.infer<typeof usageRow>;

export const budgetRow = z.object({
  peer: z.string().optional(),
  name: z.string().optional(),
  circle: z.string(),
  tokens_per_day: count.optional(),
  cost_usd_per_day: z.number().nonnegative().optional(),
  tokens_today: count,
  cost_usd_today: z.number().nonnegative(),
  spent: z.boolean(),
});
export type BudgetRow = z.infer<typeof budgetRow>;

export const usageMethods = {
  'usage.list': c.method({
    params: z.strictObject({
      peer: c.peer('Whose. Left out: everybody’s.').optional(),
      circle: c.circleOrAll.optional().describe('The circle; `*` for all. Left out: all.'),
      by: z
        .enum(['peer', 'day'])
        .default('peer')
        .describe('One row a peer, or one a day and peer.'),
      days: z
        .number()
        .int()
        .min(1)
        .max(limits.usage_days_rows)
        .optional()
        .describe('Today (UTC) and those before. Left out: peers are summed over all time.'),
      ...c.page,
    }),
    result: z.object({
      rows: z.array(usageRow),
      next: z.string().optional(),
      ...c.trueAt,
      total: usageRow.omit({ peer: true, name: true, circle: true, day: true, models: true }),
      budgets: z.array(budgetRow),
    }),
    who: 'token',
    verb: 'any',
    help: 'Tokens and cost that peers reported with peer.turn: each peer in all, or day by day.',
  }),
  'usage.budget': c.method({
    params: z
      .strictObject({
        ...c.command,
        peer: c.peer('Whose use is bounded. Left out: that of the circle as a whole.').optional(),
        circle: c.circle
          .optional()
          .describe(
            'The circle, or where the name of the peer is looked up. Left out: the peer’s.',
          ),
        tokens_per_day: count.optional().describe('Tokens read and written. Left out: no bound.'),
        cost_usd_per_day: z
          .number()
          .nonnegative()
          .max(limits.budget_usd)
          .optional()
          .describe('In US dollars. Left out: no bound.'),
      })
      .refine(p => p.peer !== undefined || p.circle !== undefined, 'give peer or circle'),
    result: c.applied,
    who: 'token',
    verb: 'operate',
    help: 'Limit what a peer or circle may use a day (UTC); with neither limit there is none.',
  }),
};
