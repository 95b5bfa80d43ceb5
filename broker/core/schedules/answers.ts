// What is told of a schedule that was made or goes on.
import { named } from '../../../schemas/uuid.js';
import type { Table } from '../rows/table.js';
import type { AnswerMaker, Answers, CommandOutcome } from '../shared/answers.js';

/** A repeat is told the same next time, though the schedule may have gone on or left the table. */
function madeAnswer(
  table: Table,
  schedule: string,
  { reason, receipt }: CommandOutcome,
): Record<string, unknown> {
  if (reason !== undefined || receipt?.kind === 'ended') return { schedule };
  const once = table.schedules.get(schedule)?.row.fire_at;
  const next_at = receipt?.kind === 'next' ? receipt.at : once;
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
