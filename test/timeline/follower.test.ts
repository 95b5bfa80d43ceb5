// The log follower: a fold of its own beside the broker, as far as the broker has come.
import { type Test, test } from 'tap';
import { Fold } from '../../broker/core/fold.js';
import { memoryStore, openMemory } from '../../broker/log/memory.js';
import { systemClock } from '../../broker/system/clock.js';
import { LogFollower } from '../../broker/timeline/follower.js';
import type { TimelinePart } from '../../broker/timeline/part.js';
import { joins, tells, web } from '../dsl/events.js';
import { stateOf } from '../dsl/state.js';
import { Mesh } from '../dsl/test-log.js';

/** A log of so many commits, kept in memory, and a follower of it with these parts. */
async function followed(t: Test, commits: number, ...parts: TimelinePart[]) {
  const mesh = new Mesh();
  const store = memoryStore();
  mesh.say(joins(web));
  for (let n = 1; n < commits; n++) mesh.say(tells(n, web, web, `${n}`));
  store.commits = mesh.log;
  const log = openMemory({ store, clock: systemClock });
  const warnings: string[] = [];
  const onWarning = (line: string) => warnings.push(line);
  const config = { log, fold: new Fold(), parts, clock: systemClock, onWarning };
  const follower = new LogFollower(config);
  t.teardown(() => follower.close());
  await follower.start();
  return { mesh, log, follower, warnings };
}

/** Writes down which commits it was told of. */
function witness(more: Partial<TimelinePart> = {}): TimelinePart & { seen: number[] } {
  const seen: number[] = [];
  return { name: 'witness', seen, folded: ({ sequence }) => seen.push(sequence), ...more };
}

test('it folds what the broker has folded, and no further until it is told', async t => {
  const part = witness();
  const { mesh, follower } = await followed(t, 5, part);
  await follower.reached(3);
  t.same(part.seen, [1, 2, 3]);
  follower.note(5, mesh.fold.digest);
  await follower.reached(5);
  t.equal(stateOf(follower.fold), stateOf(mesh.fold));
  t.match(follower.status(), { sequence: 5, head: 5 });
});

test('a part hears only of what it does not have', async t => {
  const part = witness({ cursor: () => 2 });
  const { follower } = await followed(t, 4, part);
  await follower.reached(4);
  t.same(part.seen, [3, 4]);
});

test('a part that throws is told of no more, and the others go on', async t => {
  const good = witness();
  const bad = witness({
    name: 'bad',
    folded({ sequence }) {
      if (sequence === 2) throw new Error('no second');
    },
    answer: () => 1,
  });
  const { follower, warnings } = await followed(t, 3, bad, good);
  await follower.reached(3);
  t.same(good.seen, [1, 2, 3]);
  t.match(warnings, [/bad of the timeline has failed: Error: no second/]);
  t.match(follower.status().failed, { bad: 'no second' });
  await t.rejects(follower.ask({ part: 'bad', question: 0 }), /bad has failed|there is no nobody/);
});

test('a question is answered once the commit that it is about is folded', async t => {
  const part = witness({ answer: (add: never, _, fold) => fold.sequence + add });
  const { follower } = await followed(t, 4, part);
  t.equal(await follower.ask({ part: 'witness', question: 10, upTo: 4 }), 14);
  await t.rejects(
    follower.ask({ part: 'nobody', question: 0 }),
    /bad has failed|there is no nobody/,
  );
});

test('a store that is away is tried again', async t => {
  const part = witness();
  const { log, follower } = await followed(t, 3, part);
  log.cut();
  const reached = follower.reached(3);
  log.mend();
  await reached;
  t.same(part.seen, [1, 2, 3]);
});

test('what differs from what the broker folded ends the following', async t => {
  const { follower, warnings } = await followed(t, 3);
  follower.note(3, new Uint8Array(32));
  await t.rejects(follower.reached(3), /not what the broker folded/);
  t.equal(warnings.length, 1);
});

test('closing ends whoever waits', async t => {
  const { follower } = await followed(t, 1);
  const waiting = t.rejects(follower.reached(9), /closed/);
  await follower.close();
  await waiting;
  await t.rejects(follower.reached(10), /closed/);
});
