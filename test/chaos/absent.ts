// Observers that come and go: for any time, to any broker, by any way of reading, at any pace.
import { type Chance, shuffled } from '../dsl/chance.js';
import { listen } from '../dsl/event-stream.js';
import { type Fields, uuid, visit } from '../dsl/raw-client.js';
import type { Restartable } from '../dsl/restartable.js';
import { Watch } from '../dsl/watch.js';
import { attendMirror, type Mirror, mirrorsOf } from './absent-mirrors.js';
import { AWAY, call, joinIn, type Line, operator, tokenFor, World } from './absent-world.js';

const CIRCLES = ['a', 'b', 'c'];
const FILTERS: readonly Fields[] = [
  {},
  { circles: ['b'] },
  { kinds: ['message'] },
  { types: ['message.broadcast', 'peer.joined'], circles: ['a', 'c'] },
  { circles: ['nowhere'] },
];

/** What one observer is owed, and what it has been told. */
interface Observer {
  filter: Fields;
  credential: (place: Restartable) => string;
  /** Undefined before the first session. */
  cursor: string | undefined;
  positions: number[];
}

/** Writes batches that share commits, and restarts a broker now and then. */
async function write(world: World, turns: number): Promise<void> {
  const writers: string[] = [];
  for (const circle of CIRCLES) writers.push(await joinIn(world, circle));
  for (let turn = 0; turn < turns; turn++) {
    const said = Array.from({ length: 1 + world.upTo(12) }, (_, n) => ({
      method: 'broadcast.send',
      params: { id: uuid(), text: `${turn}.${n}`.padEnd(world.upTo(800), '.') },
    }));
    await call(world, () => world.pick(writers), said);
    if (world.upTo(12) === 0) await world.pick(world.places).restart();
    world.tell();
  }
}

/** All there is, as it is read back page by page on one broker. */
async function readAll(world: World): Promise<Line[]> {
  const lines: Line[] = [];
  let from = 'start';
  while (true) {
    const params = { from, max: 1_000 };
    const { records, to, end } = await readPage(world, operator, params);
    lines.push(...records);
    from = to;
    if (end) return lines;
  }
}

interface Page {
  records: Line[];
  to: string;
  end: boolean;
}

async function readPage(
  world: World,
  credential: (place: Restartable) => string,
  params: Fields,
): Promise<Page> {
  const [page] = await call(world, credential, [{ method: 'log.read', params }]);
  return page as unknown as Page;
}

type Session = (world: World, observer: Observer, place: Restartable) => Promise<void>;

/** Over a socket, in frames; some are only read after a while, and some hang up in between. */
const observe: Session = async (world, observer, place) => {
  const encoding = world.pick(['json', 'msgpack'] as const);
  const ws = `${place.url.replace('http', 'ws')}/ws`;
  const credential = observer.credential(place);
  const guest = await visit(undefined, { ws, credential, encoding });
  const watch = new Watch();
  watch.cursor = observer.cursor;
  const enough = 1 + world.upTo(40);
  try {
    await watch.follow(guest, 'start', observer.filter);
    if (world.upTo(3) === 0) {
      guest.ws.pause();
      await world.news();
      guest.ws.resume();
    }
    const whole = () => watch.lines.length >= enough || (watch.isLive && world.truth !== undefined);
    const over = Promise.race([guest.closed, world.news()]);
    await Promise.race([watch.until(whole), over]);
  } finally {
    guest.hangUp();
    observer.positions.push(...watch.lines.map(([position]) => position));
    observer.cursor = watch.cursor;
  }
};

/** By POST, in pages of any size. */
const read: Session = async (world, observer) => {
  const { filter, credential } = observer;
  for (let page = world.upTo(4); page >= 0; page--) {
    const params = { from: observer.cursor ?? 'start', max: 1 + world.upTo(30), filter };
    const { records, to } = await readPage(world, credential, params);
    observer.positions.push(...records.map(([position]) => position));
    observer.cursor = to;
  }
};

