// The list of invariants is held to the code: a row that rots is found, and one mutant is run.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { readRooms } from '../tidy/source.js';
import { invariants } from './list.js';
import { planted } from './plant.js';
import { staleRows } from './stale.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

t.test('a row whose check, title or bug is gone is found', async t => {
  const { sources } = await readRooms(root);
  const [first, ...others] = invariants;
  const { check, mutants } = first!;
  const stale = (changes: object) =>
    staleRows([{ ...first!, ...changes }, ...others], sources, root);
  t.strictSame(stale({}), []);
  t.equal(stale({ number: 28 }).length, 1);
  t.equal(stale({ check: { ...check, file: 'nowhere' } }).length, 1);
  t.equal(stale({ check: { ...check, title: '1: never heard of' } }).length, 1);
  t.equal(stale({ check: { ...check, title: invariants[2]!.check.title } }).length, 1);
  t.equal(stale({ mutants: [] }).length, 1);
  t.equal(stale({ mutants: [{ ...mutants[0], file: 'broker/nowhere.js' }] }).length, 1);
  t.equal(stale({ mutants: [{ ...mutants[0], from: 'nowhere' }] }).length, 1);
  t.throws(() => planted('twice twice', { ...mutants[0]!, from: 'twice' }), /stands 2 times/);
});

t.test('the run of mutants says which check caught which', async t => {
  const main = fileURLToPath(new URL('main.js', import.meta.url));
  const said = await new Promise<string>(resolve =>
    execFile(process.execPath, [main, '25'], (_, text) => resolve(text)),
  );
  t.match(said, /^25 as it is: holds \(core\/\S*authority, "25: /m);
  t.match(said, /^25 a peer that any token speaks for: caught \(core\/\S*authority, "25: /m);
  t.match(said, /^1 mutants, 0 failures$/m);
});
