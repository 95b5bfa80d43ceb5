// What a worker is told when it has claimed or updated a job.
import type { Attempt } from '../../../schemas/job.js';
import { limits } from '../../../schemas/limits.js';
import { firstChars } from '../../../schemas/text-cut.js';
import { named } from '../../../schemas/uuid.js';
import { isHeld, type Job, shownJob } from '../rows/jobs.js';
import type { Table } from '../rows/table.js';
import type { Answers, CommandOutcome } from '../shared/answers.js';

type Answer = Record<string, unknown>;

/** The claim is found again by its place in the log, so a repeat is told of the same attempt. */
export function claimAnswer(table: Table, { position, receipt }: CommandOutcome): Answer {
  const job = receipt?.kind === 'job' ? table.jobs.numbered(receipt.n) : undefined;
  const mine = job?.attempts.find(each => each.position === position);
  if (job === undefined || mine === undefined) return {};
  const { attempt, claimed_at } = mine;
  const earlier = job.attempts.filter(each => each.attempt < attempt);
  return {
    job: job.job,
    attempt,
    lease_until: claimed_at + job.lease_s * 1_000,
    // What has become of it since is not what this claim was told.
    ...(job.position === position && { row: shownJob(job) }),
    ...(earlier.length > 0 && { handoff: { attempts: earlier, text: brief(table, job, earlier) } }),
  };
}

function updateAnswer(
  table: Table,
  { reason }: CommandOutcome,
  { job, attempt }: Record<string, unknown>,
): Answer {
  const row = reason === undefined ? table.jobs.get(String(job)) : undefined;
  if (row === undefined || row.attempt !== attempt || !isHeld(row.state)) return {};
  const { lease_until, cancel } = row;
  return { lease_until, ...(cancel && { cancel }) };
}

/** What a new worker should know, as a text to read: the newest attempt last and most fully. */
function brief(table: Table, job: Job, attempts: readonly Attempt[]): string {
  const count =
    attempts.length === 1 ? 'one earlier attempt' : `${attempts.length} earlier attempts`;
  const head = `Job ${job.number}: ${job.title}\n${count}; go on from where the last one stopped.`;
  const lines: string[] = [];
  let room = limits.job_handoff_chars - head.length;
  for (const attempt of attempts.toReversed()) {
    const line = firstChars(story(table, attempt), Math.max(0, room - 1));
    room -= line.length + 1;
    if (line !== '') lines.push(line);
  }
  return [head, ...lines.reverse()].join('\n');
}

function story(table: Table, each: Attempt): string {
  const { attempt, by, state, claimed_at, ended_at = claimed_at, phase, progress, reason } = each;
  const name = table.peers.rows.get(by)?.name ?? by;
  const far = progress === undefined ? '' : `, ${Math.round(progress * 100)} % done`;
  const where = phase === undefined ? '' : `, in phase "${phase}"`;
  const why = reason === undefined ? '' : `: ${reason}`;
  const head = `${attempt}. ${name}, ${span(ended_at - claimed_at)}${far}${where}, ${state}${why}`;
  const notes = [...(each.notes ?? []), each.note].filter(note => note !== undefined);
  return [head, ...notes.map(note => `   - ${note}`)].join('\n');
}

/** A duration in ms as people say it. */
function span(ms: number): string {
  const s = Math.round(ms / 1_000);
  if (s < 120) return `${s} s`;
  return s < 7_200 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3_600)} h`;
}

export const jobAnswers = {
  'job.create': (_, { id }) => ({ job: named('job', id) }),
  'job.claim': ({ table }, _, outcome) => claimAnswer(table, outcome),
  'job.update': ({ table }, { params }, outcome) => updateAnswer(table, outcome, params),
} satisfies Answers;
