// The archive's promise as a suite of rules; every keeper passes the same one.
import fc from 'fast-check';
import type { Test } from 'tap';
import type { Archive } from '../../broker/archive/archive.js';
import { type ColdView, coldKinds } from '../../broker/core/archive.js';
import { Fold } from '../../broker/core/fold.js';
import { OFFERED } from '../../broker/core/rows/receipt.js';
import type { Delivery } from '../../broker/core/words.js';
import { api, askNo, asks, closes, db, joins, joinsAway, T0, uuid, web } from '../dsl/events.js';
import { askOf, closesOf, fansOut } from '../dsl/events-asks.js';
import { boss, deputy, handsOver } from '../dsl/events-handovers.js';
import * as j from '../dsl/events-jobs.js';
import * as s from '../dsl/events-schedules.js';
import { given, later } from '../dsl/given.js';
import { history, runs } from '../dsl/histories.js';

/** Makes an archive of the log as it is, at its head; the test closes what it opened. */
export type OpenArchive = (t: Test, log: readonly Delivery[]) => Promise<Archive>;

const three = [joins(web), joins(api), joins(db)];
const EVERY = { all: [] };
const told = <Found>(found: Found): Found => found;
const stage = ({ stage }: { stage: string }) => stage;

/** Runs the rules against one keeper. */
export function archiveSuite(t: Test, open: OpenArchive): void {
  rowRules(t, open);
  pageRules(t, open);
  otherRules(t, open);
  lawOfTheTable(t, open);
}

function rowRules(t: Test, open: OpenArchive): void {
  t.test('a row is found as its last change left it, up to a commit', async t => {
    const steps = [asks(1, web, api), closes(api, 1, 'replied', { text: 'yes' })];
    const { mesh } = given(t, ...three, ...steps);
    const archive = await open(t, mesh.log);
    const row = (n: number, upTo: number) =>
      archive.find({ find: 'row', view: 'asks', key: askNo(n), told }, upTo);
    const head = mesh.fold.sequence;
    t.strictSame(await row(1, head), mesh.table.asks.get(askNo(1)));
    t.match(await row(1, head - 1), { state: 'open' });
    t.equal(await row(1, head - 2), undefined);
    t.equal(await row(9, head), undefined);
  });

  t.test('an open ask that was taken over is found as it was before, too', async t => {
    const [opened, taken] = [asks(1, boss, api), handsOver(boss, boss, deputy)];
    const { mesh } = given(t, joins(boss), joins(deputy), joins(api), opened, taken);
    const archive = await open(t, mesh.log);
    const read = { find: 'row', view: 'asks', key: askNo(1), told } as const;
    const head = mesh.fold.sequence;
    t.match(await archive.find(read, head), { from: deputy.peer, handed_from: boss.peer });
    t.match(await archive.find(read, head - 1), { from: boss.peer, handed_from: undefined });
  });

  t.test('a job is found with its attempts and result', async t => {
    const steps = [
      j.makesJob(1, web),
      j.claims(api, 1),
      j.finishes(api, 1, 1, { result: { ok: 1 } }),
    ];
    const { mesh } = given(t, ...three, ...steps);
    const archive = await open(t, mesh.log);
    const read = { find: 'row', view: 'jobs', key: j.jobNo(1), told } as const;
    t.strictSame(await archive.find(read, mesh.fold.sequence), mesh.table.jobs.get(j.jobNo(1)));
  });

  t.test('a schedule is found with what became of its times', async t => {
    const fired = s.fires(1, 5, s.DUE, { next_at: s.DUE + s.MINUTE });
    const steps = [s.plansMinutely(1, web, api), later(s.DUE - T0), fired, s.callsOff(web, 1)];
    const { mesh } = given(t, ...three, ...steps);
    const archive = await open(t, mesh.log);
    const read = { find: 'row', view: 'schedules', key: s.schedNo(1), told } as const;
    const entry = await archive.find(read, mesh.fold.sequence);
    t.match(entry, { row: { state: 'cancelled' }, history: [{ outcome: 'fired' }] });
    t.match(
      await archive.find(read, mesh.fold.sequence - 2),
      { history: { length: 0 } },
      'as of then',
    );
  });
}

function pageRules(t: Test, open: OpenArchive): void {
  t.test(
    'the newest rows that have ended and fit come first, at most as many as wanted',
    async t => {
      const world = given(t, ...three);
      for (let n = 1; n <= 30; n++) world.and(asks(n, web, n % 2 ? api : db));
      for (let n = 30; n >= 1; n--) world.and(closes(web, n, 'cancelled'));
      const { mesh } = world.and(asks(40, web, api));
      const archive = await open(t, mesh.log);
      const fits = { column: 'to', is: [api.peer] } as const;
      const page = (max: number, upTo: number) =>
        archive.find({ find: 'page', view: 'asks', fits, max, told: keysOf('asks') }, upTo);
      t.same(await page(4, mesh.fold.sequence), [29, 27, 25, 23].map(askNo));
      const before = mesh.fold.sequence - 29;
      t.same(await page(4, before), [29].map(askNo), 'as of that commit');
    },
  );

  t.test('a job that is tried again has not ended', async t => {
    const ended = [j.makesJob(1, web), j.cancels(web, 1), j.makesJob(2, web), j.cancels(web, 2)];
    const { mesh } = given(t, ...three, ...ended, j.retries(web, 2));
    const archive = await open(t, mesh.log);
    const page = (upTo: number) =>
      archive.find({ find: 'page', view: 'jobs', fits: EVERY, max: 5, told: keysOf('jobs') }, upTo);
    t.same(await page(mesh.fold.sequence), [j.jobNo(1)]);
    t.same(await page(mesh.fold.sequence - 1), [j.jobNo(2), j.jobNo(1)]);
  });
}

