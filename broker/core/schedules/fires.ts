// What a schedule says when it fires, in the name of who made it; and what is told when it ends.

import { limits } from '../../../schemas/limits.js';
import type { ScheduleRow } from '../../../schemas/schedule.js';
import { firstChars } from '../../../schemas/text-cut.js';
import { named } from '../../../schemas/uuid.js';
import type { Change } from '../change.js';
import type { Table } from '../rows/table.js';
import { itemOf, put, settle } from '../shared/items.js';
import { openThread } from '../shared/threads.js';
import type { Fact, View } from '../shared/view.js';

export const scheduleFiresView = {
  check: {},
  apply: {
    // The schedules' rules come first: this may have been its last time.
    'schedule.fired': (table, fact, changes) => {
      const row = table.schedules.get(fact.event.schedule)?.row;
      if (row === undefined) return;
      if (row.kind === 'ask') ask(table, row, fact, changes);
      else notify(table, row, fact, changes);
    },
    'schedule.skipped': (table, fact, changes) => {
      const row = table.schedules.get(fact.event.schedule)?.row;
      if (row === undefined || fact.event.reason !== 'recipient_retired') return;
      const name = table.peers.rows.get(row.to)?.name ?? row.to;
      const text = firstChars(row.text, limits.digest_line_chars);
      const words = `A schedule has ended, as ${name} has left: ${text}`;
      const item = itemOf(table, fact, 'system', row.schedule, words, about(row, fact), row.to);
      put(table, row.by, item, changes);
    },
  },
} satisfies View;

function about(
  { schedule }: ScheduleRow,
  { event }: Fact<'schedule.fired' | 'schedule.skipped'>,
): { schedule: string; nominal_at: number } {
  return { schedule, nominal_at: event.nominal_at };
}

function notify(
  table: Table,
  row: ScheduleRow,
  fact: Fact<'schedule.fired'>,
  changes: Change[],
): void {
  const { by: from, to, circle, text } = row;
  const message = named('msg', fact.event.id);
  const { position } = fact;
  table.messages.add({ message, kind: 'notify', from, circle, position, hops: 0, waiting: 0 });
  put(table, to, itemOf(table, fact, 'notify', message, text, about(row, fact), from), changes);
  settle(table, message, 1);
}

function ask(
  table: Table,
  row: ScheduleRow,
  fact: Fact<'schedule.fired'>,
  changes: Change[],
): void {
  const { schedule, by: from, to, circle, text } = row;
  const thread = openThread(
    table,
    { ask: named('ask', fact.event.id), from, to, circle, text, schedule },
    fact,
    changes,
  );
  const item = itemOf(table, fact, 'ask', thread.ask, text, about(row, fact), from);
  put(table, to, item, changes);
}
