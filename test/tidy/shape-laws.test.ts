// Plants what is too long, unwanted or left for later, and sees each of them found.

import { law } from './planted.js';
import * as shape from './shape-laws.js';

law(
  'a long line is found, counted in characters',
  shape.longLines,
  [['a.ts', `// ${'x'.repeat(98)}`]],
  [['a.ts', `// ${'😀'.repeat(97)}`]],
);

law(
  'what is left for later is found',
  shape.unfinished,
  [
    ['a.ts', '// TODO: later'],
    ['a.ts', '/* FIXME */'],
    ['a.ts', '// @ts-expect-error it is fine'],
    ['a.ts', '// biome-ignore lint: it is fine'],
  ],
  [['a.ts', "const list = 'TODO'; // a to-do list of Markdown"]],
);

law(
  'a skipped or lonely test is found',
  shape.skippedTests,
  [
    ['a.test.ts', "t.skip('later', async () => {});"],
    ['a.test.ts', "test.only('this', async () => {});"],
    ['a.test.ts', "t.test('x', { skip: true }, async () => {});"],
    ['a.test.ts', "t.test('x', { todo: 'later' }, async () => {});"],
  ],
  [
    ['a.test.ts', "t.test('a skip is recorded', async () => {});"],
    ['broker/a.ts', 'const rule = { skip: 1 };'],
  ],
);

law(
  'a test that waits for a time is found',
  shape.timedTests,
  [
    ['a.test.ts', "import { setTimeout as sleep } from 'node:timers/promises';"],
    ['a.test.ts', 'await new Promise(resolve => setTimeout(resolve, 10));'],
    ['a.test.ts', "t.test('x', { timeout: 5_000 }, async () => {});"],
  ],
  [
    ['a.test.ts', "import { setImmediate as turn } from 'node:timers/promises';"],
    ['a.test.ts', 'await until(() => door.isOpen);'],
    ['test/dsl/until.ts', "import { setTimeout as pause } from 'node:timers/promises';"],
  ],
);

law(
  'a file without its sentence is found',
  shape.untitled,
  [
    ['a.ts', "import './b.js';"],
    ['a.ts', '\n// A sentence, but late.'],
    ['a.ts', '// no sentence'],
    ['a.ts', '// Without an end'],
    ['a.ts', '/** A block. */'],
  ],
  [
    ['a.ts', "// A sentence.\nimport './b.js';"],
    ['a.ts', '#!/usr/bin/env node\n// A sentence.\n'],
  ],
);

law(
  'an exported function or class of the broker without its doc line is found',
  shape.undocumented,
  [
    ['broker/a.ts', '// A file.\nexport function f(): void {}'],
    ['broker/a.ts', '// A file.\n\n// Of the class.\nexport class C {}'],
    ['broker/a.ts', '/* Of it. */\nexport async function* f() {}'],
    ['broker/a.ts', '/** */\nexport abstract class C {}'],
    ['broker/a.ts', '/** Of another. */\n\nexport function f(): void {}'],
    ['broker/a.ts', '/** Of the first. */\nexport function f() {}\nexport function g() {}'],
    ['schemas/a.ts', 'export const f = (n: number): number => n;'],
    ['schemas/a.ts', 'export const f: F = async n => n;'],
    ['schemas/a.ts', 'export const f = function () {};'],
  ],
  [
    ['broker/a.ts', '/** Of it. */\nexport function f(): void {}'],
    ['broker/a.ts', '/**\n * Of it,\n * at length.\n */\nexport class C {}'],
    ['schemas/a.ts', '/** Of it. */\nexport const f = (n: number): number => n;'],
    ['schemas/a.ts', "export const rows = new Map(names.map(name => [name, '']));"],
    ['broker/a.ts', 'function inner(): void {}'],
    ['client/a.ts', 'export function f(): void {}'],
  ],
);
