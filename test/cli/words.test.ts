// Proves the small words of the command line: short ids, times, safe text, tables, options, exits.
import t from 'tap';
import { loneWait } from '../../client/cli/argv.js';
import { moment, when } from '../../client/cli/options.js';
import { type Column, columnLines } from '../../client/terminal/columns.js';
import { exitOf } from '../../client/terminal/exit.js';
import { factLines } from '../../client/terminal/facts.js';
import { type LogPlace, readPlace } from '../../client/terminal/places.js';
import { howToAnswer, questionText } from '../../client/terminal/question.js';
import { oneLine, safeText } from '../../client/terminal/safe.js';
import { isFullId, isShortId, matchIds, shortId } from '../../client/terminal/short-id.js';
import { tableLines } from '../../client/terminal/table.js';
import { age, clockTime, dayOf, durationSeconds, zoneText } from '../../client/terminal/times.js';
import { cut, fitted, widthOf } from '../../client/terminal/width.js';
import { refusals } from '../../schemas/refusal.js';

const one = 'ask_01a2041f-98ea-74b9-b7d6-359e243eba96';
const two = 'ask_01a2041f-98ea-74b9-b7d6-35923e3eba96';
const message = 'msg_01a2041f-0000-74b9-b7d6-000000abcdef';

t.test('a short id is six characters of the end, and more where two ids end alike', async t => {
  t.equal(shortId(one), '3eba96');
  t.equal(shortId(one, [one, message]), '3eba96');
  t.equal(shortId(one, [one, two]), '43eba96');
  t.equal(shortId(two, [one, two]), 'e3eba96');
});

t.test('an id is meant by its beginning, its end, its prefix or the whole of it', async t => {
  const ids = [one, two, message];
  t.same(matchIds('43eba96', ids), [one]);
  t.same(matchIds('01a2041f-0000', ids), [message]);
  t.same(matchIds('3eba96', ids), [one, two]);
  t.same(matchIds('msg_abcdef', ids), [message]);
  t.same(matchIds('ask_abcdef', ids), []);
  t.same(matchIds(one, ids), [one]);
});

t.test('what cannot be an id is told from what can', async t => {
  const others = ['job', 'sched'].map(noun => one.replace('ask', noun));
  for (const id of [one, message, `${one}.3`, ...others]) t.ok(isFullId(id), id);
  for (const text of ['3eba96', 'ask_3eba', '01a2041f-98ea']) t.ok(isShortId(text), text);
  for (const text of ['bob', '3eb', 'ask_', 'hello world']) t.notOk(isShortId(text), text);
});

t.test('durations are read with their unit, and bare numbers are seconds', async t => {
  t.same(
    ['90s', '10m', '2h', '3d', '5', '1.5m'].map(durationSeconds),
    [90, 600, 7_200, 259_200, 5, 90],
  );
  for (const text of ['', 'soon', '-5s', '5 min', 'm']) t.equal(durationSeconds(text), undefined);
});

t.test('an age names its largest whole unit, and nothing is ever from the future', async t => {
  const now = 1_800_000_000_000;
  const ages = [-60, 2, 42, 185, 15 * 3_600, 40 * 3_600, 49 * 3_600].map(seconds =>
    age(now - seconds * 1_000, now),
  );
  t.same(ages, [
    'just now',
    'just now',
    '42 s ago',
    '3 min ago',
    '15 h ago',
    '40 h ago',
    '2 d ago',
  ]);
});

t.test('clock and day are local, and a clock says its zone', async t => {
  const time = new Date(2026, 2, 9, 7, 4, 5).getTime();
  t.match(clockTime(time), /^07:04:05 (UTC|[+-]\d\d:\d\d)$/);
  t.same([0, 60, -210, 765].map(zoneText), ['UTC', '+01:00', '-03:30', '+12:45']);
  t.equal(dayOf(time), '2026-03-09');
});

