// The log: observing it as it grows, and reading back what happened.
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

export const logMethods = {
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
};
