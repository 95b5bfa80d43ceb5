// The small words every noun uses: names, circles, texts, times, pages and the answer of a command.
import { z } from 'zod';
import { roles, verbs } from './events/token.js';
import { commandId } from './id.js';
import { limits } from './limits.js';
import { typeFirst } from './type-first.js';

const encoder = new TextEncoder();

/** True when the UTF-8 form of `text` is at most `bytes` long. */
export function fitsBytes(text: string, bytes: number): boolean {
  if (text.length * 3 <= bytes) return true;
  return text.length <= bytes && encoder.encode(text).length <= bytes;
}

/** A string bounded in bytes; over the bound is the refusal `too_large`, not `invalid`. */
export function boundedText(bytes: number, what = '') {
  return z
    .string()
    .refine(text => fitsBytes(text, bytes), {
      error: `is over ${bytes} bytes; send a shorter text or refer to a file`,
      params: { refusal: 'too_large' },
    })
    .meta({ maxLength: bytes, description: `${what} At most ${bytes} bytes of UTF-8.`.trim() });
}

export const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
export const name = z
  .string()
  .regex(NAME, 'must be 1-64 of a-z 0-9 . _ - and start with a-z or 0-9');
/** Beside the id of a peer, for who may see it; also of one that has left. */
export const peerName = z.string().optional().describe('What the peer is called, or was.');
/** Of a row that a handover has changed: whose it was until then, the last of them. */
export const handedFrom = z
  .string()
  .optional()
  .describe('Whose it was before somebody took over from that peer. Left out: nobody did.');
export const circle = name.describe('A scope for names and delivery.');
export const circleOrAll = z.union([name, z.literal('*')]);
/** What a list is narrowed to. */
export const circleOfList = circleOrAll
  .optional()
  .describe('`*` for all. Left out: the own circle; all for an orchestrator or a bare token.');
/** Beside the name of a peer. */
export const circleOfName = circle
  .optional()
  .describe(
    'Where a name is looked up; of no effect beside an id. Left out: the own circle of an agent, ' +
      'the whole mesh for other roles.',
  );
export const text = boundedText(limits.text_bytes, 'The words, not empty.').refine(
  value => value.length > 0,
  'is empty',
);
export const label = z.string().max(limits.label_chars);
export const path = z.string().max(limits.path_chars);
export const secret = z
  .string()
  .min(limits.secret_min_chars)
  .max(limits.secret_max_chars)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');

export const RULE =
  'Minute, hour, day of month, month, day of week; or @hourly @daily @weekly @monthly.';
export const cron = z.string().min(1).max(limits.cron_chars).describe(RULE);
export const zone = z
  .string()
  .min(1)
  .max(limits.label_chars)
  .describe('The IANA zone of the rule.');

/**
 * A point in time, with what it decides; only the broker resolves it (`moment.ts`), by its own
 * clock.
 */
export function moment(what: string) {
  const written = 'Epoch ms, ISO 8601 (no offset = UTC), or 90s 10m 2h 3d from now.';
  return z
    .union([z.number().int().nonnegative(), z.string().min(2).max(64)])
    .describe(`${what} ${written}`);
}
const peerOrName = z
  .string()
  .min(1)
  .max(limits.name_chars + 8);
export const to = peer('Whom it is for.');

/**
 * A peer by id or name, with the part it plays; which one a name means is for the broker to say.
 */
export function peer(what: string) {
  return peerOrName.describe(`${what} A peer id or a name.`);
}
export const time = z.number().int().describe('Milliseconds UTC.');
export const position = z.number().int().describe('The place of an event in the log.');
export const minPosition = position
  .nonnegative()
  .optional()
  .describe(
    'A position seen elsewhere: a broker that is behind it waits, or refuses. Left out: any.',
  );
export const page = pageAfter(z.string().max(limits.label_chars));

/** The parameters of a list whose pages go on after a key of this shape. */
export function pageAfter(key: z.ZodString) {
  return {
    max: z.number().int().min(1).max(limits.list_items).default(100).describe('Rows at most.'),
    after: key.optional().describe('The `next` of the page before. Left out: the first page.'),
  };
}

export const command = { id: commandId };
/** Of commands that are the same whoever makes the id. */
export const optionalId = commandId
  .optional()
  .describe(`${commandId.description} Left out: the broker makes one.`);
export const verdict = {
  position,
  verdict: z.enum(['applied', 'void']),
  reason: z.string().optional(),
};
export const applied = z.object(verdict);

/** What view.watch goes on after, for who holds a list as it was told. */
export const trueAt = {
  at: z.string().optional().describe('The cursor that the rows are true for, or later.'),
};

/**
 * The answer of a list; `next`, when there is more, is what to give as `after` for the page that
 * follows.
 */
export function rows<T extends z.ZodType>(row: T) {
  return z.object({ rows: z.array(row), next: z.string().optional(), ...trueAt });
}

export const role = z.enum(roles);
export type Role = z.infer<typeof role>;
export const verb = z.enum(verbs);
export type Verb = z.infer<typeof verb>;

/** One line of the table of methods. */
export interface MethodRow {
  params: z.ZodType;
  result: z.ZodType;
  /** `peer` must speak for a peer; `token` needs any credential; `page` needs only a code. */
  who: 'peer' | 'token' | 'page';
  verb: Verb | 'any';
  help: string;
}

/** Keeps the literal types of a row, so that callers are typed by it. */
export function method<const Row extends MethodRow>(row: Row): Row {
  typeFirst(row.params);
  return row;
}