t.test('a place is a word, a cursor, a position or a time that has passed', async t => {
  const now = 1_800_000_000_000;
  const readings: [string, LogPlace | undefined][] = [
    ['start', 'start'],
    ['NOW', 'now'],
    ['log_x.12.0123456789ab', 'log_x.12.0123456789ab'],
    ['10m', { time: now - 600_000 }],
    ['yesterday 14:00', { time: Date.parse('2027-01-14T14:00Z') }],
    ['1799999999999', { time: 1_799_999_999_999 }],
    ['@1799999999999', { position: 1_799_999_999_999 }],
    ['2026-03-09T07:00', { time: Date.parse('2026-03-09T07:00Z') }],
    ['2026-03-09T07:00:00.5+02:00', { time: Date.parse('2026-03-09T05:00:00.5Z') }],
    // The clock here is a little ahead of the broker's.
    ['2027-01-15T08:00:30Z', { time: now }],
    ['409600', { position: 409_600 }],
    ['0', { position: 0 }],
  ];
  for (const [text, meant] of readings) t.same(readPlace(text, now, 'UTC'), meant, text);
  const far = ['tomorrow', '2099-01-01T00:00:00.000Z', '99999999999999', '9999999999999999'];
  const numbers = ['-1', '1.5', 'NaN', 'Infinity', '1e9', '0x10', '9'.repeat(40), `@${2 ** 53}`];
  for (const text of [...far, ...numbers, '', ' ', '२४', '２ｈ', 'ü'.repeat(1_500), 'x y']) {
    t.equal(readPlace(text, now, 'UTC'), undefined, text);
  }
});

t.test('a text can neither steer a terminal nor turn itself around', async t => {
  t.equal(safeText('a\x1b[31mred\x1b[0m\x07'), 'ared');
  t.equal(safeText('\x1b]0;title\x07after'), 'after');
  t.equal(safeText('safe\rEVIL'), 'safe\nEVIL');
  t.equal(safeText('a\u202eb\u2066c\u200fd\ufeff\u{e0041}e'), 'abcde');
  t.equal(safeText('tabs\tand\nlines – ünï 👩‍💻'), 'tabs\tand\nlines – ünï 👩‍💻');
});

t.test('a text on one line is cut by characters and says so', async t => {
  t.equal(oneLine(' a\n\n b\tc ', 20), 'a b c');
  t.equal(cut('👍👍👍', 3), '👍…');
  t.equal(cut('short', 5), 'short');
});

t.test('a table aligns its columns and cuts only the last', async t => {
  const rows = [
    ['bob', 'a text that is too long for this'],
    ['alexandra', ''],
  ];
  t.same(tableLines(['NAME', 'TEXT'], rows, 24), [
    'NAME       TEXT',
    'bob        a text that …',
    'alexandra',
  ]);
});

t.test('a column that has nothing to say is left out, if it may be', async t => {
  const columns: Column<{ name: string; note?: string }>[] = [
    { head: 'NAME', of: ({ name }) => name },
    { head: 'NOTE', of: ({ note = '' }) => note, isOptional: true },
    { head: 'LAST', of: () => '' },
  ];
  const wide = Number.POSITIVE_INFINITY;
  t.same(columnLines(columns, [{ name: 'a' }], wide), ['NAME  LAST', 'a']);
  const rows = [{ name: 'a' }, { name: 'b', note: 'c' }];
  t.same(columnLines(columns, rows, wide), ['NAME  NOTE  LAST', 'a', 'b     c']);
  t.same(columnLines(columns, [], wide), []);
});

t.test('facts that are known stand below each other', async t => {
  t.same(
    factLines([
      ['a', '1'],
      ['long', undefined],
      ['bcd', '2'],
    ]),
    ['a    1', 'bcd  2'],
  );
});

t.test('a question tells what is wanted and how to answer it', async t => {
  const options = [
    { id: 'yes', label: 'Yes, go on' },
    { id: 'no', label: 'no' },
  ];
  const choice = { kind: 'choice' as const, options };
  t.equal(questionText(choice), 'choose one: yes (Yes, go on) | no');
  t.equal(howToAnswer('3fa2c1', choice), 'signalbox reply 3fa2c1 yes');
  t.match(howToAnswer('3fa2c1', { kind: 'permission' }), /approve 3fa2c1 .*--deny/);
  t.equal(howToAnswer('3fa2c1', { kind: 'acknowledge' }), 'signalbox reply 3fa2c1 --ack');
  t.equal(howToAnswer('3fa2c1', undefined), 'signalbox reply 3fa2c1 "…"');
});