/** As server-sent events, hung up behind any one of them. */
const stream: Session = async (world, observer, place) => {
  const query = new URLSearchParams({ from: 'start' });
  for (const [list, values] of Object.entries(observer.filter)) {
    query.set(list, (values as string[]).join());
  }
  const { url } = place;
  const credential = observer.credential(place);
  const last = observer.cursor ?? '';
  const reader = await listen(undefined, { url, credential, query: `${query}`, last });
  if (reader.status !== 200) throw new Error(`/events was answered ${reader.status}`);
  const enough = 1 + world.upTo(40);
  try {
    if (world.upTo(3) === 0) {
      reader.pause();
      await world.news();
      reader.resume();
    }
    const more = reader.until(() => reader.events.length >= enough).catch(() => {});
    await Promise.race([more, world.news()]);
  } finally {
    reader.hangUp();
    observer.positions.push(...reader.positions);
    observer.cursor = reader.last || observer.cursor;
  }
};

/** One session after another until it has been told of everything it is owed. */
async function attend(world: World, observer: Observer): Promise<void> {
  const sessions = [observe, read, stream];
  while (!isCurrent(world, observer)) {
    world.sessions++;
    const session = world.truth ? read : world.pick(sessions);
    const tried = session(world, observer, world.pick(world.places));
    // The broker may go at any moment; what has been told by then was told.
    await tried.catch(error => {
      if (!AWAY.test(`${error}`)) throw error;
    });
    if (world.upTo(4) === 0) await world.news();
  }
}

/** Its cursor stands behind the last record there is. */
function isCurrent({ truth }: World, { cursor }: Observer): boolean {
  const last = truth?.at(-1)?.[0];
  if (last === undefined || cursor === undefined) return false;
  const [, sequence, , events] = cursor.split('.');
  const behind = events === undefined ? Number(sequence) + 1 : Number(sequence);
  return behind * 4096 + Number(events ?? 0) > last;
}

function owed(truth: readonly Line[], filter: Fields, circle: string | undefined): number[] {
  const lists = filter as { circles?: string[]; kinds?: string[]; types?: string[] };
  return truth
    .filter(([, , event]) => {
      const type = String(event.type);
      if (circle !== undefined && event.circle !== circle) return false;
      if (lists.circles && !lists.circles.includes(String(event.circle))) return false;
      if (lists.kinds && !lists.kinds.includes(type.split('.')[0]!)) return false;
      return !lists.types || lists.types.includes(type);
    })
    .map(([position]) => position);
}

export interface Told {
  /** What one observer was told, and what it was owed. */
  told: number[];
  owed: number[];
}

/** A run: what each observer was told, and how many sessions it all took. */
export async function attendAll(
  places: readonly Restartable[],
  chance: Chance,
  turns: number,
): Promise<{ observers: Told[]; mirrors: Mirror[]; sessions: number; records: number }> {
  const world = new World(places, chance);
  const bound = await tokenFor(world, 'b');
  const observers = FILTERS.flatMap(filter => [
    {
      observer: { filter, credential: operator, cursor: undefined, positions: [] },
      circle: undefined,
    },
    {
      observer: { filter, credential: () => bound, cursor: undefined, positions: [] },
      circle: 'b',
    },
  ]);
  const attending = shuffled(observers, chance).map(({ observer }) => attend(world, observer));
  const mirrors = mirrorsOf(bound);
  attending.push(...mirrors.map(mirror => attendMirror(world, mirror)));
  await write(world, turns);
  const truth = await readAll(world);
  world.truth = truth;
  world.tell();
  await Promise.all(attending);
  return {
    observers: observers.map(({ observer, circle }) => ({
      // What came after the truth was read belongs to the brokers' own life.
      told: observer.positions.filter(position => position <= truth.at(-1)![0]),
      owed: owed(truth, observer.filter, circle),
    })),
    mirrors,
    sessions: world.sessions,
    records: truth.length,
  };
}
