// The JetStream keeper keeps the log's promise on a real nats-server, whatever happens to it.
import t, { type Test } from 'tap';
import { type JetStreamLog, openJetStream } from '../../broker/log/jetstream.js';
import type { AppendResult } from '../../broker/log/log.js';
import { systemClock } from '../../broker/system/clock.js';
import { limits } from '../../schemas/limits.js';
import { startTestNats } from '../dsl/nats.js';
import { type BareNats, startBareNats } from './bare-nats.js';
import { logSuite } from './log-suite.js';
import { bytesOf, collect, reached, stored, textOf } from './log-words.js';

interface More {
  maxBytes?: number;
  onNotice?(line: string): void;
}

function open(url: string, { maxBytes = 64 * 1024 * 1024, onNotice = () => {} }: More = {}) {
  return openJetStream({ url, mesh: 'test', replicas: 1, maxBytes, clock: systemClock, onNotice });
}

async function opened(t: Test, nats: BareNats, more?: More): Promise<JetStreamLog> {
  const log = await open(nats.url, more);
  t.teardown(() => log.close());
  return log;
}

t.test('the JetStream keeper keeps the promise', async t => {
  logSuite(t, async t => {
    const nats = await startBareNats(t);
    return { open: () => open(nats.url), save: nats.save, restore: nats.restore };
  });
});

t.test('the rights of the embedded server are enough, and its URL may carry them', async t => {
  const { url, user, password } = await startTestNats(t);
  const log = await open(url.replace('//', `//${user}:${password}@`));
  t.teardown(() => log.close());
  const tail = collect(log, 1);
  t.equal(await stored(log, 'a', 'a'), 1);
  await reached(tail, 1);
  tail.follower.stop();
  for await (const commit of log.read(1)) t.equal(textOf(commit), 'a');
  await log.resize(100_000_000);
  t.equal((await log.streamBytes()).maxBytes, 100_000_000);
});

t.test(
  'a long past is caught up in order, across a kill, and what comes meanwhile too',
  async t => {
    const nats = await startBareNats(t);
    const log = await opened(t, nats);
    const count = 3 * limits.read_batch_commits;
    const names = Array.from({ length: count }, (_, n) => `${n + 1}`);
    await Promise.all(names.map(name => stored(log, name, name)));
    const late = await opened(t, nats);
    t.equal(await late.head(), count);
    const tail = collect(late, 1);
    await reached(tail, limits.read_batch_commits);
    await nats.end('SIGKILL');
    await nats.start();
    t.equal(await stored(log, 'more', 'more'), count + 1);
    await reached(tail, count + 1);
    t.same(
      tail.sequences(),
      Array.from({ length: count + 1 }, (_, n) => n + 1),
    );
    tail.follower.stop();
  },
);

t.test('a killed and restarted server loses nothing and the follower goes on', async t => {
  const nats = await startBareNats(t);
  const lines: string[] = [];
  const log = await opened(t, nats, { onNotice: line => lines.push(line) });
  const tail = collect(log, 1);
  for (let round = 0; round < 3; round++) {
    for (let n = 1; n <= 20; n++) await stored(log, `${round}-${n}`, `${round}-${n}`);
    await nats.end('SIGKILL');
    const during = stored(log, `${round}-down`, `${round}-down`);
    await nats.start();
    await during;
  }
  await reached(tail, 63);
  t.same(
    tail.sequences(),
    Array.from({ length: 63 }, (_, index) => index + 1),
  );
  t.equal(new Set(tail.commits.map(textOf)).size, 63, 'each once');
  t.same(tail.broken, []);
  t.match(lines[0], /connection to the log store 127\.0\.0\.1:\d+ is lost/);
  t.match(lines[1], /connected to the log store .* again/);
});

