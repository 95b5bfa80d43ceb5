// The mesh itself: opening the log, the gateways that serve it, watching it, and who one is.
import { z } from 'zod';
import * as c from './common.js';
import { limits } from './limits.js';

const word = z.string().min(1).max(limits.label_chars);
const listOf = (what: string) =>
  z.array(word).min(1).max(limits.filter_items).optional().describe(`${what} Left out: any.`);

export const filter = z.strictObject({
  circles: listOf('The circles of an event.'),
  kinds: listOf('What stands before the point of its type, as `ask`.'),
  types: listOf('Its type, as `ask.opened`.'),
  peers: listOf('The ids of peers it comes from or goes to.'),
  refs: listOf('The ids of asks, messages, jobs and schedules it is about.'),
});
export type Filter = z.infer<typeof filter>;

const from = z
  .union([
    z.string().min(1).max(512),
    z.strictObject({ time: c.moment('From the first commit of that time on.') }),
  ])
  .describe('Where to begin: "start", "now", a cursor, or {time}.');
const empty = z.strictObject({});
const counts = z.record(z.string(), z.number().int());

export const meshMethods = {
  'log.observe': c.method({
    params: z.strictObject({
      from,
      filter: filter.optional().describe('An event must fit every list. Left out: all.'),
    }),
    result: z.object({ subscription: z.string() }),
    who: 'token',
    verb: 'observe',
    help: 'Follow the log from "start", "now", a cursor or a time, as log.records notifications.',
  }),
  'log.unobserve': c.method({
    params: z.strictObject({ subscription: word.describe('The one that log.observe gave.') }),
    result: z.object({}),
    who: 'token',
    verb: 'observe',
    help: 'Stop following.',
  }),
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
