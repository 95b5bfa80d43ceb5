// Two brokers that notice what is due at the same time, on a log fed by hand.
import { dueEvents, nextDue } from '../../broker/core/due.js';
import type { FoldedRecord } from '../../broker/core/words.js';
import { BOOT, type Draft, uuid } from './events.js';
import type { Mesh } from './test-log.js';

/** Clear of the ids that a mesh gives. */
const FIRST_ID = 60_000;

let ids = FIRST_ID;

/** Both propose what is due now: of each the first that is applied, and what became of the rest. */
export function brokersLook(mesh: Mesh): { applied: FoldedRecord[]; voids: string[] } {
  const applied: FoldedRecord[] = [];
  const voids: string[] = [];
  const due = dueEvents(mesh.table, mesh.now);
  for (const event of [...due, ...due]) {
    const record = mesh.one({ ...event, by: BOOT, id: uuid(ids++) } as Draft);
    if (record.void === undefined) applied.push(record);
    else voids.push(record.void);
  }
  return { applied, voids };
}

/** Time passes by, and whenever something is due, both brokers look; how much took effect. */
export function timePasses(mesh: Mesh, ms: number): FoldedRecord[] {
  const end = mesh.now + ms;
  const applied: FoldedRecord[] = [];
  for (;;) {
    const next = nextDue(mesh.table);
    if (next === undefined || next > end) break;
    mesh.now = Math.max(mesh.now, next);
    const done = brokersLook(mesh).applied;
    if (done.length === 0) break;
    applied.push(...done);
  }
  mesh.now = end;
  mesh.say();
  return applied;
}
