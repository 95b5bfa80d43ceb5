// The rules of the log and its gateways: opened once, levelled upwards, boots that start and end.

import { limits } from '../../../schemas/limits.js';
import type { Change } from '../change.js';
import type { Table } from '../rows/table.js';
import type { View } from '../shared/view.js';

export const gatewaysView = {
  check: {
    'log.opened': (table, { event }) =>
      (event.replaces ?? '') === table.log.id ? undefined : 'duplicate',
    'log.leveled': (table, { event }) => (event.level > table.log.level ? undefined : 'stale'),
    'gateway.started': (table, { event }) =>
      table.gateways.rows.has(event.boot) ? 'duplicate' : undefined,
    'gateway.lost': (table, { event, time }) => {
      const row = table.gateways.rows.get(event.boot);
      if (row === undefined) return 'stale';
      return time - row.last_seen < limits.boot_lost_ms ? 'early' : undefined;
    },
  },
  apply: {
    'log.opened': (table, { event }) => {
      table.log = { id: event.log, mesh: event.mesh, level: event.level };
    },
    'log.leveled': (table, { event }) => {
      table.log = { ...table.log, level: event.level };
    },
    'gateway.started': (table, { event, time }, changes) => {
      for (const { boot, gateway } of [...table.gateways.rows.values()]) {
        if (gateway === event.gateway) endBoot(table, boot, time, changes);
      }
      const row = { boot: event.boot, gateway: event.gateway, started_at: time };
      table.gateways.rows.set(row.boot, { ...row, last_seen: time, commit: 0 });
      changes.push({ view: 'gateways', key: row.boot, row });
    },
    'gateway.lost': (table, { event, time }, changes) => endBoot(table, event.boot, time, changes),
  },
} satisfies View;

/** Ends a boot: whoever was connected through it alone is offline now. */
function endBoot(table: Table, boot: string, time: number, changes: Change[]): void {
  const ended = table.gateways.rows.get(boot);
  table.gateways.rows.delete(boot);
  changes.push({ view: 'gateways', key: boot, row: null });
  for (const { peer, boots } of table.peers.rows.values()) {
    if (!boots.includes(boot)) continue;
    const row = table.peers.draft(peer)!;
    table.peers.heard(peer, ended?.last_seen ?? 0);
    const others = boots.filter(other => other !== boot);
    table.peers.connect(row, others, 'gateway_lost', time);
    changes.push({ view: 'peers', key: peer, row });
  }
}
