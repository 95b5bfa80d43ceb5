// The noun job: work handed over for good, from its making through claims and leases to its end.
import { z } from 'zod';
import { attachmentRow, attachments } from './attachment.js';
import * as c from './common.js';
import { endings, workStates } from './events/job.js';
import { cause, jobId } from './id.js';
import { limits } from './limits.js';

export const jobState = z.enum([
  'scheduled',
  'queued',
  'claimed',
  'running',
  'awaiting_input',
  'blocked',
  'completed',
  'failed',
  'cancelled',
  'expired',
]);
export type JobState = z.infer<typeof jobState>;

const attemptNumber = z.number().int().nonnegative().describe('Counts the claims of the job.');
const jobOf = (what: string) => jobId.describe(`The job ${what}, job_<uuid>.`);
const progress = z.number().min(0).max(1).describe('From 0 to 1.');
const note = (what: string) => c.boundedText(limits.job_note_chars, what);
const upTo = (max: number) => z.number().int().min(1).max(max);
const result = z.record(z.string(), z.unknown()).or(z.string());

/** One claim of a job, and how it went. */
export const attempt = z.object({
  attempt: attemptNumber,
  by: z.string(),
  by_name: c.peerName,
  state: z.enum(['running', 'completed', 'failed', 'lapsed', 'cancelled', 'expired']),
  claimed_at: c.time,
  ended_at: c.time.optional(),
  phase: z.string().optional(),
  progress: progress.optional(),
  /** The newest note; earlier ones are in `notes`. */
  note: z.string().optional(),
  notes: z.array(z.string()).optional(),
  reason: z.string().optional().describe('Why it ended, when not by a good finish.'),
  position: c.position.describe('Where in the log it was claimed.'),
});
export type Attempt = z.infer<typeof attempt>;

export const recurrence = z.strictObject({ cron: c.cron, zone: c.zone.default('UTC') });

export const jobRow = z.object({
  job: z.string(),
  number: z.number().int().describe('Counts the jobs of the mesh, for people to say.'),
  title: z.string(),
  kind: z.string(),
  body: z.string().optional(),
  state: jobState,
  circle: z.string(),
  from: z.string().describe('Who made it.'),
  from_name: c.peerName,
  to: z.string().optional(),
  to_name: c.peerName,
  owner: z.string().optional(),
  owner_name: c.peerName,
  worker: z.string().optional(),
  worker_name: c.peerName,
  attempt: z.number().int().describe('The newest attempt; 0 before the first claim.'),
  attempts_max: z.number().int(),
  lease_s: z.number().int(),
  lease_until: c.time.optional(),
  due_at: c.time.optional(),
  deadline_at: c.time
    .optional()
    .describe('Of a recurring job: counted from due_at it is how long each run gets.'),
  phase: z.string().optional(),
  progress: progress.optional(),
  note: z.string().optional(),
  cancel: z.object({ by: z.string(), reason: z.string() }).optional(),
  summary: z.string().optional(),
  error: z.string().optional(),
  recurrence: z.object({ cron: z.string(), zone: z.string() }).optional(),
  recurs: z.string().optional().describe('The recurring job that this one is a run of.'),
  run: z.string().optional().describe('The newest run of a recurring job.'),
  correlation: z.string().optional(),
  handed_from: c.handedFrom,
  handed_from_name: c.peerName,
  attachments: z.array(attachmentRow).optional(),
  created_at: c.time,
  changed_at: c.time,
  ended_at: c.time.optional(),
  position: c.position,
});
export type JobRow = z.infer<typeof jobRow>;

/** What a new worker should know of those before it. */
export const handoff = z.object({
  attempts: z.array(attempt),
  text: z.string().describe('The same as a brief to read.'),
});

const attemptOfClaim = attemptNumber.describe('The number that the claim gave.');

