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
  refs: listOf('The ids of asks, messages, jobs, schedules and watches it is about.'),
});
export type Filter = z.infer<typeof filter>;

/** A place in the log, with what it decides. */
const placeOf = (what: string) =>
  z
    .union([
      z.string().min(1).max(limits.cursor_chars),
      z.strictObject({ time: c.moment('What happened at that time belongs to it.') }),
      z.strictObject({
        position: z.number().int().nonnegative().describe('That event belongs to it.'),
      }),
    ])
    .describe(`${what} "start", "now", a cursor, {time} or {position}.`);
export const filterOf = filter.optional().describe('An event must fit every list. Left out: all.');

/** A record as an answer tells it. */
export const line = z
  .tuple([c.position, c.time, z.record(z.string(), z.unknown()).nullable()], z.string())
  .describe('[position, time, event, void?]; the event is null where the bytes are none.');

export const logMethods = {
  'log.observe': c.method({
    params: z.strictObject({ from: placeOf('Where to begin:'), filter: filterOf }),
    result: z.object({ subscription: z.string() }),
    who: 'token',
    verb: 'observe',
    help: 'Follow the log from a cursor, a time or a position, as log.records notifications.',
  }),
  'log.unobserve': c.method({
    params: z.strictObject({ subscription: word.describe('The one that log.observe gave.') }),
    result: z.object({}),
    who: 'token',
    verb: 'observe',
    help: 'Stop following.',
  }),
  'log.read': c.method({
    params: z.strictObject({
      from: placeOf('Where to begin:'),
      max: z
        .number()
        .int()
        .min(1)
        .max(limits.list_items)
        .default(100)
        .describe('A page also ends at its bound in bytes. Records at most.'),
      filter: filterOf,
      reverse: z.boolean().default(false).describe('True: the newest first, back from there.'),
      to: placeOf('Where to end. Left out: the head, or the start in reverse. As').optional(),
    }),
    result: z.object({
      records: z.array(line).describe('In the order of reading.'),
      after: z.string().describe('The cursor of where the page begins.'),
      to: z.string().describe('The cursor to read on from, in either direction.'),
      end: z.boolean().describe('True when nothing is left to read there now.'),
    }),
    who: 'token',
    verb: 'observe',
    help: 'Read a page of the log, forward or back; it may be empty before the end.',
  }),
  'log.histogram': c.method({
    params: z.strictObject({
      from: placeOf('Where to begin:'),
      to: placeOf('Where to end. Left out: now. As').optional(),
      buckets: z
        .number()
        .int()
        .min(1)
        .max(limits.histogram_buckets_items)
        .default(100)
        .describe('Into how many equal spans of time. Items.'),
      filter: filterOf,
    }),
    result: z.object({
      at: z.string().describe('The cursor up to which was counted.'),
      buckets: z.array(
        z.object({
          position: c.position.describe('Of the first commit in it, else of what came next.'),
          time: c.time.describe('Where it begins.'),
          events: z.number().int().describe('How many the filter lets through, voids too.'),
          voids: z.number().int().describe('How many of those took no effect.'),
        }),
      ),
      sampled: z
        .number()
        .optional()
        .describe('The share that was looked at, when the stretch was too long for all of it.'),
    }),
    who: 'token',
    verb: 'observe',
    help: 'How much happened when, in equal spans of time; of a long stretch an estimate.',
  }),
};
