// The log's promise as a suite of rules; every keeper passes the same one.
import type { Test } from 'tap';
import type { Delivery } from '../../broker/core/words.js';
import type { Log } from '../../broker/log/log.js';
import { bytesOf, collect, reached, stored, textOf } from './log-words.js';

export interface Keeper {
  /** Opens one more handle on the same log; the suite closes it. */
  open(): Promise<Log>;
  /** Remembers the history as it is. */
  save(): Promise<void>;
  /** Puts the remembered history back, as a restored disk would. */
  restore(): Promise<void>;
}

/** Runs the rules; `start` makes an empty log for each and cleans up with the test. */
export function logSuite(t: Test, start: (t: Test) => Promise<Keeper>): void {
  const rule = (
    title: string,
    body: (t: Test, keeper: Keeper, log: Log) => Promise<void>,
  ): void => {
    t.test(title, async t => {
      const keeper = await start(t);
      const log = await keeper.open();
      t.teardown(() => log.close());
      await body(t, keeper, log);
    });
  };
  appendRules(rule);
  followRules(rule);
  readRules(rule);
  lossRules(rule);
}

type Rule = (title: string, body: (t: Test, keeper: Keeper, log: Log) => Promise<void>) => void;

function appendRules(rule: Rule): void {
  rule('the head of an empty log is 0 and of a filled one its newest commit', async (t, _, log) => {
    t.equal(await log.head(), 0);
    await fill(log, 1, 3);
    t.equal(await log.head(), 3);
  });

  rule('1: a commit comes back byte-equal with the next sequence', async (t, _, log) => {
    const odd = Uint8Array.from({ length: 1_000 }, (_, index) => index % 256);
    const big = new Uint8Array(786_432).fill(7);
    const sent = [odd, new Uint8Array(0), big];
    for (const [index, bytes] of sent.entries()) {
      const result = await log.append(`commit-${index}`, bytes);
      t.same(result, { outcome: 'stored', sequence: index + 1, duplicate: false });
    }
    const tail = collect(log, 1);
    await reached(tail, 3);
    const read = await list(log, 1);
    for (const [index, bytes] of sent.entries()) {
      t.equal(Buffer.compare(tail.commits[index]!.bytes, bytes), 0);
      t.equal(Buffer.compare(read[index]!.bytes, bytes), 0);
      t.equal(read[index]!.sequence, index + 1);
    }
  });

  rule(
    'a retry under the same id is stored once and gets the first sequence',
    async (t, _, log) => {
      await fill(log, 1, 2);
      const again = await log.append('id-1', bytesOf('commit 1'));
      t.same(again, { outcome: 'stored', sequence: 1, duplicate: true });
      t.equal(await log.head(), 2);
    },
  );

  rule('appends in flight together are all answered and keep their order', async (t, _, log) => {
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) => log.append(`id-${index}`, bytesOf(`${index}`))),
    );
    t.same(
      results.map(result => result.outcome === 'stored' && result.sequence),
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
  });

  rule('every commit has the time at which it was stored', async (t, _, log) => {
    const before = Date.now();
    await fill(log, 1, 2);
    const after = Date.now();
    const times = (await list(log, 1)).map(commit => commit.storedAt);
    t.ok(times.every(time => Number.isInteger(time) && time >= before - 1 && time <= after + 1));
  });
}

