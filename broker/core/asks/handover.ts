// Open asks that are taken over: who waits for the answer, or owes it, is another from then on.
import type { Change } from '../change.js';
import type { Table } from '../rows/table.js';
import type { Fact } from '../shared/view.js';

/**
 * Each open ask of the former peer is asked by, or of, its successor. Between the two of them it
 * becomes one that the successor owes itself: it is neither lost nor answered by that.
 */
export function handAsks(
  { asks }: Table,
  { event: { of, to } }: Fact<'orchestrator.handed_over'>,
  changes: Change[],
): void {
  const heir = (peer: string) => (peer === of ? to : peer);
  for (const ask of [...asks.openOf(of)]) {
    const open = asks.open.get(ask);
    if (open === undefined) continue;
    const row = { ...open, from: heir(open.from), to: heir(open.to), handed_from: of };
    asks.rehome(row);
    changes.push({ view: 'asks', key: ask, row });
    const group = asks.groups.get(open.group ?? '');
    if (group?.from === of) asks.groups.set(group.group, { ...group, from: to });
  }
  asks.sort(to);
}
