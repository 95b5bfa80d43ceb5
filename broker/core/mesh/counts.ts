// Counts of everything by state (aggregates), in the circles somebody may look into.
import type { Table } from '../rows/table.js';
import { standingOfWebhook } from '../webhooks/standing.js';

type Counts = Record<string, number>;
type IsSeen = (circle: string) => boolean;

export interface MeshCounts {
  peers: Counts;
  asks: Counts;
  jobs: Counts;
  schedules: Counts;
  inbox: Counts;
}

/**
 * Counts every row that is live at a time in ms UTC. `peer` is who looks: it sees its own asks in
 * any circle.
 */
export function countsOf(table: Table, isSeen: IsSeen, now: number, peer?: string): MeshCounts {
  return {
    peers: peersIn(table, isSeen, now),
    asks: asksIn(table, isSeen, peer),
    jobs: jobsIn(table, isSeen),
    schedules: schedulesIn(table, isSeen),
    inbox: { waiting: waitingIn(table, isSeen) },
  };
}

/**
 * Live peers by what readers are told of them at `now`, in ms UTC; who has retired counts no more.
 */
export function peersIn({ peers }: Table, isSeen: IsSeen, now: number): Counts {
  const counts = { online: 0, busy: 0, offline: 0 };
  for (const row of peers.live()) if (isSeen(row.circle)) counts[peers.statusAt(row, now)]++;
  return counts;
}

function asksIn({ asks }: Table, isSeen: IsSeen, peer: string | undefined): Counts {
  // Those that have left the tail are counted for all circles together.
  const counts = { open: 0, closed: isSeen('*') ? asks.dropped : 0 };
  const isMine = (one: string) => one === peer;
  for (const rows of [asks.open, asks.closed]) {
    for (const { circle, state, from, to } of rows.values()) {
      if (isSeen(circle) || isMine(from) || isMine(to)) counts[state]++;
    }
  }
  return counts;
}

/**
 * Jobs by state, of ended ones those that the table still holds. A state without any has no key.
 */
export function jobsIn({ jobs }: Table, isSeen: IsSeen): Counts {
  const counts: Counts = {};
  for (const rows of [jobs.open, jobs.ended]) {
    for (const row of rows.values()) count(counts, row, isSeen);
  }
  return counts;
}

/**
 * Schedules by state, of ended ones those that the table still holds. A state without any has no
 * key.
 */
export function schedulesIn({ schedules }: Table, isSeen: IsSeen): Counts {
  const counts: Counts = {};
  for (const entries of [schedules.live, schedules.ended]) {
    for (const { row } of entries.values()) count(counts, row, isSeen);
  }
  return counts;
}

/** All webhooks by what readers are told of them at `now`, in ms UTC. */
export function webhooksIn(table: Table, now: number): Counts {
  const counts: Counts = { active: 0, paused: 0, disabled: 0, unauthorized: 0 };
  for (const row of table.webhooks.rows.values()) counts[standingOfWebhook(table, row, now)]!++;
  return counts;
}

/** All dead letters that are still kept, by state. */
export function lettersIn({ webhooks }: Table): Counts {
  const counts = { dead: 0, retrying: 0 };
  for (const { state } of webhooks.letters.values()) counts[state]++;
  return counts;
}

function count(
  counts: Counts,
  { state, circle }: { state: string; circle: string },
  isSeen: IsSeen,
): void {
  if (isSeen(circle)) counts[state] = (counts[state] ?? 0) + 1;
}

function waitingIn({ inbox, peers }: Table, isSeen: IsSeen): number {
  let waiting = 0;
  for (const { peer, items } of inbox.boxes.values()) {
    const circle = peers.rows.get(peer)?.circle;
    if (circle !== undefined && isSeen(circle)) waiting += items.size;
  }
  return waiting;
}
