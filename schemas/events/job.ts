// The events of the noun job.
import { maybeOneOf, oneOf } from '../shape.js';
import { named } from '../uuid.js';
import { event } from './row.js';

/** What a worker says of the job it holds. */
export const workStates = ['running', 'awaiting_input', 'blocked'] as const;
/** How a worker ends its attempt. */
export const endings = ['completed', 'failed'] as const;

const job = { job: 'string' } as const;
const refs = (e: { job: string }) => [e.job];

export const jobEvents = {
  'job.created': event({
    since: 2,
    by: 'speak',
    methods: ['job.create'],
    fields: {
      ...job,
      title: 'string',
      kind: 'string',
      body: 'string?',
      to: 'string?',
      owner: 'string?',
      due_at: 'number?',
      deadline_at: 'number?',
      attempts_max: 'number',
      lease_s: 'number',
      cron: 'string?',
      zone: 'string?',
      correlation: 'string?',
      attachments: 'objects?',
      caused_by: 'string?',
      hops: 'number?',
      replies: 'number?',
    },
    refs,
    makes: { job: refs },
  }),
  'job.claimed': event({
    since: 2,
    by: 'speak',
    methods: ['job.claim'],
    fields: { ...job, kind: 'string?' },
    refs,
  }),
  'job.updated': event({
    since: 2,
    by: 'speak',
    methods: ['job.update'],
    fields: {
      ...job,
      attempt: 'number',
      state: maybeOneOf(workStates),
      phase: 'string?',
      progress: 'number?',
      note: 'string?',
    },
    refs,
  }),
  'job.finished': event({
    since: 2,
    by: 'speak',
    methods: ['job.finish'],
    fields: {
      ...job,
      attempt: 'number',
      outcome: oneOf(endings),
      summary: 'string',
      result: 'object?',
      result_text: 'string?',
      artifacts: 'objects?',
      error: 'string?',
    },
    refs,
  }),
  'job.cancelled': event({
    since: 2,
    by: 'speak',
    methods: ['job.cancel'],
    fields: { ...job, reason: 'string' },
    refs,
  }),
  'job.retried': event({
    since: 2,
    by: 'speak',
    methods: ['job.retry'],
    fields: job,
    refs,
  }),
  // A scheduled job's time has come. Of a recurring one a run `job_<id>` begins, unless `skipped`
  // says why not; `next_at` is when it is due again.
  'job.due': event({
    since: 2,
    by: 'broker',
    timed: true,
    fields: { ...job, due_at: 'number', next_at: 'number?', skipped: maybeOneOf(['overlap']) },
    refs: e => [e.job, named('job', e.id)],
    makes: { job: e => [named('job', e.id)] },
  }),
  'job.lapsed': event({
    since: 2,
    by: 'broker',
    timed: true,
    fields: { ...job, attempt: 'number' },
    refs,
  }),
  'job.expired': event({ since: 2, by: 'broker', timed: true, fields: job, refs }),
};
