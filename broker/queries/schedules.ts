// Reading schedules.
import type { Parsed, Result } from '../../schemas/method.js';
import { type Refusal, refuse } from '../../schemas/refusal.js';
import type { QueryContext } from './context.js';

export function getSchedule(
  _context: QueryContext,
  _params: Parsed<'schedule.get'>,
): Result<'schedule.get'> | Refusal {
  return refuse('method_unknown', 'Not there yet.');
}

export function listSchedules(
  _context: QueryContext,
  _params: Parsed<'schedule.list'>,
): Result<'schedule.list'> | Refusal {
  return refuse('method_unknown', 'Not there yet.');
}
