// The rules of a handover: one event moves all that an orchestrator owes, awaits and has planned.
import type { Change } from '../change.js';
import { isNotice } from '../inbox/handover.js';
import type { PeerState } from '../rows/peers.js';
import type { Receipt } from '../rows/receipt.js';
import type { Table } from '../rows/table.js';
import type { View } from '../shared/view.js';
import { handoverObjection } from './checks.js';

/** Each noun moves its own rows by the same event; here stands who took over from whom. */
export const handoversView = {
  check: { 'orchestrator.handed_over': handoverObjection },
  apply: {
    'orchestrator.handed_over': (table, { event: { of, to }, time }, changes) => {
      const former = table.peers.draft(of);
      const heir = table.peers.draft(to);
      if (former === undefined || heir === undefined) return;
      former.handed = { to, at: time };
      put(table, former, changes);
      if (heir.handed === undefined) return;
      // It is at work again: what others took over from it before is theirs, by the rows of that.
      heir.handed = undefined;
      put(table, heir, changes);
    },
  },
  receipts: {
    'orchestrator.handed_over': (_, { event: { of } }, changes) => movedIn(changes, of),
  },
} satisfies View;

function put(table: Table, row: PeerState, changes: Change[]): void {
  table.peers.put(row);
  changes.push({ view: 'peers', key: row.peer, row });
}

/** How many things have moved; an ask and the item that tells of it are one. */
function movedIn(changes: readonly Change[], of: string): Receipt {
  const moved = new Set<string>();
  for (const { view, key, row } of changes) {
    if (view === 'asks' || view === 'jobs' || view === 'schedules') moved.add(key);
    else if (view === 'inbox' && row === null && key.startsWith(`${of}/`)) {
      const ref = key.slice(of.length + 1);
      if (!isNotice(ref)) moved.add(ref);
    }
  }
  return { kind: 'count', n: moved.size };
}
