// The timeline index: equal to what the log says, whatever stops it, and made anew on any doubt.
import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { Fold } from '../../broker/core/fold.js';
import { readQuery } from '../../broker/core/log/words-query.js';
import { Trace } from '../../broker/core/messages/trace.js';
import type { FoundRecords } from '../../broker/core/timeline-reads.js';
import type { Delivery } from '../../broker/core/words.js';
import { createEventFilter } from '../../broker/gateway/observe/event-filter.js';
import type { IndexAnswer, IndexQuestion } from '../../broker/timeline/index/index-questions.js';
import { Sqlite } from '../../broker/timeline/index/store/sqlite.js';
import { INDEX_FILE } from '../../broker/timeline/index/timeline-index.js';
import { limits } from '../../schemas/limits.js';
import { type Chance, chanceFrom, seedOf } from '../dsl/chance.js';
import { api, askNo, asks, closes, joins, msgNo, opened, started, web } from '../dsl/events.js';
import { given } from '../dsl/given.js';
import { history, people, runs, THINGS } from '../dsl/histories.js';
import { type Followed, followed } from '../dsl/indexes.js';
import { tempDir } from '../dsl/nats.js';
import { Mesh } from '../dsl/test-log.js';

const FILES = [INDEX_FILE, `${INDEX_FILE}-wal`, `${INDEX_FILE}-clean`];

/** Everything an index can be asked about a history of random events, as of its end. */
async function answersOf({ follower }: Followed, asOf: number): Promise<unknown[]> {
  const ask = async (question: Omit<IndexQuestion, 'asOf'>): Promise<unknown> => {
    const answer = await follower.ask({ part: 'index', question: { ...question, asOf } });
    return 'found' in (answer as IndexAnswer) ? answer : 'elsewhere';
  };
  const answers: unknown[] = [];
  for (let n = 0; n < THINGS; n++) {
    for (const ref of [askNo(n), msgNo(n)])
      answers.push(await ask({ find: 'stages', ref } as never));
    answers.push(await ask({ find: 'row', view: 'asks', key: askNo(n) } as never));
  }
  for (const view of ['asks', 'jobs', 'schedules']) {
    answers.push(await ask({ find: 'page', view, fits: { all: [] }, max: 100 } as never));
  }
  for (const query of ['', 'no', 'n* OR never', '-no']) {
    const words = readQuery(query)!;
    const rest = { filter: {}, circles: ['*'], order: 'newest', max: 100, records: true };
    answers.push(await ask({ find: 'search', words, ...rest } as never));
  }
  for (const n of [1, 2, 3]) {
    answers.push(await ask({ find: 'thread', ref: askNo(n), circles: ['default'] } as never));
  }
  return answers;
}

/** The files as a kill of the process leaves them, in another folder. */
async function asKilled(t: Test, dataDir: string): Promise<string> {
  const copy = await tempDir(t);
  for (const file of FILES) {
    const from = join(dataDir, file);
    if (existsSync(from)) copyFileSync(from, join(copy, file));
  }
  return copy;
}

t.test('the stages of all things at once are those that a trace of each finds', async t => {
  const law = fc.asyncProperty(history, async log => {
    const indexed = await followed(t, log, undefined);
    for (let n = 0; n < THINGS; n++) {
      for (const ref of [askNo(n), msgNo(n), `${askNo(n)}.1`]) {
        const trace = new Trace(ref);
        const fold = new Fold();
        for (const delivery of log) trace.commit(fold.commit(delivery));
        const question = { find: 'stages', ref, asOf: log.length };
        const answer = await indexed.follower.ask({ part: 'index', question });
        const isKnown = trace.found.circle !== '';
        const { found } = answer as { found: Trace['found'] };
        if (isKnown) t.strictSame(found, trace.found, ref);
        else t.equal(found.circle, '', ref);
      }
    }
    await indexed.close();
  });
  await fc.assert(law, runs(6));
});

