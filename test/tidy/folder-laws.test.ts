// Plants folders that break law 8, and sees each of them found.
import t from 'tap';
import * as folders from './folder-laws.js';
import { tree } from './planted.js';

/** So many files, each with the text that is made for it. */
function many(count: number, path: (n: number) => string, text: (n: number) => string = () => '') {
  return tree(Object.fromEntries(Array.from({ length: count }, (_, n) => [path(n), text(n)])));
}

t.test('a cycle of folders is found where no file is in a cycle', async t => {
  const there = { 'broker/a/x.ts': "import type { Y } from '../b/y.js';" };
  const back = { 'broker/b/z.ts': "import { w } from '../a/w.js';" };
  const knots = (files: Record<string, string>, folder: string) =>
    folders.folderKnots(tree(files), [folder]);
  t.same(knots({ ...there, ...back }, 'broker'), ['a cycle in broker: a b']);
  t.same(knots({ ...there, ...back }, 'broker/a'), [], 'not seen from inside of one');
  t.same(knots(there, 'broker'), []);
  const file = { 'broker/main.ts': "import './a/x.js';", 'broker/a/x.ts': "import '../main.js';" };
  t.same(knots(file, 'broker'), ['a cycle in broker: a main.ts'], 'a file is an entry too');
});

t.test('too many entries are found, and too many arrows between them', async t => {
  const room = (n: number) => `broker/room-${n}/a.ts`;
  t.same(folders.wideBroker(many(12, room)), []);
  t.match(folders.wideBroker(many(13, room)), [/13 entries/]);
  /** Each room imports from all before it, twice. */
  const import2 = (to: number) => `import '../room-${to}/a.js';\nimport '../room-${to}/b.js';\n`;
  const text = (n: number) => Array.from({ length: n }, (_, to) => import2(to)).join('');
  t.same(folders.wideBroker(many(9, room, text)), [], '36 arrows');
  t.match(folders.wideBroker(many(10, room, text)), [/45 arrows/]);
});

t.test('a folder with too many files is found, not one whose folders have some', async t => {
  t.same(folders.fullFolders(many(15, n => `broker/a/${n}.ts`)), []);
  t.same(folders.fullFolders(many(16, n => `broker/a/${n}.ts`)), ['broker/a holds 16 files']);
  t.same(folders.fullFolders(many(16, n => `broker/a/${n}/b.ts`)), []);
  t.same(folders.fullFolders(many(40, n => `broker/core/rows/${n}.ts`)), []);
  t.same(folders.fullFolders(many(40, n => `test/${n}.ts`)), []);
});
