// The stream is made so that it cannot forget, and one that could is not used.
import t from 'tap';
import { openJetStream } from '../../broker/log/jetstream.js';
import { streamName, streamSubject } from '../../broker/log/stream-settings.js';
import { systemClock } from '../../broker/system/clock.js';
import { callNats, startBareNats } from './bare-nats.js';
import { bytesOf, collect, reached, stored } from './log-words.js';

interface Answer {
  error?: { description: string };
  config: Record<string, unknown>;
}

function open(url: string, mesh = 'test') {
  const rest = { replicas: 1, maxBytes: 10_000_000, clock: systemClock, onNotice() {} };
  return openJetStream({ url, mesh, ...rest });
}

t.test('every mesh name has a stream and a subject of its own', async t => {
  const names = ['a', 'a.b', 'a-b', 'a_b', 'a..b', 'a.', 'a.b.c', 'log', '0'];
  t.equal(new Set(names.map(streamName)).size, names.length);
  t.equal(new Set(names.map(streamSubject)).size, names.length);
  for (const name of names) t.match(streamSubject(name), /^signalbox\.[^.*> ]+\.log$/);
  t.equal(streamSubject('default'), 'signalbox.default.log');
  for (const bad of ['', 'A', '.a', 'a b', 'a=b', 'a*', 'x'.repeat(65)]) {
    t.throws(() => streamName(bad), /mesh name/);
  }
});

t.test('meshes on one server do not see each other', async t => {
  const { url } = await startBareNats(t);
  const [one, two] = await Promise.all([open(url, 'a.b'), open(url, 'a..b')]);
  await stored(one, 'id', 'one');
  t.equal(await two.head(), 0);
  await Promise.all([one.close(), two.close()]);
});

t.test('two brokers that start at once make one stream', async t => {
  const { url } = await startBareNats(t);
  const logs = await Promise.all([open(url), open(url), open(url)]);
  await stored(logs[0]!, 'id', 'one');
  t.equal(await logs[2]!.head(), 1);
  await Promise.all(logs.map(log => log.close()));
});

t.test('commits can be neither deleted nor purged, and that cannot be unset', async t => {
  const { url } = await startBareNats(t);
  const log = await open(url);
  await stored(log, 'id', 'one');
  const { config } = await callNats<Answer>(url, 'STREAM.INFO.SIGNALBOX_test');
  t.match(config, { storage: 'file', discard: 'new', deny_delete: true, deny_purge: true });
  t.match(config, { max_age: 0, subjects: ['signalbox.test.log'], max_bytes: 10_000_000 });
  const attempts: [string, object][] = [
    ['STREAM.PURGE.SIGNALBOX_test', {}],
    ['STREAM.MSG.DELETE.SIGNALBOX_test', { seq: 1 }],
    ['STREAM.UPDATE.SIGNALBOX_test', { ...config, deny_delete: false }],
    ['STREAM.UPDATE.SIGNALBOX_test', { ...config, deny_purge: false }],
  ];
  for (const [path, body] of attempts) t.ok((await callNats<Answer>(url, path, body)).error, path);
  t.equal(await log.head(), 1);
  await log.close();
});

t.test('an existing stream that could lose history is refused by name and reason', async t => {
  const { url } = await startBareNats(t);
  const faults: [object, RegExp][] = [
    [{}, /deny_delete is false, not true/],
    [{ max_age: 3_600_000_000_000 }, /max_age is 3600000000000, not 0/],
    [{ storage: 'memory' }, /storage is "memory", not file/],
    [{ discard: 'old' }, /discard is "old", not new/],
    [{ subjects: ['signalbox.4.*'] }, /subjects is \["signalbox\.4\.\*"\]/],
    [{ allow_rollup_hdrs: true }, /allow_rollup_hdrs is true/],
  ];
  for (const [i, [fault, reason]] of faults.entries()) {
    const name = `SIGNALBOX_${i}`;
    const sound = { name, subjects: [`signalbox.${i}.log`], max_bytes: 1_000_000 };
    const made = await callNats<Answer>(url, `STREAM.CREATE.${name}`, { ...sound, ...fault });
    t.equal(made.error, undefined);
    await t.rejects(open(url, `${i}`), reason);
  }
});

t.test('opening again with more room raises the limit, with less it stays', async t => {
  const { url } = await startBareNats(t);
  const rest = { url, mesh: 'test', replicas: 1, clock: systemClock, onNotice() {} };
  for (const [maxBytes, expected] of [
    [1_000_000, 1_000_000],
    [5_000_000, 5_000_000],
    [2_000_000, 5_000_000],
  ] as const) {
    const log = await openJetStream({ ...rest, maxBytes });
    t.equal((await log.streamBytes()).maxBytes, expected);
    await log.close();
  }
});

t.test('a stream deleted under a follower halts it, and appends stay unknown', async t => {
  const { url } = await startBareNats(t);
  const log = await open(url);
  t.teardown(() => log.close());
  const tail = collect(log, 1);
  await stored(log, 'a', 'a');
  await reached(tail, 1);
  await callNats(url, 'STREAM.DELETE.SIGNALBOX_test');
  t.match(await log.append('b', bytesOf('b')), { outcome: 'unknown', reason: /no stream/ });
  t.match(await tail.broke, /the stream SIGNALBOX_test is gone/);
});

t.test('a server that does not answer is named without its credentials', async t => {
  const failed = open('nats://me:hidden@127.0.0.1:1');
  await t.rejects(failed, { message: /127\.0\.0\.1:1 cannot be used \(CONNECTION_REFUSED\)/ });
  await t.rejects(failed, { message: /^((?!hidden).)*$/ });
});
