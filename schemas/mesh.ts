// The mesh itself: what it is, how much of everything there is, and the session of a page.
import { z } from 'zod';
import * as c from './common.js';

const empty = z.strictObject({});
const counts = z.record(z.string(), z.number().int());

export const meshMethods = {
  'mesh.info': c.method({
    params: empty,
    result: z.object({
      mesh: z.string(),
      log: z.string(),
      head: z.string(),
      time: c.time,
      protocol: z.string(),
      version: z.string(),
      brokers: z.array(z.object({ gateway: z.string(), boot: z.string(), last_seen: c.time })),
      durability: z.string(),
      limits: z.record(z.string(), z.number()),
    }),
    who: 'token',
    verb: 'any',
    help: 'Which mesh and log this is, where its head stands, and what it allows.',
  }),
  'mesh.stats': c.method({
    params: empty,
    result: z.object({
      time: c.time,
      commits: z.number().int(),
      malformed: z.number().int(),
      brokers: z.number().int(),
      peers: counts,
      asks: counts,
      jobs: counts,
      schedules: counts,
      inbox: counts,
    }),
    who: 'token',
    verb: 'any',
    help: 'How many peers, asks, jobs and schedules there are in the circles this caller may see.',
  }),
  'mesh.health': c.method({
    params: empty,
    result: z.object({
      time: c.time,
      ready: z.boolean().describe('Whether it takes commands.'),
      verdict: z.string().describe('The same in a sentence, with what is wrong.'),
      checks: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string() })),
      commits: z.object({
        total: z.number().int().describe('Commits of the log.'),
        events: z.number().int().describe('Events of the log.'),
        per_s: z.number().describe('Commits in the last ten seconds, by any broker.'),
        events_per_s: z.number(),
        p50_ms: z.number().optional().describe('Of own commits, from sending to durable.'),
        p99_ms: z.number().optional(),
      }),
      store: z.object({
        durability: z.string(),
        bytes: z.number().int().optional().describe('What the log holds.'),
        limit_bytes: z.number().int().optional().describe('What it may hold on its disk now.'),
      }),
      connections: z.object({ sockets: z.number().int(), streams: z.number().int() }),
      observers: z.object({
        subscriptions: z.number().int(),
        behind: z.number().int().describe('Of those, the ones that are not at the head.'),
        behind_commits: z.number().int().describe('How far the last of them is behind.'),
      }),
      views: z.object({
        watchers: z.number().int(),
        rows: z.number().int().describe('What they watch; rows that many watch count once.'),
        bytes: z.number().int().describe('Of rows that lie ready to be sent.'),
      }),
      index: z
        .object({
          sequence: z.number().int().describe('The last commit that it has.'),
          lag_commits: z.number().int(),
          lag_ms: z.number(),
          running: z.boolean(),
        })
        .optional()
        .describe('Of the timeline beside the broker.'),
      snapshot: z
        .object({
          sequence: z.number().int().describe('The commit that it stands at.'),
          bytes: z.number().int(),
          age_s: z.number().int().describe('Since it was written.'),
        })
        .optional()
        .describe('The newest on disk: a start folds what came after it.'),
      skew: z
        .object({ store_ms: z.number(), log_ms: z.number() })
        .describe('How far this clock, and log time, are ahead of the store’s clock.'),
    }),
    who: 'token',
    verb: 'observe',
    help: 'How this broker does: a verdict in words, and the figures behind it.',
  }),
  'session.offer': c.method({
    params: empty,
    result: z.object({ code: z.string(), expires_at: c.time }),
    who: 'token',
    verb: 'operate',
    help: 'Make a one-time code with which a page may start a session.',
  }),
  'session.start': c.method({
    params: z.strictObject({
      code: z
        .string()
        .min(16)
        .max(512)
        .describe('Of the link, or the `resume` of the session before.'),
    }),
    result: z.object({ resume: z.string(), time: c.time, cursor: z.string() }),
    who: 'page',
    verb: 'any',
    help: 'The first frame of a page: trades its code for a session.',
  }),
};
