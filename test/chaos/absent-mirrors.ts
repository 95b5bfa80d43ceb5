// Mirrors of views that come and go like observers, each compared with the view of its moment.
import { type Fields, type Guest, visit } from '../dsl/raw-client.js';
import type { Restartable } from '../dsl/restartable.js';
import { AWAY, call, operator, type World } from './absent-world.js';

type Rows = Map<string, Fields>;
type Entries = readonly (readonly [string, Fields | null])[];

/** One who holds a view, whatever happens to its connections. */
export interface Mirror {
  watch: Fields;
  credential: (place: Restartable) => string;
  /** What is held at a cursor; undefined before all rows were there once. */
  held: { cursor: string; rows: Rows } | undefined;
  /** What was held, and what `view.at` tells of that position. */
  checks: { held: Record<string, Fields>; past: Record<string, Fields> }[];
}

const PEER = { view: 'peers', fields: ['peer', 'name', 'circle', 'status', 'reason'] };

export function mirrorsOf(bound: string): Mirror[] {
  const watches = [PEER, { view: 'inbox' }, { view: 'counts' }];
  return watches.flatMap(watch => [
    { watch, credential: operator, held: undefined, checks: [] },
    { watch, credential: () => bound, held: undefined, checks: [] },
  ]);
}

/** A connection's share: what was held before, and what it is told; whole or in parts. */
class Session {
  rows: Rows;
  cursor: string;
  changes = 0;
  #isWhole = false;
  #wake: () => void = () => {};
  readonly #subscription: unknown;

  constructor(guest: Guest, watched: Fields, before: Rows) {
    const isAnew = watched.resync !== undefined;
    this.rows = new Map(isAnew ? [] : before);
    this.cursor = String(watched.at);
    this.#subscription = watched.subscription;
    this.#put(watched.rows as Entries, watched.more !== true);
    for (const { method, params } of guest.heard) this.#take(method, params);
    guest.listen((method, params) => this.#take(method, params));
  }

  /** What it holds, when that is a view of one moment. */
  get held(): Mirror['held'] {
    return this.#isWhole ? { cursor: this.cursor, rows: this.rows } : undefined;
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  #take(method: string, params: Fields): void {
    if (params.subscription !== this.#subscription) return;
    if (method === 'view.rows') {
      if (params.resync !== undefined) {
        this.rows.clear();
        this.cursor = String(params.at);
      }
      this.#put(params.rows as Entries, params.more !== true);
    } else if (method === 'view.changes') {
      if (params.from !== this.cursor) throw new Error(`a gap: ${params.from}, ${this.cursor}`);
      this.cursor = String(params.to);
      this.changes++;
      this.#put(params.changes as Entries, params.more !== true);
    }
    this.#wake();
  }

  #put(entries: Entries, isWhole: boolean): void {
    this.#isWhole = isWhole;
    for (const [key, row] of entries) {
      if (row === null) this.rows.delete(key);
      else this.rows.set(key, row);
    }
  }
}

/** Watches on one broker for a while, from what is held; may read slowly, and hangs up. */
async function mirrorAt(world: World, mirror: Mirror, place: Restartable): Promise<void> {
  const encoding = world.pick(['json', 'msgpack'] as const);
  const ws = `${place.url.replace('http', 'ws')}/ws`;
  const guest = await visit(undefined, { ws, credential: mirror.credential(place), encoding });
  let session: Session | undefined;
  try {
    const from = mirror.held && { from: mirror.held.cursor };
    const watched = await guest.call('view.watch', { ...mirror.watch, ...from });
    const reading = new Session(guest, watched, mirror.held?.rows ?? new Map());
    session = reading;
    if (world.upTo(3) === 0) {
      guest.ws.pause();
      await world.news();
      guest.ws.resume();
    }
    const enough = 1 + world.upTo(4);
    const isOver = () => reading.held !== undefined && (reading.changes >= enough || world.isOver);
    await Promise.race([reading.until(isOver), guest.closed, world.news()]);
  } finally {
    guest.hangUp();
    // What came only in part is no view of any moment: the next session goes on from before.
    if (session?.held) mirror.held = session.held;
  }
}

/** All that the past says of the position, page by page, beside what is held. */
async function check(world: World, mirror: Mirror): Promise<void> {
  const { cursor, rows } = mirror.held!;
  const [, sequence, , events] = cursor.split('.');
  // Whole commits were told, or none of what stands behind.
  const position = Number(sequence) * 4096 + (events === undefined ? 4095 : Number(events) - 1);
  const past: Record<string, Fields> = {};
  let after: string | undefined;
  do {
    const params = { ...mirror.watch, position, ...(after !== undefined && { after }) };
    const [page] = await call(world, mirror.credential, [{ method: 'view.at', params }]);
    Object.assign(past, Object.fromEntries(page!.rows as [string, Fields][]));
    after = page!.next as string | undefined;
  } while (after !== undefined);
  mirror.checks.push({ held: Object.fromEntries(rows), past });
}

const CHECKS = 4;

/** One session after another, some of them checked, and the last one always. */
export async function attendMirror(world: World, mirror: Mirror): Promise<void> {
  for (let isLast = false; !isLast; ) {
    world.sessions++;
    isLast = world.isOver;
    await mirrorAt(world, mirror, world.pick(world.places)).catch(error => {
      if (!AWAY.test(`${error}`)) throw error;
    });
    if (mirror.held === undefined) isLast = false;
    else if (isLast || (mirror.checks.length < CHECKS && world.upTo(3) === 0)) {
      await check(world, mirror);
    }
    if (!isLast && world.upTo(3) === 0) await world.news();
  }
}
