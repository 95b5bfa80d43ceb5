// A mesh under way for tests of absence: its brokers, who writes, and calls that outlast restarts.
import type { Chance } from '../dsl/chance.js';
import { type Fields, uuid } from '../dsl/raw-client.js';
import type { Restartable } from '../dsl/restartable.js';

export type Line = [position: number, time: number, event: Fields];

/** What a client meets while a broker restarts. */
export const AWAY = /ECONN|socket|hang up|HTTP 503|answered 503|was not answered/;

/** A mesh under way: who writes to it, and whether it is over. */
export class World {
  readonly places: readonly Restartable[];
  readonly chance: Chance;
  /** Every record once all is written, as one reader on one broker is told them. */
  truth: Line[] | undefined;
  /** Sessions that have begun. */
  sessions = 0;
  #wakers: (() => void)[] = [];

  constructor(places: readonly Restartable[], chance: Chance) {
    this.places = places;
    this.chance = chance;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.chance() * items.length)]!;
  }

  upTo(count: number): number {
    return Math.floor(this.chance() * count);
  }

  get isOver(): boolean {
    return this.truth !== undefined;
  }

  /** Resolves when more was written, or all is. */
  news(): Promise<void> {
    if (this.truth) return Promise.resolve();
    return new Promise(resolve => this.#wakers.push(resolve));
  }

  tell(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }
}

/** Calls by POST until a broker has answered; what it refuses is thrown. */
export async function call(
  world: World,
  credential: (place: Restartable) => string,
  calls: readonly Fields[],
): Promise<Fields[]> {
  const body = JSON.stringify(calls.map((one, id) => ({ jsonrpc: '2.0', id, ...one })));
  while (true) {
    const place = world.pick(world.places);
    const headers = {
      authorization: `Bearer ${credential(place)}`,
      'content-type': 'application/json',
    };
    const res = await fetch(`${place.url}/rpc`, { method: 'POST', headers, body }).catch(() => {});
    // It restarts just now.
    if (res?.status !== 200) {
      await new Promise(resolve => setImmediate(resolve));
      continue;
    }
    const answers = (await res.json()) as { result?: Fields; error?: { data: Fields } }[];
    const failed = answers.find(({ error }) => error)?.error;
    if (failed && failed.data.retry !== true) throw new Error(JSON.stringify(failed));
    if (failed === undefined) return answers.map(({ result }) => result!);
  }
}

export const operator = (place: Restartable) => place.token;

export async function joinIn(world: World, circle: string): Promise<string> {
  const params = { id: uuid(), name: 'writer', circle, secret: uuid() };
  const [joined] = await call(world, operator, [{ method: 'peer.join', params }]);
  return `${joined?.peer}.${params.secret}`;
}

export async function tokenFor(world: World, circle: string): Promise<string> {
  const params = { id: uuid(), name: 't', circles: [circle], roles: [], verbs: ['observe'] };
  const [made] = await call(world, operator, [{ method: 'token.create', params }]);
  return String(made?.secret);
}
