// The live views: a row reads as its list tells it, to whoever may see it, and to nobody else.
import fc from 'fast-check';
import t from 'tap';
import { Fold } from '../../../broker/core/fold.js';
import { query } from '../../../broker/core/queries.js';
import { standingOf } from '../../../broker/core/rows/standing.js';
import type { Table } from '../../../broker/core/rows/table.js';
import { type Row, Selection, viewRows } from '../../../broker/core/views/selection.js';
import { Sight } from '../../../broker/core/views/views.js';
import type { Author } from '../../../broker/core/words.js';
import { compact } from '../../../schemas/codec.js';
import { type MethodName, methods } from '../../../schemas/method.js';
import { isRefusal } from '../../../schemas/refusal.js';
import { OPERATOR } from '../../../schemas/uuid.js';
import { type LiveView, liveViews } from '../../../schemas/view.js';
import { tokenNo } from '../../dsl/events.js';
import { history, people, runs } from '../../dsl/histories.js';

const lists: Partial<Record<LiveView, [MethodName, object, string[]]>> = {
  peers: ['peer.list', { circle: '*', offline: true, self: true }, ['peer']],
  asks: ['ask.list', {}, ['ask']],
  jobs: ['job.list', { circle: '*' }, ['job']],
  schedules: ['schedule.list', { mine: false }, ['schedule']],
  reviews: ['review.queue', {}, ['circle', 'pr_url']],
  tokens: ['token.list', {}, ['token']],
  usage: ['usage.list', {}, ['peer']],
};

const authors: Author[] = [
  { token: OPERATOR },
  { token: tokenNo(1) },
  { token: tokenNo(2) },
  ...people.map(({ token, peer }) => ({ token, peer })),
];

function foldOf(log: Parameters<Fold['commit']>[0][]): Fold {
  const fold = new Fold();
  for (const delivery of log) fold.commit(delivery);
  return fold;
}

function listed(table: Table, author: Author, method: MethodName, params: object) {
  const info = { mesh: '', log: '', gateway: '', durability: '', version: '', sequence: 0 };
  const context = {
    table,
    author,
    now: table.time,
    sequence: 0,
    cursor: '',
    info: { ...info, digest: new Uint8Array(32) },
    malformed: 0,
  };
  const parsed = methods[method].params.parse({ max: 1_000, ...params });
  const reading = query(method, context, parsed) as { rows: Row[]; told?(): { rows: Row[] } };
  return (reading.told?.() ?? reading).rows.map(row => compact(row));
}

/** Rows by what is theirs alone, without what the view tells in its own steps. */
function byName(rows: Iterable<Row>, columns: string[], of: LiveView): Map<string, string> {
  const named = new Map<string, string>();
  for (const row of rows) {
    const { last_seen, peer, ...rest } = row;
    const told = { ...rest, ...(of === 'reviews' ? {} : { peer }), ...(!last_seen && {}) };
    const sorted = Object.entries(told).sort(([a], [b]) => (a < b ? -1 : 1));
    named.set(columns.map(column => row[column]).join(' '), JSON.stringify(sorted));
  }
  return named;
}

t.test('a view has the rows of its list, and each reads alike', async () => {
  const law = fc.property(history, log => {
    const { table } = foldOf(log);
    for (const author of authors) {
      const held = standingOf(table, author, table.time);
      if (isRefusal(held)) continue;
      for (const [view, [method, params, columns]] of Object.entries(lists)) {
        // To a peer these lists tell its own alone, or nothing that the table has let go of.
        const isNarrow = view === 'asks' && author.peer !== undefined;
        if (isNarrow || (view === 'tokens' && !held.verbs.includes('operate'))) continue;
        const of = view as LiveView;
        const rows = viewRows(new Sight(table), { view: of }, { author, held });
        if (isRefusal(rows)) throw new Error(rows.message);
        const told = [...rows].map(([, row]) => row);
        const wanted = of === 'usage' ? told.filter(row => !row.day && row.turns) : told;
        const have = byName(wanted, columns, of);
        const want = byName(listed(table, author, method, params), columns, of);
        if (JSON.stringify([...have].sort()) !== JSON.stringify([...want].sort())) {
          throw new Error(`${view}: ${JSON.stringify([[...have], [...want]])}`);
        }
      }
    }
  });
  fc.assert(law, runs(40));
});

t.test('a narrowed view is the whole one, filtered and projected', async () => {
  const law = fc.property(history, fc.nat(), (log, n) => {
    const { table } = foldOf(log);
    const sight = new Sight(table);
    const author = authors[n % authors.length]!;
    const held = standingOf(table, author, table.time);
    if (isRefusal(held)) return;
    for (const view of liveViews) {
      if (view === 'tokens' && !held.verbs.includes('operate')) continue;
      const whole = [...(viewRows(sight, { view }, { author, held }) as Iterable<[string, Row]>)];
      const cells = whole.flatMap(([, row]) => Object.entries(row));
      const plain = cells.filter(([, value]) => ['string', 'number'].includes(typeof value));
      const [column = '', value] = plain[n % Math.max(plain.length, 1)] ?? [];
      if (column === '' || (view === 'reviews' && column === 'peer')) continue;
      const other = plain[(n >> 3) % plain.length]!;
      const asked = {
        view,
        where: {
          [column]: [value as string, ...(other[0] === column ? [other[1] as string] : [])],
        },
        fields: [column, other[0]],
      };
      const wanted = whole
        .filter(([, row]) => asked.where[column]!.includes(row[column] as string))
        .map(([key, row]) => [key, [column, other[0]].map(name => row[name])]);
      const selection = Selection.of(asked, { author, held });
      if (isRefusal(selection)) throw new Error(selection.message);
      const have = [...selection.rows(sight)].map(([key, row]) => [
        key,
        [column, other[0]].map(name => row[name]),
      ]);
      if (JSON.stringify(have) !== JSON.stringify(wanted)) throw new Error(`${view} ${column}`);
      for (const [key, row] of selection.rows(sight)) {
        if (JSON.stringify(selection.row(sight, key)) !== JSON.stringify(row)) {
          throw new Error(`${view} ${key} reads differently by itself`);
        }
      }
    }
  });
  fc.assert(law, runs(60));
});
