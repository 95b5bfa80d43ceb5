// A job as people read it: what is to be done, how it stands, and what came of each attempt.
import type { Attempt, JobRow } from '../../../schemas/job.js';
import type { Result } from '../../../schemas/method.js';
import { type FactLine, factLines } from '../../terminal/facts.js';
import type { Names } from '../../terminal/names.js';
import { attachmentLines } from '../../terminal/question.js';
import { oneLine, safeText } from '../../terminal/safe.js';
import { age } from '../../terminal/times.js';
import { localZone, whenText } from '../../terminal/when.js';

const LINE_CHARS = 400;
const JSON_INDENT = 2;

/** How it stands in a few words, as `running 50%`. */
export function stateText({ state, progress, cancel }: JobRow): string {
  const done = isEnded(state) || progress === undefined ? '' : ` ${percent(progress)}`;
  const asked = cancel !== undefined && !isEnded(state) ? ', to stop' : '';
  return `${state.replace('_', ' ')}${done}${asked}`;
}

/** True for a state that no job leaves by itself. */
export function isEnded(state: JobRow['state']): boolean {
  return ['completed', 'failed', 'cancelled', 'expired'].includes(state);
}

/** When it is due, or by when it must be done: whichever comes next. */
export function timeText(row: JobRow, now: number): string {
  if (isEnded(row.state)) return '';
  if (row.state === 'scheduled' && row.due_at !== undefined) return `due ${ahead(row.due_at, now)}`;
  return row.deadline_at === undefined ? '' : `by ${ahead(row.deadline_at, now)}`;
}

/** How long the worker may still be silent. */
export function leaseText({ lease_until }: JobRow, now: number): string {
  if (lease_until === undefined) return '';
  return lease_until > now ? ahead(lease_until, now).replace(/^in /, '') : 'over';
}

/** A time as people of this machine's zone say it. */
export function ahead(time: number, now: number): string {
  return whenText(time, now, localZone());
}

/** The job without its attempts: facts first, the brief below. */
export function jobLines(row: JobRow, names: Names, now: number): string[] {
  const by = (peer: string | undefined) => (peer === undefined ? undefined : names.of(peer));
  const at = (time: number | undefined) => (time === undefined ? undefined : ahead(time, now));
  const { recurrence } = row;
  const facts: FactLine[] = [
    ['job', row.job],
    ['state', [stateText(row), row.phase].filter(Boolean).join(', ')],
    ['from', `${names.of(row.from)}, ${age(row.created_at, now)}`],
    ['to', by(row.to) ?? `whoever does ${row.kind} work`],
    ['owner', by(row.owner)],
    ['worker', by(row.worker)],
    ['attempt', `${row.attempt} of ${row.attempts_max}`],
    ['lease', row.lease_until === undefined ? undefined : leaseText(row, now)],
    ['due', row.state === 'scheduled' ? at(row.due_at) : undefined],
    ['deadline', at(row.deadline_at)],
    ['recurs', recurrence && `${recurrence.cron} (${recurrence.zone})`],
    ['run of', row.recurs],
    ['belongs to', row.correlation],
    ['note', row.note],
    ['to stop', row.cancel && `${names.of(row.cancel.by)}: ${row.cancel.reason}`],
  ];
  return [
    `#${row.number} ${oneLine(row.title, LINE_CHARS)} (${row.kind})`,
    ...factLines(facts.map(([label, said]) => [label, said && oneLine(said, LINE_CHARS)])),
    ...(row.attachments ?? []).flatMap(each => attachmentLines(each).map(line => `+ ${line}`)),
    ...paragraph(row.body),
  ];
}

/** What came of it: attempts with their notes, then summary, error and result. */
export function outcomeLines(job: Result<'job.get'>, names: Names, now: number): string[] {
  const { attempts, summary, error, result, artifacts = [] } = job;
  return [
    ...(attempts.length === 0 ? [] : ['']),
    ...attempts.flatMap(attempt => attemptLines(attempt, names, now)),
    ...paragraph(summary),
    ...paragraph(error && `error: ${error}`),
    ...paragraph(
      typeof result === 'object' ? JSON.stringify(result, undefined, JSON_INDENT) : result,
    ),
    ...artifacts.flatMap(each => attachmentLines(each).map(line => `+ ${line}`)),
  ];
}

function attemptLines(attempt: Attempt, names: Names, now: number): string[] {
  const { by, state, claimed_at, ended_at, phase, progress, reason } = attempt;
  const said = [
    `attempt ${attempt.attempt} by ${names.of(by)}`,
    `${state}, ${age(ended_at ?? claimed_at, now)}`,
    progress === undefined ? '' : percent(progress),
    phase ?? '',
    reason ?? '',
  ];
  const notes = [...(attempt.notes ?? []), ...(attempt.note ? [attempt.note] : [])];
  return [
    oneLine(said.filter(part => part !== '').join(', '), LINE_CHARS),
    ...notes.flatMap(note =>
      safeText(note)
        .split('\n')
        .map(line => `    ${line}`),
    ),
  ];
}

function percent(progress: number): string {
  return `${Math.round(progress * 100)}%`;
}

function paragraph(text: string | undefined): string[] {
  return text ? ['', ...safeText(text).split('\n')] : [];
}
