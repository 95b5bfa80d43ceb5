// What a watch says when it fires: all causes that were due, once each, in the name of its owner.
import type { UnsaidReason } from '../../../schemas/events/watch.js';
import { limits } from '../../../schemas/limits.js';
import { firstChars } from '../../../schemas/text-cut.js';
import { named } from '../../../schemas/uuid.js';
import type { WatchRow } from '../../../schemas/watch.js';
import type { Change } from '../change.js';
import { covers, type Rights, rights } from '../rows/rights.js';
import type { Table } from '../rows/table.js';
import type { WatchCause, WatchEntry } from '../rows/watches.js';
import { itemOf, put, settle } from '../shared/items.js';
import { offerThread, openThread } from '../shared/threads.js';
import type { Fact } from '../shared/view.js';
import { budgetObjection } from '../usage/rules.js';
import { maySee, nameOf, span } from './conditions/condition.js';
import { conditionOf } from './conditions.js';

/** Why what is due can be told nobody at a time in ms UTC; undefined when it can. */
export function obstacleTo(table: Table, row: WatchRow, time: number): UnsaidReason | undefined {
  const { by, to, circle, text = '' } = row;
  const owner = table.peers.rows.get(by);
  const held = owner && rights(table, owner.token, time);
  if (!held?.verbs.includes('speak') || !covers(held, circle)) return 'unauthorized';
  if (!isInReach(table, row, held, time)) return 'unauthorized';
  const chars = text.length + limits.watch_message_chars;
  return table.inbox.isFull(to, chars) ? 'inbox_full' : undefined;
}

/** True while the owner may see what it watches: its token, or who that is, may have changed. */
function isInReach(table: Table, watch: WatchRow, held: Rights, time: number): boolean {
  const { by, peer = '', ask = '', job = '' } = watch;
  const in_circle =
    watch.in_circle ?? (peer === by ? undefined : table.peers.rows.get(peer)?.circle);
  if (in_circle !== undefined && !covers(held, in_circle)) return false;
  const thing = table.asks.get(ask) ?? table.jobs.get(job);
  return thing === undefined || maySee({ table, watch, time }, thing);
}

/** Marks as fired what was due by a log time, the first due first; what that was. */
export function fireDue(table: Table, entry: WatchEntry, up_to: number): WatchCause[] {
  const subjects = entry.pending.due(up_to, limits.watch_causes_items);
  const causes = subjects.flatMap(subject => entry.causes.get(subject) ?? []);
  for (const cause of causes) table.watches.hold(entry, { ...cause, isFired: true });
  return causes;
}

/** Says what has fired, by a message or an ask; what that is called. */
export function say(
  table: Table,
  entry: WatchEntry,
  causes: readonly WatchCause[],
  fact: Fact<'watch.fired'>,
  changes: Change[],
): string {
  const { row } = entry;
  const text = wordsOf(table, entry, causes, fact.time);
  return mayAsk(table, entry, fact.time)
    ? ask(table, entry, text, fact, changes)
    : notify(table, row, text, fact, changes);
}

/** One ask at a time: what comes while it is open, or cannot be asked, is a message. */
function mayAsk(table: Table, { row, ask = '' }: WatchEntry, time: number): boolean {
  const { by, tell } = row;
  if (tell !== 'ask' || table.asks.open.has(ask)) return false;
  const isCrowded = table.inbox.isFull(by, 0) || table.asks.openCount(by) >= limits.asks_open_rows;
  return !isCrowded && budgetObjection(table, by, time) === undefined;
}

function notify(
  table: Table,
  { watch, by: from, to, circle }: WatchRow,
  text: string,
  fact: Fact<'watch.fired'>,
  changes: Change[],
): string {
  const message = named('msg', fact.event.id);
  const { position } = fact;
  table.messages.add({ message, kind: 'notify', from, circle, position, hops: 0, waiting: 0 });
  put(table, to, itemOf(table, fact, 'notify', message, text, { watch }, from), changes);
  settle(table, message, 1);
  return message;
}

function ask(
  table: Table,
  entry: WatchEntry,
  text: string,
  fact: Fact<'watch.fired'>,
  changes: Change[],
): string {
  const { watch, by: from, to, circle } = entry.row;
  const name = named('ask', fact.event.id);
  const thread = openThread(table, { ask: name, from, to, circle, text, watch }, fact, changes);
  offerThread(table, thread, fact, changes);
  entry.ask = name;
  return name;
}

/** Nothing that anybody else wrote is in it: it is read as the words of the owner. */
function wordsOf(
  table: Table,
  { row, isCrowded }: WatchEntry,
  causes: readonly WatchCause[],
  time: number,
): string {
  const { tell } = conditionOf(row);
  const lines = causes.slice(0, limits.watch_lines).map(cause => {
    const late = time - cause.due_at;
    const told = tell(table, row, cause, time);
    return late > limits.schedule_late_ms ? `${told} (due ${span(late)} ago)` : told;
  });
  const more = causes.length - lines.length;
  if (more > 0) lines.push(`and ${isCrowded ? 'at least ' : ''}${more} more`);
  const facts = lines.length === 1 ? lines.join('') : lines.map(line => `- ${line}`).join('\n');
  const head = row.text === undefined ? '' : `${row.text}\n`;
  return firstChars(`${head}${facts}`, head.length + limits.watch_message_chars);
}

/** What the owner is told when who should have been told has left. */
export function tellOfEnd(table: Table, row: WatchRow, fact: Fact, changes: Change[]): void {
  const words = `A watch (${row.when}) has ended, as ${nameOf(table, row.to)} has left.`;
  put(table, row.by, itemOf(table, fact, 'system', row.watch, words, {}, row.to), changes);
}
