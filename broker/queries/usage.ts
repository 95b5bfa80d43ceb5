// Reading usage.
import type { Parsed, Result } from '../../schemas/method.js';
import { type Refusal, refuse } from '../../schemas/refusal.js';
import type { QueryContext } from './context.js';

export function listUsage(
  _context: QueryContext,
  _params: Parsed<'usage.list'>,
): Result<'usage.list'> | Refusal {
  return refuse('method_unknown', 'Not there yet.');
}