t.test('what a filter lets pass is among what the index tells, in either direction', async t => {
  const law = fc.asyncProperty(history, fc.nat(), fc.nat(), async (log, n, at) => {
    const { follower, close } = await followed(t, log);
    const fold = new Fold();
    const commits = log.map(delivery => fold.commit(delivery));
    const peer = people[n % people.length]!.peer;
    const refs = [askNo(n % THINGS)];
    const filter = [{ peers: [peer] }, { refs }, { peers: [peer], kinds: ['ask', 'x'] }][at % 3]!;
    const circles = [at % 2 === 0 ? '*' : 'default'];
    const passes = createEventFilter(filter, { token: '', circles, roles: [], verbs: [] });
    const wanted = passes(commits).map(({ record }) => record.position);
    for (const isReverse of [false, true]) {
      const told: number[] = [];
      let [from, to] = [0, (log.length + 1) * limits.commit_positions];
      for (let isCut = true; isCut; ) {
        const asked = { find: 'records', filter, circles, from, to, isReverse, max: 3, asOf: 0 };
        const answer = await follower.ask({ part: 'index', question: asked });
        const { found } = answer as { found: FoundRecords };
        const lines = found.records.flatMap(({ time, ...record }) =>
          passes([{ time, records: [record] }]),
        );
        told.push(...lines.map(({ record }) => record.position));
        isCut = found.isCut;
        if (isReverse) to = found.from;
        else from = found.to;
      }
      t.strictSame(told, isReverse ? wanted.toReversed() : wanted);
    }
    await close();
  });
  await fc.assert(law, runs(6));
});

t.test('killed at any commit and opened again, it answers as one that was never', async t => {
  const law = fc.asyncProperty(history, fc.nat(), async (log, at) => {
    const whole = await followed(t, log);
    const wanted = await answersOf(whole, log.length);
    const dataDir = await tempDir(t);
    const first = await followed(t, log.slice(0, 1 + (at % log.length)), dataDir);
    await first.index.flush();
    const second = await followed(t, log, await asKilled(t, dataDir));
    t.ok(second.index.cursor() > 0, 'it goes on');
    t.strictSame(await answersOf(second, log.length), wanted);
    t.same([...first.warnings, ...second.warnings], []);
    for (const each of [whole, first, second]) await each.close();
  });
  await fc.assert(law, runs(6));
});

/** A history with something of everything, and the index that follows it. */
async function written(t: Test) {
  const { mesh } = given(t, joins(web), joins(api));
  for (let n = 1; n <= 300; n++) {
    mesh.one(asks(n, web, api, `question ${n} about the ledger`));
    mesh.one(closes(api, n, 'replied', { text: `never ${n}` }));
  }
  const dataDir = await tempDir(t);
  const index = await followed(t, mesh.log, dataDir);
  await index.index.flush();
  const wanted = await answersOf(index, mesh.log.length);
  return { log: mesh.log, dataDir, index, wanted };
}

/** What is opened is made anew when it throws itself away, as the worker does. */
async function healed(t: Test, log: readonly Delivery[], dataDir: string): Promise<Followed> {
  for (;;) {
    const index = await followed(t, log, dataDir);
    const answer = await answersOf(index, log.length);
    if (index.anew() === 0 && !answer.includes('elsewhere')) return index;
    await index.close();
  }
}

/** Some bytes of the file are others. */
function damage(path: string, chance: Chance): void {
  const bytes = readFileSync(path);
  const at = Math.floor(chance() * bytes.length);
  const count = chance() < 0.5 ? 1 : Math.ceil(chance() * 4_096);
  for (let n = at; n < Math.min(bytes.length, at + count); n++) bytes[n]! ^= 1 + (n % 255);
  writeFileSync(path, chance() < 0.1 ? bytes.subarray(0, at) : bytes);
}

t.test('a damaged file answers as it should, or is made anew and then does', async t => {
  const chance = chanceFrom(seedOf(t));
  const { log, dataDir, index, wanted } = await written(t);
  const wal = await asKilled(t, dataDir);
  await index.close();
  const runs = Number(process.env.RUNS ?? 8);
  let anew = 0;
  for (let n = 0; n < runs; n++) {
    const copy = n % 2 === 0 ? await asKilled(t, dataDir) : await asKilled(t, wal);
    const files = FILES.map(file => join(copy, file));
    const there = files.filter(file => existsSync(file) && statSync(file).size > 0);
    damage(there[n % there.length]!, chance);
    const after = await healed(t, log, copy);
    t.strictSame(await answersOf(after, log.length), wanted, `run ${n}`);
    anew += after.warnings.length;
    await after.close();
  }
  t.comment(`${anew} of ${runs} were made anew`);
});

