// The checker itself: each promise it watches, broken on purpose, is named.
import { test } from 'tap';
import type { Line } from '../dsl/watch.js';
import { brokenPromises } from './checker.js';
import type { Said } from './worker.js';

const line = (position: number, id: string, text: string, reason?: string): Line => {
  const event = { id, text };
  return reason === undefined ? [position, 0, event] : [position, 0, event, reason];
};

function said(id: string, position: number, more: Partial<Said> = {}): Said {
  return {
    id,
    method: 'notify.send',
    params: { text: `text of ${id}` },
    toldBefore: 0,
    connection: 'ann/1',
    turn: position,
    isResent: false,
    answer: { position, verdict: 'applied' },
    ...more,
  };
}

const a = line(1, 'a', 'text of a');
const b = line(2, 'b', 'text of b');

test('a log that holds what was told keeps every promise', t => {
  t.strictSame(brokenPromises([a, b], [said('a', 1), said('b', 2)]), []);
  const again = line(3, 'a', 'text of a', 'duplicate');
  t.strictSame(brokenPromises([a, b, again], [said('a', 1), said('b', 2)]), [], 'a repeat is void');
  t.end();
});

const mutants: [string, RegExp, Line[], Said[]][] = [
  ['an acknowledged event that is lost', /is not at 2/, [a], [said('a', 1), said('b', 2)]],
  ['another event in its place', /is not at 1/, [line(1, 'x', 'text of a')], [said('a', 1)]],
  ['a changed text', /reads text of x/, [line(1, 'a', 'text of x')], [said('a', 1)]],
  ['one that took effect twice', /counts 2 times/, [a, line(2, 'a', 'text of a')], [said('a', 1)]],
  [
    'an ok for what is void',
    /the log says ask_closed/,
    [line(1, 'a', 'text of a', 'ask_closed')],
    [said('a', 1)],
  ],
  ['a command that never ended', /ended in nothing/, [a], [said('a', 1, { answer: undefined! })]],
  ['an overtaken command', /overtook/, [a, b], [said('b', 2), said('a', 1)]],
  ['a position before what was told', /was told before/, [a], [said('a', 1, { toldBefore: 5 })]],
  ['positions that step back', /comes after/, [b, a], [said('a', 1), said('b', 2)]],
];

for (const [name, words, lines, commands] of mutants) {
  test(`${name} is noticed`, t => {
    t.match(brokenPromises(lines, commands).join('\n'), words);
    t.end();
  });
}
