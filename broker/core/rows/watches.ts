// The rows of the watches: what each waits for, the causes that hold now, and who is concerned.
import { limits } from '../../../schemas/limits.js';
import type { WatchRow } from '../../../schemas/watch.js';
import { TimerQueue } from './timer-queue.js';

/** One reason to fire: never changed in place, and in its place while the very same one holds. */
export interface WatchCause {
  /** What it is about: a peer, an ask, a job; or the one thing that is watched, as `queue`. */
  subject: string;
  /** Log time since when it holds, in ms UTC; what holds anew is another cause. */
  since: number;
  /** When it has held for long enough. */
  due_at: number;
  /** Of a job: which attempt is silent. */
  attempt?: number | undefined;
  isFired?: true | undefined;
}

export interface WatchEntry {
  /** A new one for each change, so a row that was handed out stands. */
  row: WatchRow;
  /** By subject. */
  causes: Map<string, WatchCause>;
  /** Those that have not fired, by when they are due. */
  pending: TimerQueue;
  /** There was no room for some: they are looked for again once there is. */
  isCrowded: boolean;
  /** The ask of its newest fire. */
  ask?: string | undefined;
}

/** What an event may touch: a watch stands under each that its condition is about. */
export type Topic =
  | 'peer'
  | 'ask'
  | 'asks_from'
  | 'asks_to'
  | 'job'
  | 'jobs_of'
  | 'jobs_in'
  | 'inbox'
  | 'use_of'
  | 'use_in';

/** Under which topics, and what of each, a watch stands. */
export type Topics = readonly (readonly [Topic, string])[];

interface KeptWatch {
  row: WatchRow;
  causes: WatchCause[];
  isCrowded: boolean;
  ask?: string | undefined;
}

export interface WatchesSnapshot {
  live: (KeptWatch & { topics: Topics })[];
  ended: WatchRow[];
}

type Index = Map<string, Set<WatchEntry>>;

/**
 * Live watches, bounded for each owner and in all by `isFull`, and of those that ended the newest
 * `limits.watches_ended_rows`. An inverted index leads from what an event touches to the few that
 * are concerned. https://en.wikipedia.org/wiki/Inverted_index
 */