function otherRules(t: Test, open: OpenArchive): void {
  t.test('a fan-out is found with its threads as they are', async t => {
    const steps = [fansOut(1, web, [api, db]), closesOf(db, askOf(1, 2), 'declined')];
    const { mesh } = given(t, ...three, ...steps, fansOut(2, web, [web]));
    const archive = await open(t, mesh.log);
    const fanOut = (group: string) =>
      archive.find({ find: 'fan_out', group, told }, mesh.fold.sequence);
    const found = await fanOut(askNo(1));
    t.strictSame(found?.row, mesh.table.asks.groups.get(askNo(1)));
    const states = [1, 2].map(n => found?.threads.get(askOf(1, n))?.state);
    t.same(states, ['open', 'closed']);
    t.equal(await fanOut(askNo(2)), undefined, 'it took no effect');
    t.equal(await fanOut(askNo(9)), undefined);
  });

  t.test('a command’s first outcome is found, also when that was void', async t => {
    const first = { ...closes(api, 1, 'replied'), id: uuid(5) };
    const { mesh } = given(t, ...three, first, asks(1, web, api), first, asks(2, web, api));
    const archive = await open(t, mesh.log);
    const command = (n: number) =>
      archive.find({ find: 'command', id: uuid(n), told }, mesh.fold.sequence);
    t.match(await command(5), { author: api.peer, reason: 'ask_unknown' });
    const opened = { author: web.peer, type: 'ask.opened', reason: undefined };
    t.match(await command(2), { ...opened, receipt: OFFERED });
    t.equal(await command(99), undefined);
  });

  t.test('the stages of a thing come with its circle, and of an unknown one are none', async t => {
    const { mesh } = given(t, joins(web), joinsAway(api), asks(1, web, api), joins(api));
    const archive = await open(t, mesh.log);
    const stages = (n: number, upTo: number) =>
      archive.find({ find: 'stages', ref: askNo(n), told }, upTo);
    const head = mesh.fold.sequence;
    const { circle, stages: all } = await stages(1, head);
    t.equal(circle, 'default');
    t.same(all.map(stage), ['accepted', 'offered']);
    t.same((await stages(1, head - 1)).stages.map(stage), ['accepted']);
    t.same(await stages(9, head), { circle: '', stages: [] });
  });

  t.test('who stumbles over what was found is told so, and nobody else', async t => {
    const { mesh } = given(t, ...three, asks(1, web, api));
    const archive = await open(t, mesh.log);
    const stumbles = () => {
      throw new Error('a reader of its own kind');
    };
    const read = { find: 'row', view: 'asks', key: askNo(1) } as const;
    const [failed, found] = await Promise.allSettled([
      archive.find({ ...read, told: stumbles }, mesh.fold.sequence),
      archive.find({ ...read, told }, mesh.fold.sequence),
    ]);
    t.match(failed, { status: 'rejected' });
    t.match(found, { status: 'fulfilled', value: { ask: askNo(1) } });
  });
}

/** Random histories are too short for a table to let go of a row, so it is what must be found. */
function lawOfTheTable(t: Test, open: OpenArchive): void {
  t.test('what is found at any commit is what the table held', async t => {
    const law = fc.asyncProperty(history, fc.nat(), async (log, at) => {
      const upTo = 1 + (at % log.length);
      const { table } = foldedTo(log, upTo);
      const archive = await open(t, log);
      for (const view of Object.keys(coldKinds) as ColdView[]) {
        const { hot, hasEnded, newestFirst } = kindOf(view);
        const rows = [...hot(table)];
        const ended = rows.filter(hasEnded).sort(newestFirst).slice(0, 3);
        const all = (found: object[]) => found.map(shown);
        const page = { find: 'page', view, fits: EVERY, max: 3, told: all } as const;
        t.strictSame(await archive.find(page, upTo), ended.map(shown));
        for (const [n, row] of rows.entries()) {
          // Each is a pass over the log.
          if (n % 4 > 0) continue;
          const [key = ''] = keysOf(view)([row]);
          const read = { find: 'row', view, key, told: shown } as const;
          t.strictSame(await archive.find(read, upTo), shown(row));
        }
      }
    });
    await fc.assert(law, runs(10));
  });
}

/** Of any view: the rules are the same for all. */
function kindOf(view: ColdView) {
  return coldKinds[view] as (typeof coldKinds)['asks'];
}

function keysOf(view: ColdView) {
  return (rows: readonly object[]) => rows.map(row => kindOf(view).keyOf(row as never));
}

function foldedTo(log: readonly Delivery[], upTo: number): Fold {
  const fold = new Fold();
  for (const delivery of log.slice(0, upTo)) fold.commit(delivery);
  return fold;
}

/** The table holds more of a schedule than anybody reads. */
function shown(found: object | undefined): unknown {
  if (found === undefined || !('history' in found && 'row' in found)) return found;
  const { row, history } = found;
  return { row, history };
}
