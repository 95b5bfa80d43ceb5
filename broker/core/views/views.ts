// The live views: of each its keys, and the row under a key as one viewer is told it.
import { limits } from '../../../schemas/limits.js';
import type { LiveView, WaitingRow } from '../../../schemas/view.js';
import { threadRow } from '../asks/queries.js';
import { jobRow } from '../jobs/queries.js';
import { peerRow } from '../peers/queries.js';
import { reviewRow } from '../reviews/queries.js';
import { GatewayRows } from '../rows/gateways.js';
import { type Item, toldItem } from '../rows/inbox.js';
import type { PeerState } from '../rows/peers.js';
import { keyOf } from '../rows/reviews.js';
import { covers } from '../rows/rights.js';
import type { Table } from '../rows/table.js';
import { scheduleRow } from '../schedules/queries.js';
import { mayRead, type Viewer } from '../shared/query-context.js';
import { tokenRow } from '../tokens/queries.js';
import { usageKeys, usageRowAt } from '../usage/queries.js';
import { type Counts, countAll, countKey, countMine } from './counts.js';

/**
 * The table at the end of one commit. All that is told of it is judged by log time, so that a view
 * is the same at one position on every broker, and whenever it is looked at.
 */
export class Sight {
  readonly table: Table;
  readonly #count: () => Counts;
  #counts: Counts | undefined;
  readonly #told = new Map<string, Map<string, unknown>>();

  constructor(table: Table, count = () => countAll(table)) {
    this.table = table;
    this.#count = count;
  }

  /** Counted when first asked for. */
  get counts(): Counts {
    this.#counts ??= this.#count();
    return this.#counts;
  }

  /** What was told of single rows, by their keys, to all who are told alike. */
  told<Told>(kind: string): Map<string, Told> {
    const told = this.#told.get(kind) ?? new Map<string, unknown>();
    this.#told.set(kind, told);
    return told as Map<string, Told>;
  }
}

/** A viewer at one moment. */
export interface Vantage extends Viewer {
  sight: Sight;
}

interface View {
  /** Of all there is, whoever looks; `queues` are whose reviews are looked at. */
  keys(looking: Vantage, queues?: readonly string[]): Iterable<string>;
  /** The row as it lies in the table: a column it has reads the same when it is told, if it is. */
  raw?(table: Table, key: string): object | undefined;
  /** The row as a list tells it; undefined when there is none that may be seen. */
  row(looking: Vantage, key: string): object | undefined;
}

export const views: { readonly [V in LiveView]: View } = {
  peers: {
    keys: ({ table }) => peersOf(table),
    raw: ({ peers }, key) => peers.rows.get(key),
    row: ({ table, held }, key) => {
      const row = table.peers.rows.get(key);
      if (row === undefined || row.retired !== undefined) return undefined;
      return covers(held, row.circle) ? seenPeer(table, row) : undefined;
    },
  },
  asks: {
    keys: ({ table: { asks } }) => keysOf(asks.open, asks.closed),
    raw: ({ asks }, key) => asks.get(key),
    row: (looking, key) => {
      const row = looking.table.asks.get(key);
      return row !== undefined && mayRead(looking, row) ? threadRow(looking, row) : undefined;
    },
  },
  inbox: {
    keys: ({ table }) => itemKeys(table),
    raw: (table, key) => ({ peer: peerOf(key), ...itemAt(table, key) }),
    row: waitingRow,
  },
  jobs: {
    keys: ({ table: { jobs } }) => keysOf(jobs.open, jobs.ended),
    raw: ({ jobs }, key) => jobs.get(key),
    row: (looking, key) => {
      const row = looking.table.jobs.get(key);
      return row && jobRow(looking, row);
    },
  },
  schedules: {
    keys: ({ table: { schedules } }) => keysOf(schedules.live, schedules.ended),
    raw: ({ schedules }, key) => schedules.get(key)?.row,
    row: (looking, key) => {
      const entry = looking.table.schedules.get(key);
      return entry && scheduleRow(looking, entry);
    },
  },
  reviews: { keys: reviewKeys, row: queued },
  tokens: {
    keys: ({ table }) => table.tokens.rows.keys(),
    raw: ({ tokens }, key) => tokens.rows.get(key),
    row: (looking, key) => {
      const row = looking.table.tokens.rows.get(key);
      return row && tokenRow(looking, row);
    },
  },
  usage: {
    keys: ({ table }) => usageKeys(table),
    row: (looking, key) => usageRowAt(looking, key, looking.table.time),
  },
  counts: {
    keys: looking => [
      ...looking.sight.counts.keys(),
      ...countMine(looking.table, looking.author.peer ?? '').map(countKey),
    ],
    row: ({ sight, table, author, held }, key) => {
      const mine = countMine(table, author.peer ?? '').find(row => countKey(row) === key);
      if (mine !== undefined) return mine;
      const row = sight.counts.get(key);
      return row !== undefined && covers(held, row.circle) ? row : undefined;
    },
  },
  gateways: {
    keys: ({ table }) => table.gateways.rows.keys(),
    row: ({ table, held }, key) => {
      const row = table.gateways.rows.get(key);
      // Gateways belong to the mesh, and to none of its circles.
      if (row === undefined || !covers(held, '*')) return undefined;
      const { gateway, boot, started_at, last_seen } = row;
      return { gateway, boot, started_at, last_seen };
    },
  },
};

