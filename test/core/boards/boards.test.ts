// The rules of the boards: the newest word of an item, its links, and what is forgotten first.
import t, { type Test } from 'tap';
import { BoardRows } from '../../../broker/core/rows/boards.js';
import { limits } from '../../../schemas/limits.js';
import type { Result } from '../../../schemas/method.js';
import { api, type Draft, far, joins, type Person, web } from '../../dsl/events.js';
import { boardNo, itemNo, links, moves } from '../../dsl/events-boards.js';
import { given as givenMesh } from '../../dsl/given.js';
import { reads, type World } from '../../dsl/reads.js';
import type { Mesh } from '../../dsl/test-log.js';

const row =
  (n: number, circle = 'default') =>
  ({ boards }: Mesh['table']) =>
    boards.get(circle, boardNo(1), itemNo(n));
const to = (n: number, circle?: string) => (table: Mesh['table']) => row(n, circle)(table)?.to;
const refs = (n: number) => (table: Mesh['table']) => row(n)(table)?.links.map(({ ref }) => ref);

/** Two peers of one circle and one of another are here, then this happens. */
const given = (t: Test, ...steps: readonly Draft[]) =>
  givenMesh(t, joins(web), joins(api), joins(far), ...steps);
const list = async (world: World, who: Person, params: object = {}) =>
  (await reads(world, who, 'board.list', params)) as Result<'board.list'>;

t.test('of an item the newest move counts, and what was told of it before stays', async t => {
  given(t, moves(web, 1, 'In Progress', { title: 'Fix login', url: 'https://example.com/1' }))
    .and(moves(api, 1, 'Done', { from: 'In Progress' }))
    .thenApplied()
    .thenRow(to(1), 'Done')
    .thenRow(table => row(1)(table)?.title, 'Fix login')
    .thenRow(table => row(1)(table)?.url, 'https://example.com/1')
    .thenRow(table => row(1)(table)?.by, api.peer);
});

t.test('a circle has its own word of an item, which no other circle sees or changes', async t => {
  const world = given(t, moves(web, 1, 'Done'), moves(far, 1, 'Todo'));
  world.thenRow(to(1), 'Done').thenRow(to(1, 'elsewhere'), 'Todo');
  const { rows } = await list(world, far);
  t.match(rows, [{ to: 'Todo', circle: 'elsewhere' }]);
  t.equal(rows.length, 1);
});

t.test('what an item is linked with is kept once, and can be taken away', async t => {
  given(t, moves(web, 1, 'Doing', { ref: 'job_1' }))
    .and(links(web, 1, 'job_1'), links(api, 1, 'https://example.com/pull/1'))
    .thenRow(refs(1), ['job_1', 'https://example.com/pull/1'])
    .and(links(web, 1, 'job_1', { remove: true }))
    .thenApplied()
    .thenRow(refs(1), ['https://example.com/pull/1'])
    .and(links(web, 2, 'job_1', { remove: true }))
    .thenApplied()
    .thenRow(row(2), undefined);
});

t.test('what is no line, empty or too long is malformed, and changes nothing', async t => {
  for (const bad of ['', 'two\nlines', 'x'.repeat(limits.label_chars + 1)]) {
    given(t, moves(web, 1, bad))
      .thenVoid('malformed')
      .thenRow(row(1), undefined);
    given(t, moves(web, 1, 'Done', { title: bad })).thenVoid('malformed');
  }
  given(t, moves(web, 1, 'Done', { ref: '' })).thenVoid('malformed');
  given(t, links(web, 1, 'x'.repeat(limits.board_ref_chars + 1))).thenVoid('malformed');
});

t.test('of too many links the oldest is forgotten', async t => {
  const many = Array.from({ length: limits.board_links_items + 1 }, (_, n) => `job_${n}`);
  const world = given(t, ...many.map(ref => links(web, 1, ref)));
  world.thenRow(refs(1), many.slice(1));
});

t.test('of too many items the one that was done longest ago is forgotten first', async t => {
  const boards = new BoardRows();
  const one = (n: number, status: 'todo' | 'done') => ({
    ...{ circle: 'default', board: boardNo(1), item: itemNo(n), status, links: [] },
    ...{ since: n, position: n },
  });
  boards.put(one(0, 'todo'));
  boards.put(one(1, 'done'));
  for (let n = 2; n <= limits.boards_rows + 1; n++) boards.put(one(n, 'todo'));
  t.equal([...boards.all()].length, limits.boards_rows);
  const has = (n: number) => boards.get('default', boardNo(1), itemNo(n)) !== undefined;
  t.notOk(has(1), 'what is done goes first');
  t.notOk(has(0), 'then what changed longest ago');
  t.ok(has(2));
  boards.put({ ...one(2, 'todo'), title: 'x'.repeat(limits.boards_chars) });
  t.same([...boards.all()].length, 1, 'their characters are bounded, too');
});

t.test(
  'a list is of a board or an item, in the order of their first word, page by page',
  async t => {
    const said = [3, 1, 2].flatMap(n => [moves(web, n, 'Todo')]);
    const world = given(t, ...said, moves(web, 3, 'Done'));
    const items = async (params: object) =>
      (await list(world, web, params)).rows.map(({ item }) => item);
    t.same(await items({}), [itemNo(3), itemNo(1), itemNo(2)]);
    t.same(await items({ board: boardNo(2) }), []);
    t.same(await items({ board: boardNo(1), item: itemNo(2) }), [itemNo(2)]);
    const first = await list(world, web, { max: 2 });
    t.equal(first.rows.length, 2);
    t.same(await items({ after: first.next }), [itemNo(2)]);
    t.match(first.rows[0], { by_name: 'web', to: 'Done', links: [] });
  },
);
