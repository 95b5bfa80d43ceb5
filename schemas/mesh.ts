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