export const jobMethods = {
  'job.create': c.method({
    params: z.strictObject({
      ...c.command,
      title: c.label.min(1).describe('What is to be done, in a line.'),
      kind: c.name.default('general').describe('What kind of work; workers claim by it.'),
      body: c.boundedText(limits.text_bytes, 'The brief. Left out: the title is all.').optional(),
      to: c.peer('Who is to do it. Left out: whoever claims its kind.').optional(),
      circle: c.circle
        .optional()
        .describe(
          'Where it may be claimed; beside `to`, where that name is looked up. Left out: the own ' +
            'circle, and for a name as in ask.open.',
        ),
      owner: c.peer('Who is told how it ends. Left out: who makes it.').optional(),
      due_at: c.moment('Not to be claimed before; must be ahead. Left out: now.').optional(),
      deadline_at: c
        .moment(
          'When it expires; of a recurring job, counted from due_at, how long ' +
            'each run gets. Left out: never.',
        )
        .optional(),
      attempts_max: upTo(limits.job_attempts_max_items)
        .default(limits.job_attempts_items)
        .describe('How often it is tried before it has failed.'),
      lease_s: upTo(limits.job_lease_max_s)
        .default(limits.job_lease_s)
        .describe('How long a worker may be silent before the job is queued again, in seconds.'),
      recurrence: recurrence
        .optional()
        .describe('The rule by which a run of it begins again and again. Left out: once.'),
      correlation: c.label
        .optional()
        .describe('What it belongs to elsewhere, as an issue number. Left out: nothing.'),
      attachments: attachments.optional(),
      caused_by: cause.optional(),
    }),
    result: z.object({ ...c.verdict, job: z.string() }),
    who: 'peer',
    verb: 'speak',
    help: 'Hand over work that outlives its sender: to one peer, or to whoever claims its kind.',
  }),
  'job.claim': c.method({
    params: z
      .strictObject({
        ...c.command,
        job: jobId.optional().describe('The job to take, job_<uuid>. Left out: the next.'),
        kind: c.name.optional().describe('The kind of the next one. Left out: any.'),
      })
      .refine(({ job, kind }) => job === undefined || kind === undefined, 'give job or kind'),
    result: z.object({
      ...c.verdict,
      job: z.string().optional(),
      attempt: attemptNumber.optional(),
      lease_until: c.time.optional(),
      row: jobRow.optional(),
      handoff: handoff.optional(),
    }),
    who: 'peer',
    verb: 'speak',
    help: 'Take a job, or the next one of a kind: what is assigned to you first, then the oldest.',
  }),
  'job.update': c.method({
    params: z.strictObject({
      ...c.command,
      job: jobOf('at hand'),
      attempt: attemptOfClaim,
      state: z
        .enum(workStates)
        .optional()
        .describe('How it stands. Left out: running after a claim, else as before.'),
      phase: c.label.optional().describe('The step it is at. Left out: as before.'),
      progress: progress.optional().describe('The share that is done. Left out: as before.'),
      note: note('What the next worker should know. Left out: none.').optional(),
    }),
    result: z.object({
      ...c.verdict,
      lease_until: c.time.optional(),
      cancel: z.object({ by: z.string(), reason: z.string() }).optional(),
    }),
    who: 'peer',
    verb: 'speak',
    help: 'Say how it goes, which renews the lease.',
  }),
  'job.finish': c.method({
    params: z.strictObject({
      ...c.command,
      job: jobOf('at hand'),
      attempt: attemptOfClaim,
      outcome: z.enum(endings).describe('Whether it was done.'),
      summary: c.boundedText(limits.text_bytes, 'What came of it, in words.'),
      result: result
        .optional()
        .describe(`Data of at most ${limits.job_result_bytes} bytes of JSON. Left out: none.`),
      artifacts: attachments.optional(),
      error: note('Why it failed. Left out: not told.').optional(),
    }),
    result: c.applied,
    who: 'peer',
    verb: 'speak',
    help: 'End an attempt, and the job with it.',
  }),
  'job.cancel': c.method({
    params: z.strictObject({ ...c.command, job: jobOf('to end'), reason: note('Why.') }),
    result: c.applied,
    who: 'peer',
    verb: 'speak',
    help: 'End a waiting job at once; ask the worker of a claimed one to stop.',
  }),
  'job.retry': c.method({
    params: z.strictObject({ ...c.command, job: jobOf('to queue again') }),
    result: c.applied,
    who: 'peer',
    verb: 'speak',
    help: 'Queue a failed, cancelled or expired job again.',
  }),
  'job.get': c.method({
    params: z.strictObject({ job: jobOf('to read') }),
    result: jobRow.extend({
      attempts: z.array(attempt),
      result: result.optional(),
      artifacts: z.array(attachmentRow).optional(),
    }),
    who: 'token',
    verb: 'any',
    help: 'One job with its attempts and its result.',
  }),
  'job.list': c.method({
    params: z.strictObject({
      state: jobState.optional().describe('Only jobs in this state. Left out: in any.'),
      owner: c.peer('Who is told how it ends. Left out: anybody.').optional(),
      to: c.peer('Who is to do it. Left out: anybody.').optional(),
      kind: c.name.optional().describe('Only of this kind. Left out: of any.'),
      circle: c.circleOfList,
      ...c.pageAfter(z.string().regex(/^\d{1,15}$/, 'must be the next of the page before')),
    }),
    result: c.rows(jobRow),
    who: 'token',
    verb: 'any',
    help: 'Jobs of this circle, newest first; of every visible circle for a bare token.',
  }),
};
