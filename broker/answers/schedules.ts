// What is told of a schedule that was made or goes on.
import type { Table } from '../rows/table.js';

export function madeAnswer(_table: Table, schedule: string): Record<string, unknown> {
  return { schedule };
}
