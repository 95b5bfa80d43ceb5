// A replay served as a mesh of its own: what observers see there is what happened, and no more.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { type Test, test } from 'tap';
import { Replaying } from '../../broker/archive/replaying.js';
import { Fold } from '../../broker/core/fold.js';
import { makeTokenFile } from '../../broker/disk/token-file.js';
import { memoryStore, openMemory } from '../../broker/log/memory.js';
import { type ReplayStart, startReplay } from '../../broker/main.js';
import { systemClock as clock } from '../../broker/system/clock.js';
import * as p from '../dsl/events.js';
import { connect, type House, join, openBroker } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { type Fields, type Guest, type Refused, TurnedAway, uuid } from '../dsl/raw-client.js';
import { Mesh } from '../dsl/test-log.js';
import { until } from '../dsl/until.js';

/** A replay at full speed, closed with the test, as somebody may look at it. */
async function replayOf(t: Test, dir: string, more: Partial<ReplayStart> = {}) {
  const stopping = new AbortController();
  const pace = { speed: Number.POSITIVE_INFINITY, max_gap_ms: 0 };
  const where = { dataDir: dir, mesh: 'default', host: '127.0.0.1', port: 0, version: '0' };
  const config = { ...where, from: 'start' as const, pace, stopping: stopping.signal };
  const replay = await startReplay({ ...config, ...more });
  t.teardown(() => replay.close());
  const house = {
    ready: replay.ready,
    token: readFileSync(replay.ready.token_file, 'utf8').trim(),
  };
  return { replay, stopping, house: house as unknown as House };
}

/** Every record, as an observer from the start is told it. */
async function recordsOf(guest: Guest, count: number): Promise<unknown[]> {
  await guest.call('log.observe', { from: 'start' });
  const told = () =>
    guest.heard.flatMap(({ method, params }) =>
      method === 'log.records' ? (params.records as unknown[]) : [],
    );
  await guest.hear('log.records', () => told().length >= count);
  return told();
}

const refusalOf = (call: Promise<unknown>) =>
  call.then(
    () => 'told',
    error => (error as Refused).refusal,
  );

test('observers of a replay are told what those of the mesh were told', async t => {
  const dir = await tempDir(t);
  const house = await openBroker(t, { dataDir: dir });
  const [ann, bob] = [await join(t, house, 'ann'), await join(t, house, 'bob')];
  const ask = await ann.ask('bob', 'may I?');
  const { position } = await bob.reply(ask, 'yes');
  for (let n = 0; n < 20; n++) await ann.notify('bob', `note ${n}`);
  const { records } = await ann.guest.call<{ records: [number, ...unknown[]][] }>('log.read', {
    from: 'start',
    max: 1_000,
  });

  const { replay, house: past } = await replayOf(t, dir);
  const guest = await connect(t, past, { encoding: 'msgpack' });
  await replay.ended;
  t.strictSame((await recordsOf(guest, records.length)).slice(0, records.length), records);
  const peers = await guest.call<{ rows: Fields[] }>('peer.list', { circle: '*', self: true });
  t.strictSame(peers.rows.map(({ name }) => name).sort(), ['ann', 'bob']);
  t.match(await guest.call('ask.get', { ask }), { state: 'closed', reply: { text: 'yes' } });

  await t.test('the past of a replay is that of the mesh', async t => {
    for (const at of [Number(position) - 1, Number(position)]) {
      const question = { view: 'asks', position: at };
      t.strictSame(
        await guest.call('view.at', question),
        await ann.guest.call('view.at', question),
      );
    }
  });

  await t.test('nothing can be said there, and nobody from the mesh is let in', async t => {
    t.equal(await refusalOf(guest.command('peer.join', { name: 'eve' })), 'forbidden');
    const token = { name: 'x', circles: ['*'], roles: ['agent'], verbs: ['speak'] };
    t.equal(await refusalOf(guest.command('token.create', token)), 'forbidden');
    t.equal(await refusalOf(guest.call('peer.kill', { id: uuid(), peer: ann.peer })), 'forbidden');
    t.equal(await refusalOf(guest.call('log.export', { format: 'raw' })), 'forbidden');
    for (const credential of [house.token, ann.credential]) {
      await t.rejects(connect(t, past, { credential }), new TurnedAway(401));
    }
    const { cursor } = await ann.guest.call('peer.whoami');
    t.equal(await refusalOf(guest.call('log.observe', { from: cursor })), 'cursor_foreign');
    t.match(await ann.guest.call('log.read', { from: 'start', max: 1 }), { records: [Array] });
  });

  await t.test('it ends when it is told to, and leaves no token behind', async t => {
    const { stopping, replay: other } = await replayOf(t, dir);
    stopping.abort();
    await other.closed;
    t.throws(() => readFileSync(other.ready.token_file), { code: 'ENOENT' });
  });
});

