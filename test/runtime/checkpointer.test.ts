// The checkpointer: one broker signs, an idle mesh stays as it is, and who is outvoted is fenced.
import t, { type Test } from 'tap';
import { checkpointText, isSignedBy } from '../../broker/core/audit/checkpoint.js';
import { Fold } from '../../broker/core/fold.js';
import { stateHash } from '../../broker/core/snapshots/state-hash.js';
import { memoryStore } from '../../broker/log/memory.js';
import { isComparable, majorityAgainst } from '../../broker/runtime/audit/majority.js';
import { AuditPart } from '../../broker/timeline/audit-part.js';
import { LogFollower } from '../../broker/timeline/follower.js';
import { inlineTimeline, type Timeline } from '../../broker/timeline/timeline.js';
import { limits } from '../../schemas/limits.js';
import { HandClock, House } from '../dsl/memory-brokers.js';

const SOON = limits.checkpoint_first_ms / 1_000 + 1;
const LATER = limits.checkpoint_every_ms / 1_000 + 1;

/** A follower whose hash of the state is the broker's own, or wrong. */
function follower(of: () => House, isWrong: boolean): Timeline {
  return {
    status: () => ({
      sequence: 0,
      head: 0,
      failed: {},
      lag_commits: 0,
      lag_ms: 0,
      isRunning: true,
    }),
    note() {},
    ask: async () => `v:${isWrong ? 'f'.repeat(64) : stateHash(of().fold)}`,
    close: async () => {},
  };
}

const STRAYED_COMMIT = 10;

/** A follower as it is; who strays read another stamp of one commit, under the same digest. */
function ownFollower(of: () => House, clock: HandClock, isStray: boolean): Timeline {
  const read = async function* (from: number, to?: number) {
    for await (const delivery of of().log.read(from, to)) {
      const { sequence, storedAt } = delivery;
      const isOther = isStray && sequence === STRAYED_COMMIT;
      yield isOther ? { ...delivery, storedAt: storedAt + 1 } : delivery;
    }
  };
  const parts = [new AuditPart({ read }, clock)];
  const onWarning = () => {};
  const follower = new LogFollower({ log: { read }, fold: new Fold(), parts, clock, onWarning });
  void follower.start();
  return inlineTimeline(follower);
}

async function houses(t: Test, ...names: string[]) {
  const quarters = { store: memoryStore(), clock: new HandClock() };
  const open: House[] = [];
  for (const name of names) {
    const isOwn = /^(true|stray)/.test(name);
    const timeline = isOwn
      ? ownFollower(() => house, quarters.clock, name.startsWith('stray'))
      : follower(() => house, name.startsWith('wrong'));
    const house: House = new House({ ...quarters, timeline }, name);
    if (isOwn) house.door.listen(({ sequence, digest }) => timeline.note(sequence, digest, 1));
    t.teardown(async () => {
      await timeline.close();
      await house.broker.close();
      await house.log.close();
    });
    await house.broker.start();
    open.push(house);
  }
  for (const house of open) await house.until(() => house.boots.length === names.length);
  return { ...quarters, open };
}

const signed = (house: House) => house.records('log.checkpointed');

/** Lets time pass in steps that every broker notices. */
async function pass(clock: HandClock, seconds: number, open: readonly House[]): Promise<void> {
  for (let left = seconds; left > 0; left -= 5) {
    clock.turn(Math.min(5, left));
    for (const house of open) house.broker.tick();
    await settle(open);
  }
}

/** Until all are at one place, with nothing on its way. */
async function settle(open: readonly House[]): Promise<void> {
  for (let quiet = 0; quiet < 4; quiet++) {
    await new Promise(resolve => setImmediate(resolve));
    const ends = new Set(open.map(house => house.fold.sequence));
    const isSettled = ends.size === 1 || open.some(house => house.door.health().ready === false);
    if (!isSettled) quiet = 0;
  }
}

t.test('4: what is signed is the digest of every broker, and one signs for all', async t => {
  const { clock, open } = await houses(t, 'a', 'b', 'c');
  const ann = await open[0]!.join('ann');
  for (let n = 0; n < 3; n++) {
    await open[n]!.give('peer.describe', { text: `busy ${n}` }, ann);
    await pass(clock, n === 0 ? SOON : LATER, open);
  }
  const [a] = open;
  const said = signed(a!);
  t.ok(said.length >= 3, `${said.length} checkpoints`);
  for (const house of open) {
    const digests = new Map(
      house.commits.map(({ sequence, digest }) => [sequence, Buffer.from(digest).toString('hex')]),
    );
    for (const { event, void: reason } of signed(house)) {
      const { sequence, digest, key, signature, events, state } = event as never;
      t.equal(reason, undefined);
      t.equal(digest, digests.get(sequence), `the digest at commit ${sequence}`);
      const { id: log, mesh } = house.fold.table.log;
      const text = checkpointText({ log, mesh, sequence, digest, events, state });
      t.ok(isSignedBy(key, text, signature), 'signed');
    }
  }
  t.equal(new Set(said.map(({ event }) => (event as { key: string }).key)).size, 1);
});

