// Views as they were: at any position of any history they are what a fresh fold to there tells.
import fc from 'fast-check';
import { type Test, test } from 'tap';
import { decodeCommit, encodeCommit } from '../../broker/core/commits/commit-bytes.js';
import { Fold } from '../../broker/core/fold.js';
import { nothingYet, PastFold } from '../../broker/core/past-fold.js';
import { rights } from '../../broker/core/rows/rights.js';
import type { Table } from '../../broker/core/rows/table.js';
import type { PastMoment } from '../../broker/core/shared/query-context.js';
import { type PastQuestion, type PastRows, sortedRows } from '../../broker/core/views/past.js';
import { viewRows } from '../../broker/core/views/selection.js';
import { Sight } from '../../broker/core/views/views.js';
import type { Author, Delivery } from '../../broker/core/words.js';
import { memoryStore, openMemory } from '../../broker/log/memory.js';
import { systemClock as clock } from '../../broker/system/clock.js';
import { LogFollower } from '../../broker/timeline/follower.js';
import { PAST } from '../../broker/timeline/part.js';
import { Past } from '../../broker/timeline/past.js';
import { limits } from '../../schemas/limits.js';
import { isRefusal } from '../../schemas/refusal.js';
import { OPERATOR } from '../../schemas/uuid.js';
import { liveViews } from '../../schemas/view.js';
import { chanceFrom, seedOf } from '../dsl/chance.js';
import * as p from '../dsl/events.js';
import { finds, history, people } from '../dsl/histories.js';
import { folded } from '../dsl/state.js';
import { Mesh } from '../dsl/test-log.js';

/** A follower of a log in memory that keeps a state every few events, and how it read the log. */
async function pastOf(t: Test, commits: Delivery[], every = 7) {
  const log = openMemory({ store: { ...memoryStore(), commits }, clock });
  const reads: [number, number | undefined][] = [];
  const read: typeof log.read = (from, to) => {
    reads.push([from, to]);
    return log.read(from, to);
  };
  const past = new Past({ log: { read }, clock, every });
  const onWarning = (line: string) => t.fail(line);
  const follower = new LogFollower({ log, fold: new Fold(), parts: [past], clock, onWarning });
  t.teardown(() => follower.close());
  await follower.start();
  await follower.reached(commits.length);
  const at = (question: PastQuestion) => follower.ask({ part: PAST, question });
  return { at: at as (question: PastQuestion) => Promise<PastRows>, reads };
}

const END = limits.commit_positions - 1;

/** A fold from the start to a position, of a log that was written no further. */
function fresh(commits: readonly Delivery[], position: number): Table {
  const last = Math.floor(position / limits.commit_positions);
  const whole = commits.slice(0, Math.max(0, last - 1));
  const cut = commits[last - 1];
  const commit = cut && decodeCommit(cut.bytes);
  if (cut === undefined) return folded(whole).table;
  if (commit === undefined) return folded([...whole, cut]).table;
  const events = commit.events.slice(0, (position % limits.commit_positions) + 1);
  return folded([...whole, { ...cut, bytes: encodeCommit({ ...commit, events }) }]).table;
}

const looking = (table: Table, author: Author, moment: PastMoment, view: (typeof liveViews)[0]) => {
  const held = rights(table, author.token, table.time);
  return { view, moment, beholder: { author, held: held! } } as PastQuestion;
};

test('at random positions every view is what a fresh fold tells', async t => {
  const chance = chanceFrom(seedOf(t));
  const logs = fc.sample(history, { numRuns: 10, seed: Math.floor(chance() * 2 ** 31) });
  for (const log of logs) {
    const now = folded(log).table;
    const { at } = await pastOf(t, log);
    const lookers: Author[] = people.map(({ peer, token }) => ({ peer, token }));
    const authors = [{ token: OPERATOR }, ...lookers].filter(
      ({ token }) => rights(now, token, now.time) !== undefined,
    );
    for (let n = 0; n < 5; n++) {
      const commit = 1 + Math.floor(chance() * log.length);
      const count = decodeCommit(log[commit - 1]!.bytes)?.events.length ?? 1;
      const position = commit * limits.commit_positions + Math.floor(chance() * count);
      const table = fresh(log, position);
      const author = authors[Math.floor(chance() * authors.length)]!;
      for (const view of liveViews) {
        const question = looking(now, author, { position }, view);
        const wanted = viewRows(new Sight(table), question, question.beholder);
        const told = await at(question);
        if (isRefusal(wanted)) t.match(told, wanted);
        else {
          t.strictSame(told.rows, sortedRows(wanted), `${view} at ${position}`);
          t.match(told, { position, time: table.time });
        }
      }
    }
  }
});

/** Commits of two events each, one ms apart. */
function steady(commits: number): Mesh {
  const mesh = new Mesh();
  mesh.say(p.opened(), p.started(p.GATEWAY, p.BOOT), p.joins(p.web), p.joins(p.api));
  for (let n = 1; n < commits; n++) {
    mesh.now += 10;
    mesh.say(p.turns(p.web, n % 2 ? 'working' : 'idle'), p.turns(p.api, 'working'));
  }
  return mesh;
}