test('a part is replayed: all before it is there at once, and nothing after it comes', async t => {
  const dir = await tempDir(t);
  const house = await openBroker(t, { dataDir: dir });
  const ann = await join(t, house, 'ann');
  const one = await ann.guest.command('job.create', { title: 'one' });
  await ann.guest.command('job.create', { title: 'two' });
  const three = await ann.guest.command('job.create', { title: 'three' });
  await ann.guest.command('job.create', { title: 'four' });
  await house.broker.close();
  const { replay, house: past } = await replayOf(t, dir, {
    from: { position: Number(one.position) },
    to: { position: Number(three.position) },
  });
  const guest = await connect(t, past);
  await replay.ended;
  const { rows } = await guest.call<{ rows: Fields[] }>('job.list', { circle: '*' });
  t.strictSame(
    rows.map(({ title }) => title),
    ['three', 'two', 'one'],
  );
  const { log } = house.ready;
  const check = '0123456789ab';
  for (const from of [
    { position: 10_000 * 4_096 },
    { time: Date.now() + 3_600_000 },
    `${log}.99999.${check}`,
    `log_other.2.${check}`,
    'no cursor',
  ]) {
    await t.rejects(replayOf(t, dir, { from }), { code: 'replay_place' }, JSON.stringify(from));
  }
  const commit = Math.floor(Number(three.position) / 4_096);
  const { house: later } = await replayOf(t, dir, {
    from: `${log}.${commit}.${check}`,
    to: 'start',
  });
  const looking = await connect(t, later);
  t.strictSame((await looking.call('job.list', { circle: '*' })).rows, rows, 'a cursor is one too');
});

test('the token of a replay that was killed is removed by the next', async t => {
  const dead = spawnSync('true').pid;
  const left = await mkdtemp(joinPath(tmpdir(), `signalbox-replay-${dead}-`));
  const living = await mkdtemp(joinPath(tmpdir(), `signalbox-replay-${process.ppid}-`));
  for (const dir of [left, living]) await writeFile(joinPath(dir, 'operator.token'), 'x');
  const { remove } = await makeTokenFile();
  await t.rejects(access(left));
  await t.resolves(access(living));
  await remove();
  await rm(living, { recursive: true });
});

test('pauses are as long as they were, at the speed, and none is longer than allowed', async t => {
  const mesh = new Mesh();
  mesh.say(p.opened(), p.started(p.GATEWAY, p.BOOT), p.joins(p.web));
  for (const pause of [1_000, 1_000, 3_600_000, 0]) {
    mesh.now += pause;
    mesh.say(p.turns(p.web, 'idle'));
  }
  const log = openMemory({ store: { ...memoryStore(), commits: mesh.log }, clock });
  const fold = new Fold();
  const fed: number[] = [];
  let began = 0;
  const replaying = new Replaying({
    log,
    fold,
    clock,
    from: 'start',
    pace: { speed: 20, max_gap_ms: 100 },
    stopping: new AbortController().signal,
    feed(delivery) {
      fold.commit(delivery);
      fed.push(clock.elapsed() - began);
    },
  });
  await replaying.begin();
  t.equal(fold.sequence, 1, 'the first commit says which log it is');
  began = clock.elapsed();
  await replaying.run();
  t.equal(fed.length, mesh.log.length);
  t.ok(fed[2]! >= 45, 'a second is a twentieth of it');
  t.ok(fed[3]! >= 145, 'an hour is no longer than allowed');
});

test('where there is nothing, or no store, no replay begins', async t => {
  await t.rejects(replayOf(t, await tempDir(t)), { message: /nothing in the log/ });
});

test('a view watched on a slow replay is at its end what its list says', async t => {
  const dir = await tempDir(t);
  const house = await openBroker(t, { dataDir: dir });
  const ann = await join(t, house, 'ann');
  for (let n = 0; n < 3; n++) await ann.guest.command('job.create', { title: `job ${n}` });

  const pace = { speed: 0.0001, max_gap_ms: 100 };
  const { replay, house: past } = await replayOf(t, dir, { pace });
  const guest = await connect(t, past);
  const rows = new Map<string, unknown>();
  type Rows = [string, unknown][];
  const take = (changes: Rows) => {
    for (const [key, row] of changes) row === null ? rows.delete(key) : rows.set(key, row);
  };
  take((await guest.call<{ rows: Rows }>('view.watch', { view: 'jobs' })).rows);
  guest.listen((method, params) => {
    if (method === 'view.changes') take(params.changes as Rows);
  });
  await replay.ended;
  await until(() => rows.size === 3);
  const { rows: listed } = await guest.call<{ rows: Fields[] }>('job.list', { circle: '*' });
  t.strictSame([...rows.values()].sort(byNumber), listed.sort(byNumber));
});

const byNumber = (a: unknown, b: unknown) =>
  Number((a as Fields).number) - Number((b as Fields).number);
