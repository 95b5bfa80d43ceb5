// Proves the Markdown board for texts of any shape: a move changes what it must, and no more.
import fc from 'fast-check';
import t from 'tap';
import { markdownBoard } from '../../client/boards/markdown/document.js';
import { movedText, readBack } from '../../client/boards/markdown/move.js';

const words = fc.constantFrom(
  'a',
  'b',
  'fix `it`',
  '<!-- x',
  '-->',
  '```',
  '%%',
  '# Todo',
  '## Todo',
);
const lineOf = fc.oneof(
  words,
  fc.constantFrom('## Done', '## In Progress', '', '\ttab', '    code', '---', '~~~', 'lazy'),
  fc
    .tuple(fc.constantFrom('', ' ', '  ', '    ', '\t'), fc.constantFrom(' ', 'x', '~', '-'), words)
    .map(([indent, box, text]) => `${indent}- [${box}] ${text}`),
);
const texts = fc
  .tuple(fc.array(lineOf, { maxLength: 14 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
  .map(([lines, end, isEnded]) => lines.join(end) + (isEnded ? end : ''));

/** What no move may change: every line with words, whatever its box, as often as it is there. */
const held = (text: string) =>
  text
    .split(/\r?\n/)
    .filter(line => line.trim() !== '')
    .map(line => line.replace(/^(\ufeff?\s*(?:[-*+]|\d+[.)])\s+\[)[ ~/xX-]\]/, '$1]'));

t.test('whatever the text, a move loses no line, doubles none, and reorders no other', async t => {
  const law = fc.property(texts, fc.nat(), fc.nat(), (text, n, m) => {
    const board = markdownBoard(text);
    if (board.lines.map(line => line.text + line.end).join('') !== text) return false;
    const item = board.items[n % Math.max(1, board.items.length)];
    const column = board.columns[m % board.columns.length]!;
    if (item === undefined || item.column === column) return true;
    const move = movedText(board, item, column);
    // What would not be read back as it was meant is refused before it is written.
    if (readBack(board, item, column, move) === undefined) return true;
    const block = board.lines.slice(item.line, item.until).map(line => line.text);
    const at = held(
      move.text
        .split(/(?<=\n)/)
        .slice(0, move.line)
        .join(''),
    ).length;
    const own = held(block.join('\n'));
    const after = held(move.text);
    const before = [
      ...held(
        board.lines
          .slice(0, item.line)
          .map(line => line.text)
          .join('\n'),
      ),
      ...held(
        board.lines
          .slice(item.until)
          .map(line => line.text)
          .join('\n'),
      ),
    ];
    if (after.splice(at, own.length).join('\n') !== own.join('\n')) return false;
    return after.join('\n') === before.join('\n');
  });
  fc.assert(law, { numRuns: 300, seed: 11 });
  t.pass();
});

const nested = fc.constantFrom(
  '',
  '  second line\n',
  '\t- [x] a step\n\n  a paragraph\n',
  '  ```\n  - [ ] code\n  ```\n',
  '  <!-- hidden\nto here -->\n',
  'lazy, it goes on\n',
);
const column = fc.array(fc.tuple(fc.constantFrom('a', 'b', '**c** @web'), nested), {
  maxLength: 3,
});
const sound = fc
  .record({
    columns: fc.tuple(column, column, column),
    note: fc.constantFrom('', 'By hand.\n\n', '```\n## Done\n```\n\n', '<!-- # -->\n\n'),
    loose: fc.constantFrom('', '\n'),
    isUnderlined: fc.boolean(),
    newline: fc.constantFrom('\n', '\r\n'),
    isEnded: fc.boolean(),
  })
  .map(({ columns, note, loose, isUnderlined, newline, isEnded }) => {
    const parts = columns.map((items, n) => {
      const word = ['Todo', 'Doing', 'Done'][n]!;
      const heading = isUnderlined ? `${word}\n---\n` : `## ${word}\n`;
      const box = n === 2 ? 'x' : ' ';
      return (
        heading +
        (items.length > 0 ? loose : '') +
        items.map(([title, more]) => `- [${box}] ${title}\n${more}`).join('')
      );
    });
    const text = `\ufeff# Shop\n\n${note}${parts.join('\n')}\n# Notes\n\nthe end`;
    return (text + (isEnded ? '\n' : '')).replaceAll('\n', newline);
  });

t.test('the last of a column that is moved away and back leaves every byte as it was', async t => {
  const law = fc.property(sound, fc.nat(), fc.nat(), (text, n, m) => {
    const board = markdownBoard(text);
    const ends = board.items.filter((item, k) => board.items[k + 1]?.column !== item.column);
    const item = ends[n % Math.max(1, ends.length)];
    const column = board.columns[m % 3]!;
    if (item === undefined || item.column === column) return true;
    const there = movedText(board, item, column);
    const now = readBack(board, item, column, there);
    if (now === undefined) return false;
    const back = movedText(markdownBoard(there.text), now, item.column);
    return back.text === text;
  });
  fc.assert(law, { numRuns: 300, seed: 16 });
  t.pass();
});
