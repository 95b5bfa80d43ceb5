// Group commit: one in flight, company for the patient, and the same bytes again until it settles.
import { mock } from 'node:test';
import t from 'tap';
import { type Commit, decodeCommit } from '../../broker/core/commits/commit-bytes.js';
import { type Fate, memoryStore, openMemory } from '../../broker/log/memory.js';
import { Committer } from '../../broker/runtime/committer.js';
import { MeshTime } from '../../broker/system/mesh-time.js';
import type { SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import * as p from '../dsl/events.js';
import { api, asks, BOOT, type Draft, web } from '../dsl/events.js';
import { Mesh } from '../dsl/test-log.js';

interface Appended extends Commit {
  id: string;
  bytes: Uint8Array;
}

t.beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] }));
t.afterEach(() => mock.timers.reset());

/** A committer on a log in memory, whose every step is taken by hand. */
function house(...fates: Fate[]) {
  const clock = { now: () => p.T0, elapsed: () => 0 };
  const tasks: (() => void)[] = [];
  const store = memoryStore();
  const fate = () => fates.shift() ?? 'stored';
  const log = openMemory({ store, clock, defer: task => tasks.push(task), fate });
  const appended: Appended[] = [];
  const refused: { events: readonly SignalEvent[]; reason: string }[] = [];
  const returned: (readonly SignalEvent[] | undefined)[] = [];
  const append: typeof log.append = (id, bytes) => {
    appended.push({ id, bytes, ...decodeCommit(bytes)! });
    return log.append(id, bytes);
  };
  const committer = new Committer(BOOT, {
    log: { ...log, append },
    clock: new MeshTime(clock),
    onRefused: (events, reason) => refused.push({ events, reason }),
  });
  log.follow(1, {
    onCommit({ bytes }) {
      returned.push(committer.returned(bytes)?.events);
    },
    onBroken: reason => t.fail(reason),
  });
  const mesh = new Mesh();
  return {
    committer,
    appended,
    refused,
    returned,
    tasks,
    store,
    say: (...drafts: Draft[]) => drafts.map(draft => committer.propose(mesh.stamp(draft))),
    counts: () => appended.map(({ events }) => events.length),
    /** The turn ends: what is due at once is sent. */
    turn: () => mock.timers.tick(0),
    /** The log does all it has to do, and its answers arrive. */
    async settle() {
      for (let task = tasks.shift(); task; task = tasks.shift()) {
        task();
        await null;
        await null;
      }
    },
  };
}

const ask = (n: number) => asks(n, web, api);
const ack = () => p.sees(web, 'ask_x');

t.test('what one turn of the loop says leaves together at its end', async t => {
  const { say, turn, appended, counts } = house();
  say(ask(1), ask(2));
  t.same(appended, [], 'nothing before the turn is over');
  turn();
  t.same(counts(), [2]);
  t.match(appended[0], { id: `${BOOT}.1`, boot: BOOT, number: 1, clock: p.T0 });
  t.match(appended[0]?.events, [{ type: 'ask.opened', circles: ['default'] }]);
});

t.test('14: one commit is in flight; what comes meanwhile gathers into the next', async t => {
  const { say, turn, settle, counts, appended } = house();
  say(ask(1));
  turn();
  for (const n of [2, 3, 4]) {
    say(ask(n));
    turn();
  }
  t.same(counts(), [1]);
  await settle();
  turn();
  t.same(counts(), [1, 3]);
  t.equal(appended[1]?.number, 2);
});

t.test('the commit’s return on the tail ends its flight, also when no answer came', async t => {
  const { say, turn, settle, counts, committer } = house('unheard');
  say(ask(1));
  turn();
  say(ask(2));
  await settle();
  turn();
  t.same(counts(), [1, 1]);
  mock.timers.tick(limits.store_retry_ms);
  t.same(counts(), [1, 1], 'what is settled is not sent again');
  await settle();
  t.ok(committer.isSettled);
});

t.test('patient events wait for company, and at most 20 ms', async t => {
  for (const draft of [ack(), p.turns(web, 'idle'), p.says(web, 'peer.described', { text: '' })]) {
    const { say, counts } = house();
    say(draft);
    mock.timers.tick(limits.commit_wait_ms - 1);
    t.same(counts(), []);
    mock.timers.tick(1);
    t.same(counts(), [1]);
  }
});

t.test('the patient leave with the first that is in a hurry, in the order they came', async t => {
  const { say, turn, appended } = house();
  say(ack());
  mock.timers.tick(5);
  say(ask(1));
  turn();
  const types = appended[0]?.events.map(({ type }) => type);
  t.same(types, ['inbox.acknowledged', 'ask.opened']);
});

t.test('a whole commit of patient events waits no longer', async t => {
  const { say, turn, counts } = house();
  for (let n = 0; n < limits.commit_events; n++) say(ack());
  turn();
  t.same(counts(), [limits.commit_events]);
});

