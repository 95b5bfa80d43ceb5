// Views: tables of what is now, for a reader to hold as a mirror that follows change by change.
import { z } from 'zod';
import { type Thread, thread } from './ask.js';
import * as c from './common.js';
import { type JobRow, jobRow } from './job.js';
import { limits } from './limits.js';
import { inboxItem } from './message.js';
import { type PeerRow, peerRow } from './peer.js';
import { type ReviewRow, reviewRow } from './review.js';
import { type ScheduleRow, scheduleRow } from './schedule.js';
import { type TokenRow, tokenRow } from './token.js';
import { type BudgetRow, budgetRow, type UsageRow, usageRow } from './usage.js';

/** How many there are of a noun, in one circle and state; what is not there has no row. */
export const countRow = z.object({
  noun: z.enum(['peers', 'asks', 'jobs', 'schedules', 'inbox', 'mine']),
  circle: z.string(),
  state: z.string(),
  n: z.number().int(),
  oldest_at: c.time.optional(),
});
export type CountRow = z.infer<typeof countRow>;

export const brokerRow = z.object({
  gateway: z.string(),
  boot: z.string(),
  started_at: c.time,
  last_seen: c.time,
});
export type BrokerRow = z.infer<typeof brokerRow>;

/** What lies in the inbox of a peer. */
export const waitingRow = inboxItem.omit({ repeated: true }).extend({ peer: z.string() });
export type WaitingRow = z.infer<typeof waitingRow>;

/** Of each view the columns that a row may have. */
const rowShapes = {
  peers: peerRow.shape,
  asks: thread.shape,
  inbox: waitingRow.shape,
  jobs: jobRow.shape,
  schedules: scheduleRow.shape,
  reviews: { peer: z.string().optional(), ...reviewRow.shape },
  tokens: tokenRow.shape,
  usage: { ...usageRow.partial().shape, ...budgetRow.partial().shape },
  counts: countRow.shape,
  gateways: brokerRow.shape,
};

export type LiveView = keyof typeof rowShapes;

/** Of each view what a whole row is. */
export interface LiveRowTypes {
  peers: PeerRow;
  asks: Thread;
  inbox: WaitingRow;
  jobs: JobRow;
  schedules: ScheduleRow;
  reviews: ReviewRow & { peer?: string };
  tokens: TokenRow;
  usage: UsageRow | BudgetRow;
  counts: CountRow;
  gateways: BrokerRow;
}
export const liveViews = Object.keys(rowShapes) as [LiveView, ...LiveView[]];

/** What a column holds, as far as it can be compared. */
export interface ViewColumn {
  is: 'string' | 'number' | 'boolean' | 'object';
  /** The words of an enumeration. */
  words?: readonly string[] | undefined;
}

const columns = new Map<LiveView, ReadonlyMap<string, ViewColumn>>(
  liveViews.map(view => {
    const shape: Record<string, z.ZodType> = rowShapes[view];
    const known = Object.entries(shape).map(([name, type]) => [name, columnOf(type)] as const);
    return [view, new Map(known)];
  }),
);

/** The columns of a view by their names. */
export function columnsOf(view: LiveView): ReadonlyMap<string, ViewColumn> {
  return columns.get(view)!;
}

function columnOf(type: z.ZodType): ViewColumn {
  if (type instanceof z.ZodOptional) return columnOf(type.unwrap() as z.ZodType);
  if (type instanceof z.ZodEnum) return { is: 'string', words: type.options.map(String) };
  if (type instanceof z.ZodUnion) {
    const parts = type.options.map(part => columnOf(part as z.ZodType));
    const words = parts.flatMap(part => part.words ?? []);
    return { is: parts[0]?.is ?? 'object', words: words.length > 0 ? words : undefined };
  }
  if (type instanceof z.ZodString) return { is: 'string' };
  if (type instanceof z.ZodNumber) return { is: 'number' };
  return { is: type instanceof z.ZodBoolean ? 'boolean' : 'object' };
}

const cell = z.union([z.string().max(limits.path_chars), z.number(), z.boolean()]);

/** What narrows a view, alike for watching it and for looking at its past. */
export const viewParams = {
  view: z.enum(liveViews).describe('Which view.'),
  where: z
    .record(z.string().max(limits.name_chars), z.union([cell, cells()]))
    .refine(where => Object.keys(where).length <= limits.view_columns_items, 'has too many columns')
    .optional()
    .describe(
      'A row must have this value, or one of these, in each column. `peer` says whose inbox or ' +
        'whose queue of reviews. Left out: all that one may see.',
    ),
  fields: z
    .array(z.string().min(1).max(limits.name_chars))
    .min(1)
    .max(limits.view_columns_items)
    .optional()
    .describe('The columns to tell. Left out: all.'),
};
export type Where = Readonly<Record<string, z.infer<typeof cell> | z.infer<typeof cell>[]>>;

function cells() {
  return z.array(cell).min(1).max(limits.filter_items);
}

const subscription = z.string().min(1).max(limits.label_chars);
const row = z.record(z.string(), z.unknown());
const keyed = z.tuple([z.string(), row]);

export const viewMethods = {
  'view.watch': c.method({
    params: z.strictObject({
      ...viewParams,
      snapshot: z
        .boolean()
        .default(true)
        .describe('Whether the rows of now are told first; else changes alone.'),
      from: z
        .string()
        .min(1)
        .max(512)
        .optional()
        .describe(
          'The cursor that what one holds is true for: what has changed since is told instead of ' +
            'all rows. Left out: from now on.',
        ),
    }),
    result: z.object({
      subscription,
      at: z.string().describe('The cursor that the rows are true for.'),
      rows: z.array(keyed),
      more: z.boolean().optional().describe('Further rows follow as view.rows.'),
      resync: z
        .string()
        .optional()
        .describe('Why it does not go on after `from`: forget every row that was told before.'),
    }),
    who: 'token',
    verb: 'observe',
    help: 'Hold a view as it is: its rows, then what changes as view.changes notifications.',
  }),
  'view.unwatch': c.method({
    params: z.strictObject({ subscription: subscription.describe('That view.watch gave.') }),
    result: z.object({}),
    who: 'token',
    verb: 'observe',
    help: 'Stop watching.',
  }),
};

const moment = {
  position: c.position
    .nonnegative()
    .optional()
    .describe('With what took effect up to and with the event there. Left out: give `time`.'),
  time: c.moment('With what had taken effect by then. Left out: give `position`.').optional(),
};

/** Looking at a view as it was. */
export const pastMethods = {
  'view.at': c.method({
    params: z
      .strictObject({
        ...viewParams,
        ...moment,
        max: z
          .number()
          .int()
          .min(1)
          .max(limits.jobs_open_rows)
          .optional()
          .describe('Rows at most. Left out: as many as one answer holds.'),
        after: z
          .string()
          .max(limits.path_chars)
          .optional()
          .describe(
            'The `next` of the page before, at the `position` it told. Left out: the first page.',
          ),
      })
      .refine(({ position, time }) => (position === undefined) !== (time === undefined), {
        message: 'give either `position` or `time`',
      }),
    result: z.object({
      position: c.position.describe('Of the last event that counts; 0 before the first.'),
      time: c.time.describe('Log time there, by which all of it is judged.'),
      rows: z.array(keyed).describe('As `[key, row]`, in the order of the keys.'),
      next: z.string().optional(),
    }),
    who: 'token',
    verb: 'observe',
    help:
      'A view as it was at a position or time, of what one may see now; with `next`, ask again ' +
      'after it. Beyond the head of the log is `cursor_ahead`.',
  }),
};