t.test('a --wait without a time gives way to what follows it', async t => {
  t.same(loneWait(['ask', 'bob', '--wait', '10m', 'hi']), ['ask', 'bob', '--wait', '10m', 'hi']);
  t.same(loneWait(['ask', '--wait', 'bob', 'hi']), ['ask', 'bob', 'hi', '--wait']);
  t.same(loneWait(['ask', 'bob', '--wait']), ['ask', 'bob', '--wait']);
  t.same(loneWait(['ask', 'bob', '--', '--wait', 'x']), ['ask', 'bob', '--', '--wait', 'x']);
  t.same(loneWait(['ask', '--wait', 'bob', '--', '-x']), ['ask', 'bob', '--wait', '--', '-x']);
});

t.test('a duration goes on as one, for the broker’s clock; any other time as epoch ms', async t => {
  const texts = ['90s', '10m', '5', '1.5m', '0.2s', 'in 2 hours', '1h30m'];
  t.same(texts.map(moment), ['90s', '600s', '5s', '90s', '1s', '7200s', '5400s']);
  t.equal(moment('1799999999999'), 1_799_999_999_999);
  t.equal(moment('2027-03-09T07:00Z'), Date.UTC(2027, 2, 9, 7));
  const far = Number(moment('20000d'));
  t.ok(Math.abs(far - Date.now() - 20_000 * 86_400_000) < 60_000, 'too long for a duration');
  for (const text of ['', 'soon', '-5s', '1764000000', '30 feb']) {
    t.throws(() => moment(text), { code: 'commander.invalidArgument', message: /tomorrow/ }, text);
  }
});

t.test('a time for a verb is epoch ms, durations too', async t => {
  t.ok(Math.abs(when('10m') - Date.now() - 600_000) < 60_000);
  t.equal(when('2027-03-09 07:00 UTC'), Date.UTC(2027, 2, 9, 7));
  for (const text of ['', 'soon', '5']) t.throws(() => when(text), { message: /tomorrow/ }, text);
});

t.test('every refusal ends with a code of its own kind', async t => {
  for (const name of Object.keys(refusals)) t.not(exitOf(name), 'ok', name);
  t.equal(exitOf('ask_unknown'), 'unknown');
  t.equal(exitOf('ask_closed'), 'conflict');
  t.equal(exitOf('circle_forbidden'), 'unauthorised');
  t.equal(exitOf('unavailable'), 'unreachable');
  t.equal(exitOf('a refusal of a later version'), 'failed');
});

t.test(
  'a text is as wide as it looks: wide characters count twice, marks and colours not',
  async t => {
    t.same(['abc', '日本', '👩‍💻', 'e\u0301', '\x1b[31mred\x1b[0m'].map(widthOf), [3, 4, 2, 1, 3]);
    t.equal(cut('日本語', 5), '日本…');
    t.equal(cut('👩‍💻👩‍💻👩‍💻', 5), '👩‍💻👩‍💻…', 'no character is cut in two');
    t.equal(cut('abc', 0), '');
  },
);

t.test('no line is wider than the terminal but what is there to be copied', async t => {
  t.same(fitted('    may I merge it now?', 14), ['    may I', '    merge it', '    now?']);
  t.same(fitted('日本語日本語', 7), ['日本語', '日本語']);
  t.same(fitted('a\tb', 80), ['a    b']);
  t.same(fitted('  signalbox reply 3fa2c1 "yes"', 12), ['  signalbox reply 3fa2c1 "yes"']);
  t.same(fitted('a b', Number.POSITIVE_INFINITY), ['a b']);
});

t.test('a table gives way in its last column, then in its widest', async t => {
  const rows = [['3fa2c1', 'a-name-that-is-very-long', '日本語のとても長い文章です']];
  for (const width of [120, 60, 40, 30, 20]) {
    const lines = tableLines(['ID', 'NAME', 'TEXT'], rows, width);
    for (const line of lines) t.ok(widthOf(line) <= width, `${width}: ${line}`);
    t.match(lines[1], /^3fa2c1 /);
  }
});