t.test('a commit holds no more events and bytes than it may', async t => {
  const { say, turn, settle, counts, appended } = house();
  for (let n = 0; n < limits.commit_events + 44; n++) say(ask(n));
  turn();
  await settle();
  turn();
  t.same(counts(), [limits.commit_events, 44]);
  await settle();
  const text = 'x'.repeat(limits.text_bytes);
  for (let n = 0; n < 5; n++) say(asks(1_000 + n, web, api, text));
  for (let n = 0; n < 2; n++) {
    turn();
    await settle();
  }
  t.same(counts().slice(2), [3, 2]);
  for (const { events } of appended) {
    const bytes = events.reduce((sum, event) => sum + event.bytes.length, 0);
    t.ok(bytes <= limits.commit_bytes);
  }
});

t.test('an event over its limit is refused and nothing of it is sent', async t => {
  const { say, turn, counts } = house();
  t.match(say(asks(1, web, api, 'x'.repeat(limits.event_bytes))), [{ refusal: 'too_large' }]);
  turn();
  t.same(counts(), []);
});

t.test('a full queue is refused as unavailable', async t => {
  const { say, turn, committer } = house();
  say(ask(1));
  turn();
  const event = new Mesh().stamp(p.turns(web, 'idle'));
  const refusals = Array.from({ length: limits.queue_events }, () => committer.propose(event));
  t.same(refusals.filter(Boolean), []);
  t.match(committer.propose(event), { refusal: 'unavailable', data: { retry_after_s: 1 } });
});

t.test(
  '6: an unknown outcome is tried again under the same id and bytes until it settles',
  async t => {
    const { say, turn, settle, appended, store, returned } = house(
      'lost',
      'lost',
      'unheard',
      'stored',
    );
    say(ask(1));
    turn();
    say(ask(2));
    for (let n = 0; n < 3; n++) {
      await settle();
      turn();
      mock.timers.tick(limits.store_retry_ms);
    }
    t.same(
      appended.map(({ id }) => id),
      [`${BOOT}.1`, `${BOOT}.1`, `${BOOT}.1`, `${BOOT}.2`],
    );
    for (const { bytes } of appended.slice(1, 3)) t.same(bytes, appended[0]?.bytes);
    await settle();
    t.equal(store.commits.length, 2);
    t.same(
      returned.map(events => events?.length),
      [1, 1],
    );
  },
);

t.test('a refusal is told once, and what waited behind it goes on as the next commit', async t => {
  const { say, turn, settle, refused, appended, store, committer } = house('refused');
  say(ask(1));
  turn();
  say(ask(2));
  await settle();
  turn();
  await settle();
  t.match(refused, [{ reason: 'the log is full', events: [{ ask: p.askNo(1) }] }]);
  t.equal(refused.length, 1);
  t.same(
    appended.map(({ number }) => number),
    [1, 2],
  );
  t.equal(store.commits.length, 1);
  t.ok(committer.isSettled);
});

t.test('own events come back once, known by their bytes; another’s never', async t => {
  const { say, turn, settle, returned, appended, committer } = house();
  say(ask(1), ask(2));
  turn();
  t.equal(committer.returned(new Uint8Array(300)), undefined);
  t.notOk(committer.isSettled);
  await settle();
  t.match(returned, [[{ ask: p.askNo(1) }, { ask: p.askNo(2) }]]);
  t.equal(committer.returned(appended[0]!.bytes), undefined);
  t.ok(committer.isIdle);
});

t.test('a stored commit is idle but not settled until it has come back', async t => {
  const { say, turn, tasks, committer } = house();
  say(ask(1));
  turn();
  const [follow, answer] = tasks.splice(0, 2);
  t.ok(follow, 'the tail looks for what is new');
  answer?.();
  await null;
  await null;
  t.match([committer.isIdle, committer.isSettled], [true, false]);
});

t.test('an empty commit moves log time, unless one is in flight', async t => {
  const { say, turn, settle, committer, counts } = house();
  committer.proposeNothing();
  committer.proposeNothing();
  t.same(counts(), [0]);
  await settle();
  say(ask(1));
  turn();
  committer.proposeNothing();
  t.same(counts(), [0, 1]);
});

t.test('after a reboot commits count from 1 under the new boot', async t => {
  const { say, turn, settle, committer, appended, returned } = house();
  say(ask(1));
  turn();
  committer.reboot('boot_b');
  say(ask(2));
  await settle();
  turn();
  await settle();
  t.same(
    appended.map(({ id }) => id),
    [`${BOOT}.1`, 'boot_b.1'],
  );
  t.same(
    returned.map(events => events?.length),
    [1, 1],
    'the former’s flight still came back',
  );
});

t.test('a closed committer takes nothing and sends nothing more', async t => {
  const { say, turn, settle, committer, counts } = house('lost');
  say(ask(1));
  turn();
  say(ask(2));
  committer.close();
  t.match(say(ask(3)), [{ refusal: 'unavailable' }]);
  await settle();
  mock.timers.tick(limits.store_retry_ms);
  turn();
  t.same(counts(), [1]);
});
