// The audit of the log: verifying what is stored, exporting it, and what was signed of it.
import { z } from 'zod';
import * as c from './common.js';
import { limits } from './limits.js';

const hash = z.string().describe('SHA-256, hex.');
const key = z.string().describe('An Ed25519 public key, 32 bytes in hex.');
const grade = z
  .enum(['self_consistent', 'signed'])
  .describe('`signed`: a checkpoint in it bears the key that was given; else it only fits itself.');
const verified = {
  ok: z.boolean(),
  from: c.position,
  to: c.position.describe('All up to here was held to the digests; go on from the next.'),
  checked: z.number().int().describe('How many events.'),
  first_bad: c.position.optional().describe('Where to look first; nothing before it is bad.'),
  reason: z.string().optional(),
  grade,
  signed_to: c.position.optional().describe('The furthest that the given key has signed.'),
};
const checkpoint = z.object({
  position: c.position,
  time: c.time,
  sequence: z.number().int().describe('The commit that it is about.'),
  digest: hash,
  events: z.number().int().optional(),
  state: z.string().optional().describe('The hash of the state, with the version of the fold.'),
  key,
  signature: z.string(),
  by: z.string().describe('The boot of the broker that signed it.'),
});
const placeOf = (what: string) =>
  z
    .union([
      z.number().int().nonnegative(),
      z.string().min(1).max(512),
      z.strictObject({ time: c.moment('The first commit of that time or after.') }),
    ])
    .optional()
    .describe(`${what} A position, a cursor, or {time}.`);

export const auditMethods = {
  'log.verify': c.method({
    params: z.strictObject({
      from: z.number().int().nonnegative().default(0).describe('A position. Left out: the start.'),
      to: z.number().int().nonnegative().optional().describe('A position. Left out: the head.'),
      key: z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits')
        .optional()
        .describe(
          'A public key of a broker, known from elsewhere, in hex. ' +
            'Left out: the answer is of what is consistent in itself.',
        ),
    }),
    result: z.object(verified),
    who: 'token',
    verb: 'observe',
    help: 'Read the log again and hold it to its digests, as far as a call gets; for all circles.',
  }),
  'log.export': c.method({
    params: z.strictObject({
      from: placeOf('Left out: the start.'),
      to: placeOf('Left out: the head as it is now.'),
      format: z
        .enum(['jsonl', 'raw', 'cloudevents'])
        .default('jsonl')
        .describe('Commits with their events, only their bytes, or CloudEvents 1.0.'),
      redact: z
        .array(z.string().min(1).max(limits.name_chars))
        .max(limits.export_fields_items)
        .default([])
        .describe('Fields that are taken out; `text` stands for all that are written freely.'),
      after: z
        .string()
        .max(limits.path_chars)
        .optional()
        .describe(
          'The `next` of the page before, instead of all other parameters. Left out: begins.',
        ),
    }),
    result: z.object({
      lines: z
        .array(z.string())
        .describe('To be written one after another, each with its newline.'),
      next: z.string().optional().describe('Absent with the last page.'),
      done: c.position,
      to: c.position,
    }),
    who: 'token',
    verb: 'observe',
    help: 'Write out the log, a page a call, so that anybody can verify it. Needs all circles.',
  }),
  'mesh.audit': c.method({
    params: z.strictObject({}),
    result: z.object({
      log: z.string(),
      position: c.position.describe('The newest commit.'),
      digest: hash,
      key: key.describe('The public key of this broker, hex.'),
      checkpoint: checkpoint.optional().describe('The newest one in the log.'),
      verified: z
        .object({ ...verified, time: c.time })
        .optional()
        .describe('The last verification by this broker since it started.'),
    }),
    who: 'token',
    verb: 'observe',
    help: 'What this broker holds for the history, what was last signed of it and last verified.',
  }),
};