function followRules(rule: Rule): void {
  rule('a follower gets past and future without gap or repeat', async (t, _, log) => {
    await fill(log, 1, 20);
    const tail = collect(log, 6);
    await fill(log, 21, 40);
    await reached(tail, 40);
    t.same(tail.sequences(), numbers(6, 40));
    t.same(textOf(tail.commits[0]!), 'commit 6');
    t.same(tail.broken, []);
  });

  rule('a follower from just behind the end waits for what comes', async (t, _, log) => {
    await fill(log, 1, 2);
    const tail = collect(log, 3);
    await fill(log, 3, 3);
    await reached(tail, 3);
    t.same(tail.sequences(), [3]);
  });

  rule('two followers over two handles see the same', async (t, keeper, log) => {
    const other = await keeper.open();
    t.teardown(() => other.close());
    const here = collect(log, 1);
    const there = collect(other, 1);
    await fill(log, 1, 10);
    await other.append('from-the-other', bytesOf('other'));
    await Promise.all([reached(here, 11), reached(there, 11)]);
    t.same(here.commits.map(plain), there.commits.map(plain));
  });

  rule('a stopped follower and a closed log deliver nothing more', async (t, keeper, log) => {
    const other = await keeper.open();
    const stopped = collect(log, 1);
    const closed = collect(other, 1);
    await fill(log, 1, 1);
    await Promise.all([reached(stopped, 1), reached(closed, 1)]);
    stopped.follower.stop();
    await other.close();
    const witness = collect(log, 1);
    await fill(log, 2, 5);
    await reached(witness, 5);
    t.same(stopped.sequences(), [1]);
    t.same(closed.sequences(), [1]);
  });

  rule('the store is heard while commits arrive', async (t, _, log) => {
    const before = performance.now();
    const tail = collect(log, 1);
    await fill(log, 1, 1);
    await reached(tail, 1);
    t.ok(log.heardAt() >= before && log.heardAt() <= performance.now());
  });
}

function readRules(rule: Rule): void {
  rule('reading gives the range asked for and ends', async (t, _, log) => {
    await fill(log, 1, 30);
    t.same(
      (await list(log, 1)).map(commit => commit.sequence),
      numbers(1, 30),
    );
    t.same((await list(log, 10, 12)).map(textOf), ['commit 10', 'commit 11', 'commit 12']);
    t.same(
      (await list(log, 29, 99)).map(commit => commit.sequence),
      [29, 30],
    );
    t.same(await list(log, 31), []);
  });

  rule('an abandoned reading leaves the log as usable as before', async (t, _, log) => {
    await fill(log, 1, 600);
    for await (const commit of log.read(1)) if (commit.sequence === 300) break;
    t.same((await list(log, 1)).length, 600);
  });
}

function lossRules(rule: Rule): void {
  rule('a follower from beyond the end is told that history is lost', async (t, _, log) => {
    await fill(log, 1, 3);
    const tail = collect(log, 9);
    t.match(await tail.broke, /ends at commit 3, but 8/);
    t.same(tail.commits, []);
  });

  rule('a history that stepped back halts the follower', async (t, keeper, log) => {
    const tail = collect(log, 1);
    await fill(log, 1, 3);
    await keeper.save();
    await fill(log, 4, 5);
    await reached(tail, 5);
    await keeper.restore();
    const late = await keeper.open();
    t.teardown(() => late.close());
    t.match(await tail.broke, /ends at commit 3, but 5 was there before/);
    await fill(late, 104, 108);
    t.same(tail.sequences(), [1, 2, 3, 4, 5]);
  });

  rule('a history that was rewritten and grew on halts the follower', async (t, keeper, log) => {
    await fill(log, 1, 2);
    await keeper.save();
    await fill(log, 3, 3);
    const tail = collect(log, 1);
    await reached(tail, 3);
    await keeper.restore();
    const other = await keeper.open();
    t.teardown(() => other.close());
    await fill(other, 103, 105);
    t.match(await tail.broke, /commit 3 is not the one|ends at commit 2, but 3/);
    t.same(tail.sequences(), [1, 2, 3]);
  });
}

async function fill(log: Log, from: number, to: number): Promise<void> {
  for (const number of numbers(from, to)) await stored(log, `id-${number}`, `commit ${number}`);
}

async function list(log: Log, from: number, to?: number): Promise<Delivery[]> {
  const commits: Delivery[] = [];
  for await (const commit of log.read(from, to)) commits.push(commit);
  return commits;
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function plain({ sequence, storedAt, bytes }: Delivery): [number, number, string] {
  return [sequence, storedAt, Buffer.from(bytes).toString('hex')];
}
