// Tries the reading of sources: words and code are told apart, and every import is seen.
import t from 'tap';
import { importsOf } from './imports.js';
import { readRooms, sourceOf } from './source.js';

/** Opens a hole in a template, spelt so that it opens none here. */
const HOLE = `$\{`;
const codeOf = (text: string) => sourceOf('a.ts', text).code;

t.test('comments, strings, templates and patterns are blanked, code and lines stay', async t => {
  const rows: [string, string][] = [
    ["a('b//c'); // d", "a('    ');     "],
    ['a("\\"b"); /* c\nd */ e', 'a("   ");     \n     e'],
    ['a / b / c', 'a / b / c'],
    ['a = /[/\'"]\\//g.test(b)', 'a = /         .test(b)'],
    ['return /`/', 'return /  '],
    ['(a + b) / 2 // c', '(a + b) / 2     '],
    [`\`a ${HOLE}b + \`c ${HOLE}d}\`} e\` + f`, `\`  ${HOLE}b + \`  ${HOLE}d}\`}  \` + f`],
    [`\`${HOLE}{ a: 1 }}\` + b`, `\`${HOLE}{ a: 1 }}\` + b`],
    ["'it''s'", "'  '' '"],
    ['#!/bin/x\na', '        \na'],
  ];
  for (const [text, code] of rows) {
    t.equal(codeOf(text).length, text.length, text);
    t.equal(codeOf(text), code);
  }
});

t.test('every spelling of an import is seen, with its line', async t => {
  const text = [
    "import a from 'a';",
    "import './b.js';",
    "import type { C } from './c.js';",
    "import {\n  d,\n} from '@x/d/deep.js';",
    "export * from './e.js';",
    "const f = await import('./f.js');",
    "type G = import('./g.js').G;",
    "// import './no.js';",
    'const text = \'import h from "h"\';',
    "Array.from('i');",
  ].join('\n');
  t.same(
    importsOf(sourceOf('broker/a.ts', text)).map(({ to, line }) => [to, line]),
    [
      ['a', 1],
      ['broker/b.ts', 2],
      ['broker/c.ts', 3],
      ['@x/d', 6],
      ['broker/e.ts', 7],
      ['broker/f.ts', 8],
      ['broker/g.ts', 9],
    ],
  );
});

t.test('a room that is not there yet holds nothing', async t => {
  t.same(await readRooms('/nowhere/at/all'), { paths: [], sources: [] });
});
