// What a worker is told when it has claimed or updated a job.

import type { Table } from '../rows/table.js';
import type { Outcome } from './outcome.js';

type Answer = Record<string, unknown>;

export function claimAnswer(_table: Table, _outcome: Outcome): Answer {
  return {};
}

export function updateAnswer(_table: Table, _params: Record<string, unknown>): Answer {
  return {};
}
