// Reading jobs.
import type { Parsed, Result } from '../../schemas/method.js';
import { type Refusal, refuse } from '../../schemas/refusal.js';
import type { QueryContext } from './context.js';

export function getJob(
  _context: QueryContext,
  _params: Parsed<'job.get'>,
): Result<'job.get'> | Refusal {
  return refuse('method_unknown', 'Not there yet.');
}

export function listJobs(
  _context: QueryContext,
  _params: Parsed<'job.list'>,
): Result<'job.list'> | Refusal {
  return refuse('method_unknown', 'Not there yet.');
}
