// The rules of the schedules: each nominal time fires once or is skipped for a reason that holds.

import { limits } from '../../../schemas/limits.js';
import type { SchedulePast, ScheduleRow } from '../../../schemas/schedule.js';
import { named } from '../../../schemas/uuid.js';
import type { Change } from '../change.js';
import { ENDED, nextAt, type Receipt } from '../rows/receipt.js';
import type { ScheduleEntry } from '../rows/schedules.js';
import type { Table } from '../rows/table.js';
import type { Fact, View } from '../shared/view.js';
import {
  cancelledObjection,
  createdObjection,
  firedObjection,
  pausedObjection,
  resumedObjection,
  skippedObjection,
} from './checks.js';
import { handSchedules } from './handover.js';
import { endings } from './obstacles.js';

export const schedulesView = {
  check: {
    'schedule.created': createdObjection,
    'schedule.paused': pausedObjection,
    'schedule.resumed': resumedObjection,
    'schedule.cancelled': cancelledObjection,
    'schedule.fired': firedObjection,
    'schedule.skipped': skippedObjection,
  },
  apply: {
    'schedule.created': (table, fact, changes) => {
      const row = rowOf(fact);
      table.schedules.add({ row, history: [] });
      changes.push({ view: 'schedules', key: row.schedule, row });
    },
    'schedule.paused': (table, { event }, changes) => {
      const entry = table.schedules.draft(event.schedule);
      if (entry === undefined) return;
      entry.held_at = entry.row.next_at;
      renew(table, entry, 'paused', undefined, changes);
    },
    'schedule.resumed': (table, fact, changes) => {
      const entry = table.schedules.draft(fact.event.schedule);
      if (entry === undefined) return;
      notePassed(entry, fact, 'paused');
      entry.held_at = undefined;
      const { next_at } = fact.event;
      if (next_at === undefined) {
        return end(table, entry, 'done', changes);
      }
      renew(table, entry, 'active', next_at, changes);
    },
    'schedule.cancelled': (table, fact, changes) => {
      const entry = table.schedules.draft(fact.event.schedule);
      if (entry === undefined) return;
      notePassed(entry, fact, entry.row.state === 'paused' ? 'paused' : 'cancelled');
      end(table, entry, 'cancelled', changes);
    },
    'schedule.fired': (table, fact, changes) => {
      const { event } = fact;
      const entry = table.schedules.draft(event.schedule);
      if (entry === undefined) return;
      const ref = named(entry.row.kind === 'ask' ? 'ask' : 'msg', event.id);
      if (entry.row.kind === 'ask') entry.ask = ref;
      entry.row.fired++;
      note(entry, fact, { nominal_at: event.nominal_at, outcome: 'fired', ref });
      advance(table, entry, event.next_at, changes);
    },
    'schedule.skipped': (table, fact, changes) => {
      const { schedule, nominal_at, to_at, count, reason, next_at } = fact.event;
      const entry = table.schedules.draft(schedule);
      if (entry === undefined) return;
      noteSkipped(entry, fact, { nominal_at, to_at, count, reason });
      if (endings.has(reason)) end(table, entry, 'cancelled', changes);
      else advance(table, entry, next_at, changes);
    },
    'orchestrator.handed_over': handSchedules,
    'peer.left': (table, fact, changes) => retire(table, fact.event.by, fact, changes),
    'peer.killed': (table, fact, changes) => retire(table, fact.event.peer, fact, changes),
    'peer.retired': (table, fact, changes) => retire(table, fact.event.peer, fact, changes),
  },
  receipts: {
    'schedule.created': (table, { event }) => nextOf(table, event.schedule, event.next_at),
    'schedule.resumed': (table, { event: { schedule, next_at } }) =>
      next_at === undefined ? ENDED : nextOf(table, schedule, next_at),
  },
} satisfies View;

