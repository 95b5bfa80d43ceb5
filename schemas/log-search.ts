// Searching the log for words, and the causal tree of a thing: what the timeline's index answers.
import { z } from 'zod';
import * as c from './common.js';
import { limits } from './limits.js';
import { filterOf, line } from './log.js';

const indexed_to = c.position.describe('Up to this position the log is indexed.');

const hit = z.object({
  position: c.position,
  time: c.time,
  ref: z.string().describe('What it is about: an ask, message, job …; else who said it.'),
  type: z.string(),
  by: z.string(),
  by_name: c.peerName,
  circle: z.string(),
  snippet: z.string().describe('A line of its text, what was found in [brackets].'),
  marks: z
    .array(z.tuple([z.number().int(), z.number().int()]))
    .describe('Where what was found stands in the snippet, in UTF-16 units.'),
  void: z.string().optional().describe('Why it took no effect.'),
  record: line.optional(),
});

export const searchMethods = {
  'log.search': c.method({
    params: z.strictObject({
      query: z
        .string()
        .max(limits.search_query_chars)
        .describe(
          'Words, all of which must be there; "a phrase", prefix*, this OR that, -not. ' +
            'Any text is a query. Empty: every event that fits the filter.',
        ),
      filter: filterOf,
      project: z
        .string()
        .min(1)
        .max(limits.label_chars)
        .optional()
        .describe('Only what comes from peers who work on it, or goes to them. Left out: any.'),
      from: c.moment('Only what happened then or later. Left out: all.').optional(),
      to: c.moment('Only what happened before. Left out: all.').optional(),
      order: z
        .enum(['newest', 'best'])
        .default('newest')
        .describe('`best` ranks the newest of what is found by how rare its words are.'),
      max: z
        .number()
        .int()
        .min(1)
        .max(limits.search_hits_items)
        .default(20)
        .describe('Records at most.'),
      after: z
        .string()
        .regex(/^\d{1,16}(?:\.\d{1,16}\.\d{1,9})?$/, 'must be the `next` of the page before')
        .optional()
        .describe('The `next` of the page before. Left out: the first page.'),
      records: z.boolean().default(false).describe('True: each hit brings its whole record.'),
    }),
    result: z.object({
      hits: z.array(hit),
      indexed_to,
      next: z
        .string()
        .optional()
        .describe('There may be more, even where a page is short or empty: go on there.'),
    }),
    who: 'token',
    verb: 'observe',
    help: 'Find what was said: in asks, replies, notices, jobs, schedules, reviews and turns.',
  }),
  'log.thread': c.method({
    params: z.strictObject({
      ref: z
        .string()
        .min(1)
        .max(limits.pr_url_chars)
        .describe(
          'An ask, message, job, schedule or watch by its id, or the URL of a pull request.',
        ),
    }),
    result: z.object({
      nodes: z
        .array(
          z.object({
            ref: z.string(),
            parent: z.string().optional().describe('The node that it came of.'),
            records: z.array(line),
            more: z.literal(true).optional().describe('It has more records than these.'),
          }),
        )
        .describe('The root first, and each parent before what came of it.'),
      indexed_to,
      more: z.literal(true).optional().describe('There are more nodes than these.'),
    }),
    who: 'token',
    verb: 'observe',
    help: 'The causal tree that a thing belongs to, from its root: what came of what.',
  }),
};