function* keysOf(...maps: ReadonlyMap<string, unknown>[]): Iterable<string> {
  for (const map of maps) yield* map.keys();
}

function* peersOf({ peers }: Table): Iterable<string> {
  for (const { peer } of peers.live()) yield peer;
}

const NO_GATEWAYS = new GatewayRows();

/** A peer that is connected is seen now, and told so once in so long. */
export const SEEN_STEP = limits.view_seen_step_ms;

/**
 * As a list tells it, but that `last_seen` of one that is connected moves in whole minutes: every
 * commit of its gateway would change it, and with it each row that there is.
 */
function seenPeer(table: Table, row: PeerState) {
  const told = peerRow(table, row, table.time);
  if (row.boots.length === 0) return told;
  const step = table.time - (table.time % SEEN_STEP);
  return { ...told, last_seen: Math.max(seenAt(table, row), step) };
}

/** When a peer was last heard of by itself, whatever its gateway said since; in ms UTC. */
export function seenAt({ peers }: Table, row: PeerState): number {
  return peers.lastSeen(row, NO_GATEWAYS);
}

function* itemKeys({ inbox }: Table): Iterable<string> {
  for (const { peer, items } of inbox.boxes.values()) {
    for (const ref of items.keys()) yield `${peer}/${ref}`;
  }
}

/** Whose item it is; no id of a peer holds a slash. */
export function peerOf(key: string): string {
  const slash = key.indexOf('/');
  return slash < 0 ? key : key.slice(0, slash);
}

function itemAt({ inbox }: Table, key: string): Item | undefined {
  return inbox.boxes.get(peerOf(key))?.items.get(key.slice(key.indexOf('/') + 1));
}

/**
 * One's own inbox is told whole. In another's, what came from a circle within reach, as the log
 * itself would tell it.
 */
function waitingRow({ table, author, held }: Vantage, key: string): WaitingRow | undefined {
  const peer = peerOf(key);
  const item = itemAt(table, key);
  if (item === undefined) return undefined;
  const circles = [peer, item.from].map(one => table.peers.rows.get(one)?.circle ?? '*');
  if (peer !== author.peer && !circles.every(circle => covers(held, circle))) return undefined;
  return { peer, ...toldItem(item) };
}

function* reviewKeys({ table }: Vantage, queues?: readonly string[]): Iterable<string> {
  for (const row of table.reviews.all()) {
    if (queues === undefined) yield keyOf(row);
    else for (const peer of queues) yield queueKey(peer, row);
  }
}

/** Of a row in the queue of one peer; in everybody's its key is that of the row. */
export function queueKey(peer: string, row: { circle: string; pr_url: string }): string {
  return `${peer}@${keyOf(row)}`;
}

/** No name of a circle and no id holds an `@` or a slash. */
function queued(looking: Vantage, key: string): object | undefined {
  const { table } = looking;
  const head = peerOf(key);
  const at = head.indexOf('@');
  const row = table.reviews.get(head.slice(at + 1), key.slice(head.length + 1));
  const peer = table.peers.rows.get(head.slice(0, Math.max(at, 0)));
  if (row === undefined || (at >= 0 && peer === undefined)) return undefined;
  const told = reviewRow(looking, peer, row, table.time);
  return told && peer ? { peer: peer.peer, ...told } : told;
}
