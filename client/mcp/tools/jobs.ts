// Tools for durable jobs: made, claimed, carried on, finished, and looked up.
import type { JobRow } from '../../../schemas/job.js';
import { age } from '../../terminal/times.js';
import { methodTool, type Tool } from '../tool.js';
import { at, countTexts, OF_OTHERS, quote, wordsOf } from '../words.js';

const create = methodTool({
  name: 'job_create',
  method: 'job.create',
  fields: 'title body to kind owner due_at deadline_at attempts_max lease_s recurrence circle',
  help: 'Hand over work that outlives you: to one peer, or to whoever claims its kind.',
  effect: 'says',
  tell: ({ job }) => ({
    job,
    state: 'queued, not yet claimed',
    next: `its end comes by inbox; job_status job=${job} tells how it goes`,
  }),
});

const claim = methodTool({
  name: 'job_claim',
  method: 'job.claim',
  fields: 'job kind',
  help: 'Take a job, or the next one that waits for you.',
  effect: 'says',
  tell: ({ job, attempt, lease_until, row, handoff }) =>
    job === undefined
      ? { none: 'no job waits for you', next: 'look again later' }
      : {
          job,
          attempt,
          lease_until: at(lease_until),
          title: quote(row?.title),
          note: OF_OTHERS,
          ...briefOf(`job_status job=${job}`, row, handoff?.text),
          next: `job_update job=${job} attempt=${attempt} before the lease ends; then job_finish`,
        },
});

/** What is to be done, and what came of it before. */
function briefOf(whole: string, row: Partial<JobRow> = {}, before?: string) {
  const texts = countTexts(row.body, before);
  return {
    body: wordsOf(row.from_name ?? row.from ?? '', row.body, whole, texts),
    before: wordsOf('earlier workers', before, whole, texts),
  };
}

const update = methodTool({
  name: 'job_update',
  method: 'job.update',
  fields: 'job attempt state phase progress note',
  help: 'Say how a job goes, which renews its lease.',
  effect: 'says',
  tell: ({ lease_until, cancel }, { args }) => ({
    job: `${args.job}`,
    lease_until: at(lease_until),
    cancel: cancel && `it is to stop: ${quote(cancel.reason)}`,
    next: cancel ? 'stop, and job_finish with what there is' : 'again before the lease ends',
  }),
});

const finish = methodTool({
  name: 'job_finish',
  method: 'job.finish',
  fields: 'job attempt outcome summary result error',
  help: 'End an attempt, and the job with it.',
  effect: 'says',
  words: { result: 'Data, as an object.' },
  tell: (_, { args }) => ({
    job: `${args.job}`,
    outcome: `${args.outcome}`,
    next: 'its owner is told by inbox',
  }),
});

const cancel = methodTool({
  name: 'job_cancel',
  method: 'job.cancel',
  fields: 'job reason',
  help: 'End a waiting job at once; ask the worker of a claimed one to stop.',
  effect: 'ends',
  tell: (_, { args }) => ({
    job: `${args.job}`,
    next: 'of a claimed job it counts when the worker stops or its lease ends: job_status',
  }),
});

const list = methodTool({
  name: 'job_list',
  method: 'job.list',
  fields: 'state owner to kind circle max after',
  help: 'Jobs, newest first.',
  effect: 'reads',
  tell: ({ rows, next }, { now }) => ({
    jobs: rows.map(row => rowFacts(row, now)),
    ...(rows.length === 0 && { none: 'no such job' }),
    more: next && `there are more: job_list after=${next}`,
    next: 'one in full: job_status or job_result job=<job>',
  }),
});

function rowFacts(row: JobRow, now: number) {
  const { job, title, state, kind, to, to_name, worker, worker_name, progress, phase } = row;
  return {
    job,
    title: quote(title),
    state,
    kind: kind === 'general' ? undefined : kind,
    to: to_name ?? to,
    worker: worker_name ?? worker,
    phase: quote(phase),
    progress,
    changed: age(row.changed_at, now),
  };
}

const status = methodTool({
  name: 'job_status',
  method: 'job.get',
  fields: 'job',
  help: 'One job: how it stands, its brief and its attempts.',
  effect: 'reads',
  tell: (row, { now }) => ({
    ...rowFacts(row, now),
    owner: row.owner_name ?? row.owner,
    lease_until: at(row.lease_until),
    deadline_at: at(row.deadline_at),
    attempts: row.attempts.map(({ attempt, by, by_name, state, note, reason }) => ({
      attempt,
      by: by_name ?? by,
      state,
      note: quote(note),
      reason: quote(reason),
    })),
    note: OF_OTHERS,
    body: wordsOf(row.from_name ?? row.from, row.body, `thread ref=${row.job} (through more)`),
    next: row.ended_at === undefined ? 'its end comes by inbox' : `job_result job=${row.job}`,
  }),
});

const result = methodTool({
  name: 'job_result',
  method: 'job.get',
  fields: 'job',
  help: 'What a job has brought: outcome, summary, data, artifacts.',
  effect: 'reads',
  tell: row => {
    const who = row.worker_name ?? row.worker ?? row.attempts.at(-1)?.by_name ?? 'its worker';
    const whole = `thread ref=${row.job} (through more)`;
    const data = row.result === undefined ? undefined : JSON.stringify(row.result);
    const texts = countTexts(row.summary, data, row.error);
    return {
      job: row.job,
      title: quote(row.title),
      state: row.state,
      note: OF_OTHERS,
      summary: wordsOf(who, row.summary, whole, texts),
      result: wordsOf(who, data, whole, texts),
      artifacts: row.artifacts?.map(({ name }) => quote(name)),
      error: wordsOf(who, row.error, whole, texts),
      next: row.ended_at === undefined ? 'it has not ended: job_status' : 'nothing more to do',
    };
  },
});

/** Behind `more`. */
export const jobTools: readonly Tool[] = [
  create,
  claim,
  update,
  finish,
  list,
  status,
  result,
  cancel,
];