t.test('one that was closed is to the bit what it was, or is made anew', async t => {
  const chance = chanceFrom(seedOf(t));
  const { log, dataDir, index, wanted } = await written(t);
  await index.close();
  for (let n = 0; n < 4; n++) {
    const copy = await asKilled(t, dataDir);
    const path = join(copy, INDEX_FILE);
    const bytes = readFileSync(path);
    bytes[Math.floor(chance() * bytes.length)]! ^= 2 ** (n % 8);
    writeFileSync(path, bytes);
    const after = await followed(t, log, copy);
    await answersOf(after, log.length);
    t.match(after.warnings, [/made anew/], `run ${n}`);
    await after.close();
    t.strictSame(await answersOf(await healed(t, log, copy), log.length), wanted);
  }
  const goesOn = await followed(t, log, dataDir);
  t.strictSame(await answersOf(goesOn, log.length), wanted);
  t.same(goesOn.warnings, []);
});

t.test('the mark of a clean close is gone once the index is written', async t => {
  const { log, dataDir, index } = await written(t);
  const mark = join(dataDir, `${INDEX_FILE}-clean`);
  const before = await tempDir(t);
  const short = await followed(t, log.slice(0, -1), before);
  await short.close();
  t.ok(existsSync(join(before, `${INDEX_FILE}-clean`)));
  const goesOn = await followed(t, log, before);
  await goesOn.index.flush();
  t.notOk(existsSync(join(before, `${INDEX_FILE}-clean`)), 'written');
  const killed = await followed(t, log, await asKilled(t, before));
  t.equal(killed.index.cursor(), log.length, 'and it goes on after a kill');
  t.same(killed.warnings, []);
  t.notOk(existsSync(mark), 'open');
  await index.close();
  t.ok(existsSync(mark), 'closed');
});

t.test('who reads the log is told nothing by an index that a kill has ever left', async t => {
  const { log, dataDir, index } = await written(t);
  const answered = async ({ follower }: Followed, asked: object) => {
    const question = { ref: askNo(7), asOf: log.length, ...asked };
    return 'found' in ((await follower.ask({ part: 'index', question })) as IndexAnswer);
  };
  const page = { circles: ['*'], from: 0, to: Number.MAX_SAFE_INTEGER, isReverse: false, max: 9 };
  const tells = async (some: Followed) => {
    t.ok(await answered(some, { find: 'stages' }), 'others wait until it was looked through');
    return answered(some, { find: 'records', filter: { refs: [askNo(7)] }, ...page });
  };
  t.ok(await tells(index), 'made here');
  const left = await asKilled(t, dataDir);
  await index.close();
  const closed = await followed(t, log, await asKilled(t, dataDir));
  t.ok(await tells(closed), 'as it was closed');
  const killed = await followed(t, log, left);
  t.notOk(await tells(killed));
  await killed.close();
  const since = await followed(t, log, left);
  t.notOk(await tells(since), 'nor after a clean close');
  for (const each of [closed, since]) await each.close();
});

t.test('one of another log, layout or future is made anew, and that is said once', async t => {
  const { log, dataDir, index, wanted } = await written(t);
  await index.close();
  const other = new Mesh();
  other.now += 5;
  other.say(opened('log_2'), started('gateway_a', 'boot_a'));
  other.say(joins(web));
  other.say(joins(api));
  for (let n = 1; n <= 700; n++) other.one(asks(n, web, api, 'of another log'));
  const foreign = await healed(t, other.log, await asKilled(t, dataDir));
  const question = { find: 'row', view: 'asks', key: askNo(1), asOf: other.log.length };
  t.match(await foreign.follower.ask({ part: 'index', question }), { found: { state: 'open' } });

  const ahead = await healed(t, log.slice(0, 100), await asKilled(t, dataDir));
  t.match(ahead.warnings, [/ahead of the log/]);

  const old = await asKilled(t, dataDir);
  const db = await Sqlite.open(join(old, INDEX_FILE));
  db.exec('PRAGMA user_version = 77');
  db.close();
  const anew = await healed(t, log, old);
  t.match(anew.warnings, [/its layout is 77/]);
  t.strictSame(await answersOf(anew, log.length), wanted);

  const nonsense = await tempDir(t);
  writeFileSync(join(nonsense, INDEX_FILE), 'this is no database, and it is long enough');
  const made = await healed(t, log, nonsense);
  t.equal(made.warnings.length, 1);
  t.strictSame(await answersOf(made, log.length), wanted);
  t.equal(statSync(join(nonsense, INDEX_FILE)).mode & 0o777, 0o600);
  for (const each of [foreign, ahead, anew, made]) await each.close();
});
