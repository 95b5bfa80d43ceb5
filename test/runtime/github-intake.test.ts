// GitHub's word on its way into the log: proposed when it is news, once, and settled in any case.
import t, { type Test } from 'tap';
import type { PullObservation } from '../../broker/github/facts.js';
import { memoryStore } from '../../broker/log/memory.js';
import { limits } from '../../schemas/limits.js';
import { BOOT, GATEWAY, joins, opened, started, web } from '../dsl/events.js';
import { pull, sha, touches } from '../dsl/events-reviews.js';
import { HandClock, openHouse, type Quarters } from '../dsl/memory-brokers.js';
import { Mesh } from '../dsl/test-log.js';

const open: PullObservation = { pr_url: pull(1), state: 'open', head_sha: sha(1), title: 'One' };
const merged: PullObservation = { ...open, state: 'merged' };

async function house(
  t: Test,
  quarters: Quarters = { store: memoryStore(), clock: new HandClock() },
) {
  const one = await openHouse(t, quarters, 'one');
  return { one, quarters, intake: one.intake };
}

t.test('a delivery is noted once, on whichever broker of the log it comes again', async t => {
  const { one, intake, quarters } = await house(t);
  const two = await openHouse(t, quarters, 'two');
  t.equal(await intake.note(open, 'd-1'), 'noted');
  t.equal(await intake.note(open, 'd-1'), 'repeated');
  await two.door.caughtUp();
  t.equal(await two.intake.note(merged, 'd-1'), 'repeated');
  t.equal(one.records('review.observed').length, 1);
  const both = [intake.note(merged, 'd-2'), two.intake.note(merged, 'd-2')];
  t.strictSame((await Promise.all(both)).sort(), ['noted', 'repeated'], 'both at once');
});

t.test('what is nothing new is noted without a line in the log', async t => {
  const { one, intake } = await house(t);
  t.equal(await intake.note(open, 'd-1'), 'noted');
  t.equal(await intake.note(open, 'd-2'), 'noted');
  t.equal(await intake.note(open), 'noted');
  t.equal(one.records('review.observed').length, 1);
});

t.test('the same said twice while it is on its way is one event', async t => {
  const { one, intake } = await house(t);
  t.strictSame(await Promise.all([intake.note(open), intake.note(open)]), ['noted', 'noted']);
  t.equal(one.records('review.observed').length, 1);
});

t.test('what is on its way makes news of what would be none', async t => {
  const { one, intake, quarters } = await house(t);
  await intake.note(open, 'd-1');
  const at = (seconds: number) => ({ updated_at: quarters.clock.now() - 9_000 + seconds * 1_000 });
  quarters.clock.turn(20);
  const closed = intake.note({ ...open, state: 'closed', ...at(1) }, 'd-2');
  await Promise.all([closed, intake.note({ ...open, ...at(2) }, 'd-3')]);
  t.match(one.fold.table.reviews.facts.get(pull(1)), { state: 'open' });
});

t.test('what the log refuses or does not settle in time is unavailable', async t => {
  const { one, intake, quarters } = await house(t);
  one.fate = 'refused';
  t.equal(await intake.note(open), 'unavailable');
  one.fate = 'lost';
  const waiting = intake.note(merged, 'd-1');
  quarters.clock.turn(limits.answer_wait_ms / 1_000);
  one.broker.tick();
  t.equal(await waiting, 'unavailable');
});

t.test('a broker that stops leaves nobody waiting, and takes nothing more', async t => {
  const { one, intake } = await house(t);
  one.fate = 'lost';
  const waiting = intake.note(open);
  await one.broker.close();
  t.equal(await waiting, 'unavailable');
  t.equal(await intake.note(open), 'unavailable');
});

t.test('a log of before gets one row for all spellings of a pull request, told once', async t => {
  const store = memoryStore();
  const quarters = { store, clock: new HandClock() };
  const old = new Mesh();
  const site = 'https://gitlab.com/Acme/App';
  const spellings = ['/-/merge_requests/3', '/merge_requests/3', '/-/merge_requests/3/diffs?x=1'];
  old.say(opened('log_1', { level: 2, mesh: 'default' }), started(GATEWAY, BOOT), joins(web));
  for (const spelling of spellings) old.say(touches(web, 1, { pr_url: site + spelling }));
  old.say(touches(web, 1), touches(web, 1, { pr_url: 'https://example.com/review?id=3' }));
  for (const { bytes, sequence } of old.log) {
    store.commits.push({ sequence, storedAt: quarters.clock.now(), bytes });
  }
  for (const name of ['one', 'two']) {
    const house = await openHouse(t, quarters, name);
    const { broker, door, fold } = house;
    broker.tick();
    await door.caughtUp();
    const urls = [...fold.table.reviews.all()].map(({ pr_url }) => pr_url).sort();
    const all = ['https://example.com/review?id=3', pull(1)];
    t.same(urls, [...all, 'https://gitlab.com/acme/app/-/merge_requests/3']);
    t.equal(house.records('review.moved').length, spellings.length, 'whoever comes later');
  }
});
