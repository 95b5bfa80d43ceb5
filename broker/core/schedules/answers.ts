// What is told of a schedule that was made or goes on.
import { named } from '../../../schemas/uuid.js';
import type { Table } from '../rows/table.js';
import type { AnswerMaker, Answers, Outcome } from '../shared/answers.js';
import { NO_NEXT } from './rules.js';

const MINUTE = 60_000;

/** A repeat is told the same next time, though the schedule may have gone on or left the table. */
function madeAnswer(
  table: Table,
  schedule: string,
  { reason, detail }: Outcome,
): Record<string, unknown> {
  if (reason !== undefined || detail === NO_NEXT) return { schedule };
  const next_at = detail > 0 ? detail * MINUTE : table.schedules.get(schedule)?.row.fire_at;
  return next_at === undefined ? { schedule } : { schedule, next_at };
}

const planned: AnswerMaker = ({ table }, { id }, outcome) =>
  madeAnswer(table, named('sched', id), outcome);

export const scheduleAnswers = {
  'schedule.create': planned,
  'schedule.cron': planned,
  'schedule.self': planned,
  'schedule.resume': ({ table }, { params }, outcome) =>
    madeAnswer(table, String(params.schedule), outcome),
} satisfies Answers;