t.test('a lost connection leaves the append in flight unknown at once', async t => {
  const nats = await startBareNats(t);
  const log = await opened(t, nats);
  nats.signal('SIGSTOP');
  const append = log.append('a', bytesOf('a'));
  await nats.end('SIGKILL');
  t.match(await append, { outcome: 'unknown', reason: /connection/ });
});

t.test('a frozen server makes the append unknown, its retry settles as one commit', async t => {
  const nats = await startBareNats(t);
  const log = await opened(t, nats);
  const tail = collect(log, 1);
  await stored(log, 'a', 'a');
  nats.signal('SIGSTOP');
  // The signal may take a moment to stop every thread.
  let sequence = 1;
  let last: AppendResult;
  do {
    sequence += 1;
    last = await log.append(`id-${sequence}`, bytesOf('b'));
  } while (last.outcome === 'stored');
  t.match(last, { outcome: 'unknown', reason: /in time/ });
  const retry = log.append(`id-${sequence}`, bytesOf('b'));
  nats.signal('SIGCONT');
  t.match(await retry, { outcome: 'stored', sequence });
  t.equal(await stored(log, 'c', 'c'), sequence + 1);
  await reached(tail, sequence + 1);
  t.equal(tail.commits.length, sequence + 1);
});

t.test('a full store refuses, nothing is half stored, and more room heals it', async t => {
  const nats = await startBareNats(t);
  const log = await opened(t, nats, { maxBytes: 1_000_000 });
  const bytes = new Uint8Array(300_000);
  const results: AppendResult[] = [];
  for (let n = 1; n <= 5; n++) results.push(await log.append(`id-${n}`, bytes));
  t.same(
    results.map(result => result.outcome),
    ['stored', 'stored', 'stored', 'refused', 'refused'],
  );
  t.match(results[4], { reason: /maximum bytes exceeded/ });
  t.equal(await log.head(), 3);
  t.match(await log.append('id-1', bytes), { outcome: 'stored', sequence: 1, duplicate: true });
  await log.resize(100_000_000);
  t.equal((await log.streamBytes()).maxBytes, 100_000_000);
  t.match(await log.append('id-4', bytes), { outcome: 'stored', sequence: 4, duplicate: false });
});

t.test('lowering the byte limit deletes nothing', async t => {
  const nats = await startBareNats(t);
  const log = await opened(t, nats);
  for (let n = 1; n <= 5; n++) await log.append(`id-${n}`, new Uint8Array(300_000));
  await log.resize(1_000);
  const { bytes, maxBytes } = await log.streamBytes();
  t.ok(bytes > 1_500_000 && maxBytes > bytes);
  for await (const commit of log.read(1, 1)) t.equal(commit.sequence, 1);
});

t.test('a reader at its own pace outlives its consumer and a restart', async t => {
  const nats = await startBareNats(t);
  const log = await opened(t, nats);
  await Promise.all(
    Array.from({ length: 700 }, (_, index) => log.append(`${index}`, bytesOf(`${index}`))),
  );
  const seen: number[] = [];
  for await (const commit of log.read(1)) {
    seen.push(commit.sequence);
    if (commit.sequence !== 100) continue;
    await nats.end('SIGKILL');
    await nats.start();
    await stored(log, 'later', 'later');
  }
  t.same(
    seen,
    Array.from({ length: 700 }, (_, index) => index + 1),
  );
});

t.test('a commit too large for the store is refused', async t => {
  const nats = await startBareNats(t);
  const log = await opened(t, nats);
  t.match(await log.append('big', new Uint8Array(2_000_000)), { outcome: 'refused' });
  t.match(await log.append('small', bytesOf('a')), { outcome: 'stored', sequence: 1 });
});

t.test('closing settles what is in flight as unknown', async t => {
  const nats = await startBareNats(t);
  const log = await opened(t, nats);
  nats.signal('SIGSTOP');
  const append = log.append('a', bytesOf('a'));
  await log.close();
  t.match(await append, { outcome: 'unknown', reason: /closed/ });
});
