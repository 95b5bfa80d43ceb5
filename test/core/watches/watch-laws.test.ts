// The law of the watches over random histories: a naive reading of the log says what must fire.
import fc from 'fast-check';
import t from 'tap';
import { Fold } from '../../../broker/core/fold.js';
import type { FoldedRecord } from '../../../broker/core/words.js';
import type { SignalEvent } from '../../../schemas/event.js';
import { brokersLook } from '../../dsl/brokers-look.js';
import * as p from '../../dsl/events.js';
import { api, asks, closes, connects, db, disconnects, joins, web } from '../../dsl/events.js';
import { cancels, claims, makesJob, updates } from '../../dsl/events-jobs.js';
import { watches, watchNo } from '../../dsl/events-watches.js';
import { runs } from '../../dsl/histories.js';
import { stateOf } from '../../dsl/state.js';
import { Mesh } from '../../dsl/test-log.js';

const WAIT_S = 10;
const LEASE_S = 25;
const THINGS = 4;

type Past = { time: number; event: SignalEvent }[];
/** By subject, since when its cause holds. */
type Causes = Map<string, number>;

/** What each watch is of, and the causes of it by a whole reading of all that took effect. */
const watched = [
  { made: { when: 'peer.offline', peer: db.peer, for_s: WAIT_S }, causes: offline },
  { made: { when: 'ask.older_than', by_me: true, age_s: WAIT_S }, causes: openAsks },
  { made: { when: 'job.silent', owner: web.peer, for_s: WAIT_S }, causes: silentJobs },
  {
    made: {
      when: 'queue.deeper_than',
      queue: 'jobs',
      in_circle: 'default',
      depth: 1,
      for_s: WAIT_S,
    },
    causes: deepQueue,
  },
] as const;

function offline(past: Past): Causes {
  let since: number | undefined;
  for (const { time, event } of past) {
    if (event.type === 'peer.disconnected') since = time;
    else if (event.type === 'peer.connected') since = undefined;
  }
  return new Map(since === undefined ? [] : [[db.peer, since]]);
}

function openAsks(past: Past): Causes {
  const open: Causes = new Map();
  for (const { time, event } of past) {
    if (event.type === 'ask.opened') open.set(event.ask, time);
    else if (event.type === 'ask.closed') open.delete(event.ask);
  }
  return open;
}

/** The jobs after each event: who waits, and who is held, by whom it is to stop. */
function* jobsIn(past: Past) {
  const waiting = new Set<string>();
  const held = new Map<string, { isToStop: boolean }>();
  const silent: Causes = new Map();
  for (const { time, event } of past) {
    if (event.type === 'job.created') waiting.add(event.job);
    if (event.type === 'job.claimed') {
      waiting.delete(event.job);
      held.set(event.job, { isToStop: false });
    }
    if (event.type === 'job.claimed' || event.type === 'job.updated') silent.set(event.job, time);
    if (event.type === 'job.cancelled') {
      const work = held.get(event.job);
      if (work !== undefined) work.isToStop = true;
      else for (const rows of [waiting, silent]) rows.delete(event.job);
    }
    if (event.type === 'job.lapsed') {
      if (held.get(event.job)?.isToStop) silent.delete(event.job);
      else waiting.add(event.job);
      held.delete(event.job);
    }
    yield { time, waiting, silent };
  }
}

function silentJobs(past: Past): Causes {
  let last: Causes = new Map();
  for (const { silent } of jobsIn(past)) last = silent;
  return last;
}

function deepQueue(past: Past): Causes {
  let since: number | undefined;
  for (const { time, waiting } of jobsIn(past)) {
    if (waiting.size <= 1) since = undefined;
    else since ??= time;
  }
  return new Map(since === undefined ? [] : [['whole', since]]);
}

const step = fc.record({ what: fc.nat(8), n: fc.nat(THINGS - 1), pause: fc.nat(6_000) });
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** What people do; void where it makes no sense just then. */
function draftOf({ what, n }: Step, made: number) {
  const moves = [
    () => disconnects(db),
    () => connects(db),
    () => asks(1_000 + made, web, api),
    () => closes(api, 1_000 + (made % 7), 'replied', { text: 'yes' }),
    () => makesJob(100 + n, web, { lease_s: LEASE_S }),
    () => claims(api, 100 + n),
    () => updates(api, 100 + n, 1),
    () => cancels(web, 100 + n),
    () => closes(api, 1_000 + n, 'replied', { text: 'no' }),
  ];
  return moves[what]!();
}

/** Plays the steps; what fired, each time held to what a naive reading says must. */
function play(steps: readonly Step[]): Mesh {
  const mesh = new Mesh();
  mesh.say(p.opened(), p.started(p.GATEWAY, p.BOOT), joins(web), joins(api), joins(db));
  for (const [n, { made }] of watched.entries()) {
    mesh.say(watches(n, web, web, { ...made, quiet_s: 1 }));
  }
  const past: Past = [];
  const note = ({ event, void: reason }: FoldedRecord) => {
    if (reason === undefined && event !== undefined) past.push({ time: mesh.now, event });
  };
  const told = new Set<string>();
  for (const [made, each] of steps.entries()) {
    mesh.now += each.pause;
    note(mesh.one(draftOf(each, made)));
    mesh.now += 1_000;
    // What is due of the jobs first: what the watches wait for may come of that.
    for (const record of brokersLook(mesh).applied) {
      if (record.event?.type !== 'watch.fired') note(record);
      else check(record.event.watch, record.event.about, past, mesh.now, told);
    }
    for (const [n] of watched.entries()) check(watchNo(n), [], past, mesh.now, told, true);
  }
  return mesh;
}

/** Each that is told holds, for long enough, and was not told; at the end nothing is left. */
function check(
  watch: string,
  about: readonly string[],
  past: Past,
  now: number,
  told: Set<string>,
  isAll = false,
): void {
  const n = watched.findIndex((_, n) => watchNo(n) === watch);
  const causes = watched[n]!.causes(past);
  for (const subject of about) {
    const since = causes.get(subject);
    const key = `${n} ${subject} ${since}`;
    if (since === undefined) throw new Error(`${key}: told though it does not hold`);
    if (now < since + WAIT_S * 1_000) throw new Error(`${key}: told early, at ${now}`);
    if (told.has(key)) throw new Error(`${key}: told twice`);
    told.add(key);
  }
  if (!isAll) return;
  for (const [subject, since] of causes) {
    const key = `${n} ${subject} ${since}`;
    if (now >= since + WAIT_S * 1_000 && !told.has(key)) throw new Error(`${key}: never told`);
  }
}

const lives = fc.array(step, { minLength: 10, maxLength: 40, size: 'max' });

t.test('22: a watch fires once for each cause, never early, and loses none', async t => {
  let fired = 0;
  fc.assert(
    fc.property(lives, steps => {
      for (const { row } of play(steps).table.watches.live.values()) fired += row.fired;
    }),
    { ...runs(40), endOnFailure: true },
  );
  t.ok(fired > 20, `${fired} fires`);
});

t.test('a restored fold goes on as one that never stopped, and tells nothing twice', async t => {
  fc.assert(
    fc.property(lives, steps => {
      const mesh = play(steps);
      const half = Math.floor(mesh.log.length / 2);
      const begun = new Fold();
      for (const delivery of mesh.log.slice(0, half)) begun.commit(delivery);
      const restored = Fold.fromSnapshot(begun.toSnapshot());
      for (const delivery of mesh.log.slice(half)) restored.commit(delivery);
      return stateOf(restored) === stateOf(mesh.fold);
    }),
    { ...runs(10), endOnFailure: true },
  );
  t.pass();
});
