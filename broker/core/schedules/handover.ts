// Schedules that are taken over: who speaks, or hears, is another peer at the times to come.
import type { Change } from '../change.js';
import type { Table } from '../rows/table.js';
import type { Fact } from '../shared/view.js';

/**
 * The live schedules that the former peer made or hears. Neither their next time nor their revision
 * changes, so a time that is proposed already is fired once, for the successor.
 */
export function handSchedules(
  { schedules }: Table,
  { event: { of, to } }: Fact<'orchestrator.handed_over'>,
  changes: Change[],
): void {
  for (const schedule of schedules.concerning(of)) {
    const entry = schedules.draft(schedule);
    if (entry === undefined) continue;
    const { row } = entry;
    row.handed_from = of;
    if (row.to === of) row.to = to;
    if (row.by === of) {
      row.by = to;
      schedules.rehome(entry, of);
    }
    changes.push({ view: 'schedules', key: schedule, row });
  }
  schedules.sort(to);
}
