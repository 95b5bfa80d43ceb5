// What was touched: no row of any view reads differently later unless its key is among these.
import fc from 'fast-check';
import t from 'tap';
import { Fold } from '../../../broker/core/fold.js';
import { standingOf } from '../../../broker/core/rows/standing.js';
import type { Table } from '../../../broker/core/rows/table.js';
import { RecentChanges } from '../../../broker/core/views/recent-changes.js';
import { Selection } from '../../../broker/core/views/selection.js';
import { touchedIn } from '../../../broker/core/views/touched.js';
import { Sight } from '../../../broker/core/views/views.js';
import type { Author } from '../../../broker/core/words.js';
import { isRefusal } from '../../../schemas/refusal.js';
import { OPERATOR } from '../../../schemas/uuid.js';
import { liveViews } from '../../../schemas/view.js';
import { tokenNo } from '../../dsl/events.js';
import { finds, history, people, runs } from '../../dsl/histories.js';

const authors: Author[] = [
  { token: OPERATOR },
  { token: OPERATOR, peer: people[0]!.peer },
  { token: tokenNo(2) },
  ...people.slice(2, 4).map(({ token, peer }) => ({ token, peer })),
];

interface Watched {
  selection: Selection;
  rows: Map<string, string>;
}

function watched(table: Table): Watched[] {
  const sight = new Sight(table);
  return authors.flatMap(author => {
    const held = standingOf(table, author, table.time);
    if (isRefusal(held)) return [];
    return liveViews.flatMap(view => {
      const selection = Selection.of({ view }, { author, held });
      return isRefusal(selection) ? [] : [{ selection, rows: told(selection, sight) }];
    });
  });
}

function told(selection: Selection, sight: Sight): Map<string, string> {
  const rows = [...selection.rows(sight)];
  return new Map(rows.map(([key, row]) => [key, JSON.stringify(row)]));
}

type Made = (fold: Fold) => RecentChanges;

/**
 * From a commit of the history, chosen by chance, to its end; `isUntold` when the ones before it
 * are kept from the memory.
 */
function complete(made: Made, isUntold = false): void {
  const law = fc.property(history, fc.nat(), (log, n) => {
    const fold = new Fold();
    const start = n % log.length;
    for (const delivery of log.slice(0, start >> 1)) fold.commit(delivery);
    const recent = made(fold);
    let before: Watched[] = [];
    for (const delivery of log.slice(start >> 1)) {
      const commit = fold.commit(delivery);
      if (!isUntold || fold.sequence >= start) recent.note(commit);
      if (isUntold && recent.base > start) throw new Error(`${recent.base} is after ${start}`);
      if (fold.sequence === start) before = watched(fold.table);
    }
    const stretch = { table: fold.table, recent, since: start };
    const sight = new Sight(fold.table);
    for (const { selection, rows } of before) {
      const touched = touchedIn(stretch, selection.view, selection.queues);
      if (touched === 'all') continue;
      const now = told(selection, sight);
      for (const key of new Set([...rows.keys(), ...now.keys()])) {
        if (rows.get(key) === now.get(key) || touched.has(key)) continue;
        const words = `${selection.view} ${key}: ${rows.get(key)} then ${now.get(key)}`;
        throw new Error(words);
      }
    }
  });
  fc.assert(law, runs(250));
}

t.test('a row that reads differently was touched, in every view and for everybody', async t => {
  complete(fold => new RecentChanges(fold));
  class Forgetful extends RecentChanges {
    override since(...[sequence, tell]: Parameters<RecentChanges['since']>): void {
      super.since(sequence, (touch, key, gone) => {
        if (touch !== 'named') tell(touch, key, gone);
      });
    }
  }
  finds(t, () => complete(fold => new Forgetful(fold)), 'names that change unnoticed');
  class Timeless extends RecentChanges {
    override timeAt(): number {
      return Number.POSITIVE_INFINITY;
    }
  }
  finds(t, () => complete(fold => new Timeless(fold)), 'time that passes unnoticed');
});

t.test('what came after commits that nobody noted is known whole', async () => {
  complete(fold => new RecentChanges(fold), true);
});

t.test('what has left the memory of changes is known to have left it', async () => {
  const law = fc.property(history, fc.integer({ min: 1, max: 12 }), (log, size) => {
    const fold = new Fold();
    const small = new RecentChanges(fold, { changes: size, commits: size });
    const large = new RecentChanges(fold);
    for (const delivery of log) {
      const commit = fold.commit(delivery);
      small.note(commit);
      large.note(commit);
    }
    for (let since = small.base; since <= small.last; since++) {
      const [have, want] = [small, large].map(recent => {
        const all: string[] = [];
        recent.since(since, (touch, key) => all.push(`${touch} ${key}`));
        return JSON.stringify([all, recent.timeAt(since), recent.checkAt(since)]);
      });
      if (have !== want) throw new Error(`since ${since}: ${have} is not ${want}`);
    }
    if (small.base > 0 && small.checkAt(small.base - 1) !== undefined) throw new Error('too old');
  });
  fc.assert(law, runs(60));
});
