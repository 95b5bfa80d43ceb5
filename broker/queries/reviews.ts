// Reading reviews.
import type { Parsed, Result } from '../../schemas/method.js';
import { type Refusal, refuse } from '../../schemas/refusal.js';
import type { QueryContext } from './context.js';

export function reviewQueue(
  _context: QueryContext,
  _params: Parsed<'review.queue'>,
): Result<'review.queue'> | Refusal {
  return refuse('method_unknown', 'Not there yet.');
}