t.test(
  'an idle mesh does not grow by checkpoints, and a lively one waits its ten minutes',
  async t => {
    const { clock, open } = await houses(t, 'a');
    const [a] = open;
    await pass(clock, SOON, open);
    t.equal(signed(a!).length, 1, 'its opening is worth one');
    await pass(clock, 2 * LATER, open);
    t.equal(signed(a!).length, 1);
    const ann = await a!.join('ann');
    await pass(clock, SOON, open);
    t.equal(signed(a!).length, 2, 'the last is longer ago than ten minutes');
    await a!.give('peer.describe', { text: 'busy' }, ann);
    await pass(clock, SOON, open);
    t.equal(signed(a!).length, 2);
    await pass(clock, LATER, open);
    t.equal(signed(a!).length, 3);
  },
);

/** To the commit at which all take the hash of their state. */
async function toStatePoint(clock: HandClock, open: readonly House[]): Promise<number> {
  const [a] = open;
  const target = limits.mark_every_commits;
  for (let n = 0; (a?.fold.sequence ?? target) < target; n++) {
    const token = { name: `n${n}`, circles: ['*'], roles: ['agent'], verbs: ['observe'] };
    await a!.give('token.create', token);
  }
  await settle(open);
  clock.turn(1);
  for (const house of open) house.broker.tick();
  await settle(open);
  return target;
}

t.test('the broker whose state is another than that of most fences itself', async t => {
  const { clock, open } = await houses(t, 'true-a', 'true-b', 'stray-c');
  const point = await toStatePoint(clock, open);
  const [a, b, c] = open;
  for (let n = 0; n < 200 && c!.door.health().ready; n++) await pass(clock, 5, open);
  t.ok(a!.door.health().ready && b!.door.health().ready, 'those who agree go on');
  const { ready, checks } = c!.door.health();
  t.equal(ready, false);
  t.match(checks.fold?.detail, `(position ${point * limits.commit_positions})`);
  t.strictSame(
    open.map(({ door }) => door.fenced.aborted),
    [false, false, true],
  );
  const answer = await c!.give('peer.join', { name: 'zoe' });
  t.match(answer, { refusal: 'unavailable', message: new RegExp(`at commit ${point} `) });
  const before = c!.appends;
  await pass(clock, 20, open.slice(0, 2));
  t.equal(c!.appends, before, 'it says nothing more in the log');
  t.match(c!.warnings.join(), /fenced itself off/);
});

t.test('of two that differ neither is fenced, and both say so', async t => {
  const { clock, open } = await houses(t, 'a', 'wrong-b');
  await toStatePoint(clock, open);
  await pass(clock, SOON, open);
  for (const house of open) {
    t.ok(house.door.health().ready);
    t.match(house.warnings.join(), /the state at commit \d+ is another here than at boot_/);
  }
});

t.test('what another version of the fold says of the state is no word against ours', async t => {
  const hash = (digit: string) => digit.repeat(64);
  t.ok(isComparable(`1.3:${hash('a')}`, `1.3:${hash('b')}`));
  t.notOk(isComparable(`1.2:${hash('a')}`, `1.3:${hash('a')}`));
  t.notOk(isComparable(undefined, `1.3:${hash('a')}`));
});

t.test('one key alone outvotes nobody, whatever it says and however often', async t => {
  const claims = (...said: [key: string, state: string][]) =>
    said.map(([key, state]) => ({ key, state }));
  t.notOk(majorityAgainst(claims(['m', 'x']), 'y'));
  t.notOk(majorityAgainst(claims(['m', 'x'], ['m', 'x']), 'y'));
  t.notOk(majorityAgainst(claims(['m', 'x'], ['a', 'y']), 'y'));
  t.notOk(majorityAgainst(claims(['m', 'x'], ['n', 'z'], ['a', 'y']), 'y'), 'nor two that differ');
  t.notOk(majorityAgainst(claims(['m', 'x'], ['n', 'x'], ['a', 'y'], ['b', 'y']), 'y'));
  t.ok(majorityAgainst(claims(['m', 'x'], ['n', 'x'], ['a', 'y']), 'y'));
});