const peersAt = (moment: PastMoment): PastQuestion => {
  const held = rights(new Fold().table, OPERATOR, 0)!;
  return { view: 'peers', moment, beholder: { author: { token: OPERATOR }, held } };
};

test('a time means the last commit that is not after it, before the first none', async t => {
  const { at } = await pastOf(t, steady(50).log);
  const end = (commit: number) => commit * limits.commit_positions + 1;
  t.match(await at(peersAt({ time: p.T0 + 200 })), { position: end(21), time: p.T0 + 200 });
  t.match(await at(peersAt({ time: p.T0 + 209 })), { position: end(21), time: p.T0 + 200 });
  t.match(await at(peersAt({ time: p.T0 + 9e9 })), { position: end(50), time: p.T0 + 490 });
  const nothing = { position: 0, time: 0, rows: [] };
  t.strictSame(await at(peersAt({ time: p.T0 - 1 })), nothing);
  t.strictSame(await at(peersAt({ position: 0 })), nothing);
  t.strictSame(await at(peersAt({ position: END })), nothing);
});

test('a position between two events is the first of them', async t => {
  const { at } = await pastOf(t, steady(5).log);
  const position = 3 * limits.commit_positions;
  t.match(await at(peersAt({ position: position + 1 })), { position: position + 1 });
  t.match(await at(peersAt({ position: position + 900 })), { position: position + 1 });
  t.match(await at(peersAt({ position: position - 1 })), { position: position - END });
});

test('one moment is folded once for all who ask, from the nearest state', async t => {
  const { at, reads } = await pastOf(t, steady(200).log);
  const position = 150 * limits.commit_positions;
  const told = await Promise.all(Array.from({ length: 40 }, () => at(peersAt({ position }))));
  t.equal(new Set(told.map(({ time }) => time)).size, 1);
  t.equal(reads.length, 1);
  const [from = 0, to] = reads[0]!;
  t.equal(to, 150);
  t.ok(from >= 145, `it was read from commit ${from}`);
});

test('of an old moment no more is folded again once somebody has looked around it', async t => {
  const { at, reads } = await pastOf(t, steady(2_000).log, 400);
  await at(peersAt({ position: 900 * limits.commit_positions }));
  await at(peersAt({ position: 880 * limits.commit_positions }));
  const [from = 0] = reads.at(-1)!;
  t.ok(from > 600, `it was read from commit ${from}`);
});

test('too many moments at once are refused, and what was taken is told', async t => {
  const { at } = await pastOf(t, steady(300).log);
  const asked = Array.from({ length: 200 }, (_, n) =>
    at(peersAt({ position: (n + 1) * limits.commit_positions })),
  );
  const settled = await Promise.allSettled(asked);
  const told = settled.filter(({ status }) => status === 'fulfilled');
  t.equal(told.length, limits.past_waiting_calls);
  t.match(
    settled.find(({ status }) => status === 'rejected'),
    { reason: { message: /as many moments/ } },
  );
  t.match(await at(peersAt({ position: 9 * limits.commit_positions })), { rows: Array });
});

test('a page ends where it is to, and the next goes on after any key', async t => {
  const { at } = await pastOf(t, steady(20).log);
  const ask = (more: Partial<PastQuestion>) => at({ ...peersAt({ position: 9e4 }), ...more });
  const first = await ask({ max: 1 });
  t.match(first, { rows: [[p.api.peer, { name: 'api' }]], next: p.api.peer });
  const second = await ask({ max: 1, after: first.next });
  t.match(second.rows, [[p.web.peer, { name: 'web' }]]);
  t.equal(second.next, undefined);
  t.match((await ask({ after: 'peer_m' })).rows, [[p.web.peer, {}]]);
  t.strictSame((await ask({ after: '\uffff' })).rows, []);
});

test('the rows of a moment are made once for all its pages, for each who sees others', async t => {
  const { at } = await pastOf(t, steady(20).log);
  const question = peersAt({ position: 9e4 });
  const [whole, page] = [await at(question), await at({ ...question, max: 1 })];
  t.equal(whole.rows[0], page.rows[0]);
  t.strictSame((await at({ ...question, where: { name: 'web' } })).rows, [whole.rows[1]]);
  t.notOk('badge' in (await at({ ...question, fields: ['name'] })).rows[0]![1]);
  const held = { ...question.beholder.held, circles: ['elsewhere'] };
  t.strictSame((await at({ ...question, beholder: { ...question.beholder, held } })).rows, []);
});

test('a fold of the past that errs is found out', async t => {
  const log = steady(30).log;
  const { voids, table } = folded(log);
  const question = peersAt({ position: 0 });
  const tells = (at: Table) => {
    const rows = viewRows(new Sight(at), question, question.beholder);
    return JSON.stringify([at.time, isRefusal(rows) ? rows : sortedRows(rows)]);
  };
  const isTold = (make: typeof PastFold) => () => {
    const past = new make(nothingYet, position => voids.reason(position));
    for (const delivery of log) past.commit(delivery);
    if (tells(past.table) !== tells(table)) throw new Error('they differ');
  };
  class Late extends PastFold {
    override commit(delivery: Delivery) {
      const count = super.commit(delivery);
      this.table.time -= 60_000;
      return count;
    }
  }
  t.doesNotThrow(isTold(PastFold));
  finds(t, isTold(Late), 'log time that is behind');
});
