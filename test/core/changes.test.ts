// What the fold hands out: a row stands as it was handed out, and none holds a secret's hash.
import fc from 'fast-check';
import t from 'tap';
import { type Change, isOf, type ViewName } from '../../broker/core/change.js';
import { Fold } from '../../broker/core/fold.js';
import type { Delivery, FoldedCommit } from '../../broker/core/words.js';
import { finds, history, runs } from '../dsl/histories.js';

type Make = () => Fold;
const fresh: Make = () => new Fold();

const views: ViewName[] = [
  'peers',
  'asks',
  'inbox',
  'jobs',
  'schedules',
  'reviews',
  'usage',
  'tokens',
  'gateways',
];

/** The changes of each event, and those of log time, apart. */
function groupsOf({ records, changes }: FoldedCommit): (readonly Change[])[] {
  return [changes, ...records.map(record => record.changes)];
}

/** No row is handed out a second time, nor is it another at the end of the history. */
function standing(make: Make): void {
  const law = fc.property(history, log => {
    const fold = make();
    const handedOut = new Map<object, string>();
    for (const delivery of log) {
      const commit = fold.commit(delivery);
      const rows = new Set<object>();
      for (const changes of groupsOf(commit)) {
        const own = changes.flatMap(({ row }) => (row === null ? [] : [row]));
        if (own.some(row => rows.has(row) || handedOut.has(row))) return false;
        for (const row of own) rows.add(row);
      }
      for (const row of rows) handedOut.set(row, JSON.stringify(row));
    }
    return [...handedOut].every(([row, text]) => JSON.stringify(row) === text);
  });
  fc.assert(law, runs(150));
}

t.test('a row that was handed out stands, in every view', async t => {
  standing(fresh);
  for (const view of views) {
    class Careless extends Fold {
      #rows: object[] = [];

      override commit(delivery: Delivery) {
        for (const row of this.#rows) Object.assign(row, { isOld: true });
        const commit = super.commit(delivery);
        const all = groupsOf(commit).flat();
        this.#rows = all.flatMap(({ view: of, row }) => (of === view && row !== null ? [row] : []));
        return commit;
      }
    }
    finds(t, () => standing(() => new Careless()), `a fold that changes rows of ${view} later`);
  }
  class InPlace extends Fold {
    override commit(delivery: Delivery) {
      const before = new Map(this.table.peers.rows);
      const commit = super.commit(delivery);
      for (const change of groupsOf(commit).flat()) {
        if (!isOf(change, 'peers') || change.row === null) continue;
        change.row = Object.assign(before.get(change.key) ?? change.row, change.row);
        this.table.peers.put(change.row);
      }
      return commit;
    }
  }
  finds(t, () => standing(() => new InPlace()), 'a rule that changes the row it finds');
});

/** Every hash of a secret that the log knows is in no change and in no row of the table. */
function silence(make: Make): void {
  const law = fc.property(history, log => {
    const fold = make();
    const hashes = new Set<string>();
    const said: string[] = [];
    for (const delivery of log) {
      const commit = fold.commit(delivery);
      for (const { event } of commit.records) {
        if (event !== undefined && 'secret_hash' in event) hashes.add(event.secret_hash);
      }
      said.push(JSON.stringify(groupsOf(commit)));
    }
    const { peers, tokens } = fold.table;
    said.push(JSON.stringify([[...peers.rows.values()], [...tokens.rows.values()]]));
    const isHash = (hash: string) => hash.length > 0 && said.some(text => text.includes(hash));
    return hashes.size > 0 && ![...hashes].some(isHash);
  });
  fc.assert(law, runs(60));
}

t.test('no change and no row holds the hash of a secret', async t => {
  silence(fresh);
  class Telling extends Fold {
    override commit(delivery: Delivery) {
      const commit = super.commit(delivery);
      for (const { event, changes } of commit.records) {
        if (event?.type !== 'peer.joined') continue;
        for (const { row } of changes) Object.assign(row ?? {}, { hash: event.secret_hash });
      }
      return commit;
    }
  }
  finds(t, () => silence(() => new Telling()), 'a row that holds the hash');
});

t.test('the histories change rows of every view', async t => {
  const seen = new Set<string>();
  for (const log of fc.sample(history, { numRuns: 200, seed: 3 })) {
    const fold = new Fold();
    for (const delivery of log) {
      for (const { view } of groupsOf(fold.commit(delivery)).flat()) seen.add(view);
    }
  }
  t.same([...seen].sort(), [...views].sort());
});
