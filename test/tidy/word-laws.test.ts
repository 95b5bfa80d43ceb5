// Plants bounds and names that break laws 6 and 7, and sees each of them found.
import t from 'tap';
import { law, tree } from './planted.js';
import * as words from './word-laws.js';

t.test('a limit without its unit last is found, in and outside of limits.ts', async t => {
  t.same(words.unitlessLimits({ frame_bytes: 1, hops: 2, wait_s: 3 }), []);
  for (const key of ['frame', 'bytes_per_frame', 'frameBytes', 'frame_kb', 'frame_Bytes', '_ms']) {
    t.equal(words.unitlessLimits({ [key]: 1 }).length, 1, key);
  }
});

law(
  'a bound outside of limits.ts is found',
  words.strayLimits,
  [
    ['broker/a.ts', 'const WAIT_MS = 5_000;'],
    ['client/a.ts', 'const BYTES = 10;'],
  ],
  [
    ['broker/a.ts', 'const wait = limits.wait_ms;\nconst MAGIC = 0x5358;'],
    ['client/cli/a.ts', 'const CELL_CHARS = 40;'],
  ],
);

t.test('a type name that two files export is found, whatever kinds of types they are', async t => {
  const first = { 'broker/a.ts': 'export interface Door {\n  open(): void;\n}' };
  for (const kind of ['interface', 'type', 'class', 'abstract class', 'enum', 'const enum']) {
    const second = { 'client/b.ts': `const a = 1;\nexport ${kind} Door {}` };
    t.same(words.sharedTypeNames(tree({ ...first, ...second })), [
      'client/b.ts:2 exports Door, as broker/a.ts',
    ]);
  }
  const kept = {
    'client/a.ts': 'interface Door {}\n// export interface Door\nexport type Doors = Door[];',
    'client/index.ts': "export type { Door } from './a.js';\nexport function Door() {}",
    'schemas/overload.ts': 'export interface Frame {}\nexport interface Frame {}',
    'test/a.ts': 'export type Door = string;',
  };
  t.same(words.sharedTypeNames(tree({ ...first, ...kept })), []);
});

t.test('a file or folder in another spelling is found', async t => {
  const odd = ['broker/Fold.ts', 'broker/command_ids.ts', 'test/myDsl/a.ts', 'test/a.spec.js.ts'];
  t.same(words.oddNames(odd), odd);
  t.same(words.oddNames(['broker/command-ids.ts', 'test/a-b.test.ts', 'vite.config.ts']), []);
});
