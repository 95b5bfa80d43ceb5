// Plants what is too long, unwanted or left for later, and sees each of them found.

import { law } from './planted.js';
import * as shape from './shape-laws.js';

const long = (lines: number, opening: string) =>
  `${opening} {\n${'  work();\n'.repeat(lines - 2)}}`;

law(
  'a long function is found in every spelling',
  shape.longFunctions,
  [
    ['a.ts', long(71, 'function f()')],
    ['a.ts', long(71, 'const f = async (x: number) =>')],
    ['a.ts', long(71, 'export function f(x: X): Promise<Map<string, X>>')],
    ['a.ts', long(71, 'function f(): { a: number }')],
    ['a.ts', long(71, 'function isX(x: unknown): x is X')],
    ['a.ts', `class X {\n${long(71, '  #step(a = {}): void')}\n}`],
    ['a.test.ts', long(71, "t.test('long', async t =>")],
  ],
  [
    ['a.ts', long(70, 'function f()')],
    ['a.ts', long(90, 'class X')],
    ['a.ts', long(90, 'interface X')],
    ['a.ts', long(90, 'const rows = ')],
    ['a.ts', `const text = \`\n${long(90, 'function f()')}\n\`;`],
  ],
);

law(
  'a long file is found',
  shape.longFiles,
  [['a.ts', 'x;\n'.repeat(301)]],
  [['a.ts', 'x;\n'.repeat(300)]],
);

law(
  'a long line is found, counted in characters',
  shape.longLines,
  [['a.ts', `// ${'x'.repeat(98)}`]],
  [['a.ts', `// ${'😀'.repeat(97)}`]],
);

law(
  'any and a default export are found',
  shape.unwantedWords,
  [
    ['a.ts', 'function f(x: any) {}'],
    ['a.ts', 'const x = y as any;'],
    ['a.ts', 'const x: Record<string, any> = {};'],
    ['a.ts', 'let x: any[];'],
    ['a.ts', 'const f = <T extends any>(x: T) => x;'],
    ['a.ts', 'export default function f() {}'],
    ['a.ts', 'export { f as default };'],
    ['vite.config.ts', 'export default {} as any;'],
  ],
  [
    ['a.ts', "const verb = 'any'; // any of them\nawait Promise.any([]);"],
    ['a.ts', 'const x = { any: 1, many: 2 };'],
    ['vite.config.ts', 'export default {};'],
  ],
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
  'a loud file is found',
  shape.loudFiles,
  [
    ['broker/runtime/broker.ts', 'console.log(1);'],
    ['client/sdk/client.ts', 'console.error(1);'],
  ],
  [
    ['broker/main.ts', 'console.log(1);'],
    ['client/cli/ask.ts', 'console.log(1);'],
    ['broker/a.ts', '// console.log(1)'],
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