export class WatchRows {
  /** Oldest first. */
  readonly live = new Map<string, WatchEntry>();
  /** Oldest first; what falls off is forgotten. */
  readonly ended = new Map<string, WatchRow>();
  /** When each may next fire. */
  readonly times = new TimerQueue();
  /** When each is over. */
  readonly untils = new TimerQueue();
  readonly #index: { readonly [T in Topic]: Index } = {
    peer: new Map(),
    ask: new Map(),
    asks_from: new Map(),
    asks_to: new Map(),
    job: new Map(),
    jobs_of: new Map(),
    jobs_in: new Map(),
    inbox: new Map(),
    use_of: new Map(),
    use_in: new Map(),
  };
  readonly #topics = new Map<WatchEntry, Topics>();
  readonly #madeBy: Index = new Map();
  readonly #toldTo: Index = new Map();
  readonly #in: Index = new Map();

  get(watch: string): WatchRow | undefined {
    return this.live.get(watch)?.row ?? this.ended.get(watch);
  }

  /** The entry of a live watch with a row of its own, to be changed and handed out. */
  draft(watch: string): WatchEntry | undefined {
    const entry = this.live.get(watch);
    if (entry !== undefined) entry.row = { ...entry.row };
    return entry;
  }

  /** Enters a new watch, without any causes, under its topics. */
  add(row: WatchRow, topics: Topics): WatchEntry {
    const entry = { row, causes: new Map(), pending: new TimerQueue(), isCrowded: false };
    this.#enter(entry, topics);
    return entry;
  }

  /** Puts another row in place of the one before, under other topics; its causes stay. */
  move(entry: WatchEntry, row: WatchRow, topics: Topics): void {
    this.#leave(entry);
    entry.row = row;
    this.#enter(entry, topics);
    this.aim(entry);
  }

  /** The live watches that a peer made, oldest first; those that come meanwhile are not among. */
  madeBy(peer: string): WatchEntry[] {
    return [...(this.#madeBy.get(peer) ?? [])];
  }

  /** The live watches that tell a peer, oldest first. */
  toldTo(peer: string): WatchEntry[] {
    return [...(this.#toldTo.get(peer) ?? [])];
  }

  /** True where some watch is about such things at all: most often none is. */
  has(topic: Topic): boolean {
    return this.#index[topic].size > 0;
  }

  /** The watches about one thing, oldest first. */
  about(topic: Topic, key: string): readonly WatchEntry[] {
    const found = this.#index[topic].get(key);
    return found === undefined ? NONE : [...found];
  }

  /** True when a peer may not make one more that tells somebody in a circle. */
  isFull(peer: string, circle: string): boolean {
    const mine = this.#madeBy.get(peer)?.size ?? 0;
    const near = this.#in.get(circle)?.size ?? 0;
    return (
      mine >= limits.watches_rows ||
      near >= limits.watches_circle_rows ||
      this.live.size >= limits.watches_mesh_rows
    );
  }

  /** Notes that a cause holds in place of the one of its subject; without room for it, that. */
  hold(entry: WatchEntry, cause: WatchCause): void {
    const { causes, pending } = entry;
    const { subject, due_at, isFired } = cause;
    if (!causes.has(subject) && causes.size >= limits.watch_causes_items) {
      entry.isCrowded = true;
      return;
    }
    causes.set(subject, cause);
    if (isFired) pending.delete(subject);
    else pending.set(subject, due_at);
  }

  /** The cause of a subject holds no more. */
  release({ causes, pending }: WatchEntry, subject: string): void {
    causes.delete(subject);
    pending.delete(subject);
  }

  /** Notes when the watch may next fire, as its row and its causes stand. */
  aim(entry: WatchEntry): void {
    const at = fireAt(entry);
    if (at === undefined) this.times.delete(entry.row.watch);
    else this.times.set(entry.row.watch, at);
  }

  /** Moves an entry whose row says that it has ended into the tail. */
  end(entry: WatchEntry): void {
    this.#leave(entry);
    this.#keep(entry.row);
  }

  toSnapshot(): WatchesSnapshot {
    const live = [...this.live.values()].map(entry => {
      const { row, causes, isCrowded, ask } = entry;
      const kept = { row, causes: [...causes.values()], isCrowded };
      const topics = this.#topics.get(entry) ?? [];
      return { ...kept, ...(ask !== undefined && { ask }), topics };
    });
    return { live, ended: [...this.ended.values()] };
  }

  static fromSnapshot({ live, ended }: WatchesSnapshot): WatchRows {
    const rows = new WatchRows();
    for (const { row, causes, isCrowded, ask, topics } of live) {
      const entry = rows.add(row, topics);
      for (const cause of causes) rows.hold(entry, cause);
      entry.isCrowded = isCrowded;
      entry.ask = ask;
      rows.aim(entry);
    }
    for (const row of ended) rows.#keep(row);
    return rows;
  }

  #enter(entry: WatchEntry, topics: Topics): void {
    const { watch, by, to, circle, until } = entry.row;
    this.live.set(watch, entry);
    this.#topics.set(entry, topics);
    for (const [topic, key] of topics) enter(this.#index[topic], key, entry);
    enter(this.#madeBy, by, entry);
    enter(this.#toldTo, to, entry);
    enter(this.#in, circle, entry);
    if (until !== undefined) this.untils.set(watch, until);
  }

  #leave(entry: WatchEntry): void {
    const { watch, by, to, circle } = entry.row;
    this.live.delete(watch);
    this.times.delete(watch);
    this.untils.delete(watch);
    for (const [topic, key] of this.#topics.get(entry) ?? []) leave(this.#index[topic], key, entry);
    this.#topics.delete(entry);
    leave(this.#madeBy, by, entry);
    leave(this.#toldTo, to, entry);
    leave(this.#in, circle, entry);
  }

  #keep(row: WatchRow): void {
    this.ended.set(row.watch, row);
    for (const old of this.ended.keys()) {
      if (this.ended.size <= limits.watches_ended_rows) break;
      this.ended.delete(old);
    }
  }
}

const NONE: readonly WatchEntry[] = [];

/** When a watch may fire: its first cause is due, and it was quiet for long enough. */
function fireAt({ row, pending }: WatchEntry): number | undefined {
  const due = pending.next();
  if (due === undefined || due > (row.until ?? Number.POSITIVE_INFINITY)) return undefined;
  return Math.max(due, quietUntil(row));
}

/** Until when a watch that has fired says nothing more, in ms UTC; 0 before its first fire. */
export function quietUntil({ last, quiet_s }: WatchRow): number {
  return last === undefined ? 0 : last.at + quiet_s * 1_000;
}

function enter(index: Index, key: string, entry: WatchEntry): void {
  const found = index.get(key);
  if (found) found.add(entry);
  else index.set(key, new Set([entry]));
}

function leave(index: Index, key: string, entry: WatchEntry): void {
  const found = index.get(key);
  found?.delete(entry);
  if (found?.size === 0) index.delete(key);
}