function rowOf({ event, position, time }: Fact<'schedule.created'>): ScheduleRow {
  const row: ScheduleRow = {
    schedule: event.schedule,
    state: 'active',
    by: event.by,
    to: event.to,
    circle: event.circle,
    text: event.text,
    kind: event.kind,
    catch_up: event.catch_up,
    overlap: event.overlap,
    next_at: event.next_at,
    fired: 0,
    skipped: 0,
    revision: 0,
    created_at: time,
    position,
  };
  if (event.cron !== undefined) row.cron = event.cron;
  if (event.zone !== undefined) row.zone = event.zone;
  if (event.fire_at !== undefined) row.fire_at = event.fire_at;
  if (event.until !== undefined) row.until = event.until;
  return row;
}

/** A rule's next time, for the answer: it falls on a whole minute, and one-shots keep theirs. */
function nextOf(table: Table, schedule: string, next_at: number): Receipt | undefined {
  return table.schedules.get(schedule)?.row.cron === undefined ? undefined : nextAt(next_at);
}

/** Paused or resumed: what was proposed of it before is void. */
function renew(
  table: Table,
  entry: ScheduleEntry,
  state: 'active' | 'paused',
  next_at: number | undefined,
  changes: Change[],
): void {
  const { row } = entry;
  row.state = state;
  row.revision++;
  row.next_at = next_at;
  table.schedules.watch(entry);
  changes.push({ view: 'schedules', key: row.schedule, row });
}

function advance(
  table: Table,
  entry: ScheduleEntry,
  next_at: number | undefined,
  changes: Change[],
): void {
  if (next_at === undefined) {
    end(table, entry, 'done', changes);
    return;
  }
  entry.row.next_at = next_at;
  table.schedules.watch(entry);
  changes.push({ view: 'schedules', key: entry.row.schedule, row: entry.row });
}

function end(
  table: Table,
  entry: ScheduleEntry,
  state: 'done' | 'cancelled',
  changes: Change[],
): void {
  entry.row.state = state;
  entry.row.next_at = undefined;
  entry.held_at = undefined;
  table.schedules.end(entry);
  changes.push({ view: 'schedules', key: entry.row.schedule, row: entry.row });
}

type Past = Omit<SchedulePast, 'position' | 'time'>;

function note(entry: ScheduleEntry, { position, time }: Fact, past: Past): void {
  const { history, row } = entry;
  history.push({ ...past, position, time });
  if (history.length > limits.schedule_history_items) history.shift();
  const { outcome, reason, nominal_at, to_at } = past;
  row.last = { nominal_at: to_at ?? nominal_at, outcome, ...(reason && { reason }) };
}

interface Skipped {
  nominal_at: number;
  to_at: number;
  count: number;
  reason: string;
}

function noteSkipped(entry: ScheduleEntry, fact: Fact, skipped: Skipped): void {
  entry.row.skipped += skipped.count;
  note(entry, fact, { outcome: 'skipped', ...skipped });
}

/** The times that passed before this event and were never proposed. */
function notePassed(
  entry: ScheduleEntry,
  fact: Fact<'schedule.resumed' | 'schedule.cancelled'>,
  reason: string,
): void {
  const { skipped: count, skipped_to: to_at } = fact.event;
  const nominal_at = entry.held_at ?? entry.row.next_at;
  if (count === undefined || to_at === undefined || nominal_at === undefined) return;
  noteSkipped(entry, fact, { nominal_at, to_at, count, reason });
}

/** Nobody speaks for who has left: what it had planned to say is said no more. */
function retire(table: Table, peer: string, fact: Fact, changes: Change[]): void {
  for (const schedule of [...table.schedules.madeBy(peer)]) {
    const entry = table.schedules.draft(schedule);
    if (entry === undefined) continue;
    const at = entry.held_at ?? entry.row.next_at;
    if (at !== undefined && at <= fact.time) {
      noteSkipped(entry, fact, { nominal_at: at, to_at: at, count: 1, reason: 'creator_retired' });
    }
    end(table, entry, 'cancelled', changes);
  }
}
