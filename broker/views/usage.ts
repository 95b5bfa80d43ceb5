// The rules of usage and budgets.
import type { Table } from '../rows/table.js';
import type { Objection, View } from './view.js';

export const usageView = {
  check: {},
  apply: {},
} satisfies View;

/** What stands against a peer beginning something that costs: the budget of it or its circle. */
export function budgetObjection(_table: Table, _peer: string, _time: number): Objection {
  return undefined;
}
