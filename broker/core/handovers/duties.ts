// The duties of an orchestrator: all that somebody who takes over from it is given, by id.
import { limits } from '../../../schemas/limits.js';
import { movable } from '../inbox/handover.js';
import { isConcerned } from '../reviews/handover.js';
import type { Item } from '../rows/inbox.js';
import type { Table } from '../rows/table.js';
import type { WatchEntry } from '../rows/watches.js';

/** Open asks, jobs, schedules, watches, and what waits in the inbox; each once. */
function* thingsOf(table: Table, peer: string): Iterable<string> {
  const { asks, jobs, schedules } = table;
  const told = new Set<string>();
  const all = [
    asks.openOf(peer),
    jobs.dutiesOf(peer).map(({ job }) => job),
    schedules.concerning(peer),
    watchesOf(table, peer).map(({ row }) => row.watch),
    mailOf(table, peer).flatMap(({ ref, refs = [ref] }) => refs),
  ];
  for (const each of all) {
    for (const thing of each) {
      if (told.has(thing)) continue;
      told.add(thing);
      yield thing;
    }
  }
}

/** The ids that an event names, `limits.handover_things_items` at most: more would not fit. */
export function namedDuties(table: Table, peer: string): string[] {
  const named: string[] = [];
  for (const thing of thingsOf(table, peer)) {
    if (named.length === limits.handover_things_items) break;
    named.push(thing);
  }
  return named;
}

/** True when somebody who took over from the peer would be given anything. */
export function hasDuties(table: Table, peer: string): boolean {
  for (const _ of thingsOf(table, peer)) return true;
  for (const row of table.reviews.all()) if (isConcerned(row, peer)) return true;
  return false;
}

/** The circles of what moves, which a successor must be able to speak in; some more than once. */
export function* circlesOf(table: Table, peer: string): Iterable<string> {
  const { asks, jobs, schedules, reviews } = table;
  for (const ask of asks.openOf(peer)) yield asks.open.get(ask)?.circle ?? '*';
  for (const { circle } of jobs.dutiesOf(peer)) yield circle;
  for (const schedule of schedules.concerning(peer)) {
    yield schedules.live.get(schedule)?.row.circle ?? '*';
  }
  for (const { row } of watchesOf(table, peer)) yield row.circle;
  for (const row of reviews.all()) if (isConcerned(row, peer)) yield row.circle;
  for (const { ref, refs = [ref] } of mailOf(table, peer)) {
    for (const each of refs) yield* circleOf(table, each);
  }
}

/** Of what an item of mail tells, ended or not; nothing of what was dropped since. */
function* circleOf({ asks, jobs, messages }: Table, ref: string): Iterable<string> {
  const thing = asks.get(ref) ?? jobs.get(ref) ?? messages.get(ref);
  if (thing !== undefined) yield thing.circle;
}

function mailOf(table: Table, peer: string): Item[] {
  const box = table.inbox.boxes.get(peer);
  return box === undefined ? [] : movable(table, box);
}

function watchesOf({ watches }: Table, peer: string): WatchEntry[] {
  return [...new Set([...watches.madeBy(peer), ...watches.toldTo(peer)])];
}
