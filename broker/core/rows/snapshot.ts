// The whole state as plain rows and back: a snapshot folded on is the replay, row for row.
import { type AskRow, AskRows, type GroupRow } from './asks.js';
import { type Chain, ChainRows } from './chains.js';
import { CommandIds, type Remembered } from './command-ids.js';
import { GatewayRows, type GatewayState } from './gateways.js';
import { InboxRows, type Item } from './inbox.js';
import { JobRows, type JobsSnapshot } from './jobs.js';
import { type MessageRow, MessageRows } from './messages.js';
import { type KeptPeer, PeerRows } from './peers.js';
import { ReviewRows, type ReviewsSnapshot } from './reviews.js';
import { ScheduleRows, type SchedulesSnapshot } from './schedules.js';
import type { Table } from './table.js';
import { type KeptToken, TokenRows } from './tokens.js';
import { UsageRows, type UsageSnapshot } from './usage.js';

/** Plain rows only. Rows whose order means nothing are sorted, so equal states are equal here. */
export interface TableSnapshot {
  time: number;
  log: Table['log'];
  gateways: GatewayState[];
  tokens: KeptToken[];
  peers: KeptPeer[];
  asks: { open: AskRow[]; closed: AskRow[]; dropped: number; groups: GroupRow[] };
  messages: { live: MessageRow[]; ended: MessageRow[] };
  chains: [string, Chain][];
  inbox: { peer: string; generation: number; items: Item[] }[];
  jobs: JobsSnapshot;
  schedules: SchedulesSnapshot;
  reviews: ReviewsSnapshot;
  usage: UsageSnapshot;
  commands: { entries: [string, Remembered][]; forgotten: [string, number][] };
}

const byKey = (a: readonly [string, unknown], b: readonly [string, unknown]) =>
  a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;

function sorted<Row>(rows: Iterable<[string, Row]>): Row[] {
  return [...rows].sort(byKey).map(([, row]) => row);
}

/** A deep copy: the table may fold on while the snapshot is written. */
export function toSnapshot(table: Table): TableSnapshot {
  const boxes = sorted(table.inbox.boxes).map(({ peer, generation, items }) => ({
    peer,
    generation,
    items: [...items.values()],
  }));
  return structuredClone({
    time: table.time,
    log: table.log,
    gateways: sorted(table.gateways.rows),
    tokens: table.tokens.toSnapshot(),
    peers: table.peers.toSnapshot(),
    asks: {
      open: [...table.asks.open.values()],
      closed: [...table.asks.closed.values()],
      dropped: table.asks.dropped,
      groups: [...table.asks.groups.values()],
    },
    messages: { live: sorted(table.messages.live), ended: [...table.messages.ended.values()] },
    chains: [...table.chains.rows],
    inbox: boxes,
    jobs: table.jobs.toSnapshot(),
    schedules: table.schedules.toSnapshot(),
    reviews: table.reviews.toSnapshot(),
    usage: table.usage.toSnapshot(),
    commands: {
      entries: [...table.commands.entries()],
      forgotten: [...table.commands.forgotten()].sort(byKey),
    },
  });
}

export function fromSnapshot(snapshot: TableSnapshot, commandIds?: number): Table {
  const rows = structuredClone(snapshot);
  const gateways = new GatewayRows();
  for (const row of rows.gateways) gateways.rows.set(row.boot, row);
  const messages = new MessageRows();
  for (const row of rows.messages.live) messages.add(row);
  for (const row of rows.messages.ended) messages.ended.set(row.message, row);
  const chains = new ChainRows();
  for (const [ref, chain] of rows.chains) chains.note(ref, chain);
  return {
    time: rows.time,
    log: rows.log,
    gateways,
    tokens: TokenRows.fromSnapshot(rows.tokens),
    peers: PeerRows.fromSnapshot(rows.peers),
    asks: asksFrom(rows.asks),
    messages,
    chains,
    inbox: inboxFrom(rows.inbox),
    jobs: JobRows.fromSnapshot(rows.jobs),
    schedules: ScheduleRows.fromSnapshot(rows.schedules),
    reviews: ReviewRows.fromSnapshot(rows.reviews),
    usage: UsageRows.fromSnapshot(rows.usage),
    commands: commandsFrom(rows.commands, commandIds),
  };
}

function asksFrom({ open, closed, dropped, groups }: TableSnapshot['asks']): AskRows {
  const asks = new AskRows();
  asks.dropped = dropped;
  for (const row of open) asks.add(row);
  for (const row of closed) asks.keep(row);
  for (const row of groups) asks.addGroup(row);
  return asks;
}

function inboxFrom(boxes: TableSnapshot['inbox']): InboxRows {
  const inbox = new InboxRows();
  for (const { peer, generation, items } of boxes) {
    const box = inbox.box(peer);
    box.generation = generation;
    for (const item of items) inbox.put(box, item);
  }
  return inbox;
}

function commandsFrom(rows: TableSnapshot['commands'], commandIds?: number): CommandIds {
  const commands = new CommandIds(commandIds);
  for (const [author, upTo] of rows.forgotten) commands.forget(author, upTo);
  for (const [id, remembered] of rows.entries) commands.add(id, remembered);
  return commands;
}
