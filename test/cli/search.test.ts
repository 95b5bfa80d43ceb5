// Search, threads and timelines from the command line, in sentences and for scripts.
import { stripVTControlCharacters } from 'node:util';
import t from 'tap';
import { openBroker } from '../dsl/live-broker.js';
import { inside } from './inside.js';

const house = await openBroker(t, { durability: 'os' });
const ada = await inside(t, house, 'ada');
const bob = await inside(t, house, 'bob');
await ada.ok(['join']);
await bob.ok(['join']);
const { ask } = JSON.parse(await ada.ok(['ask', 'bob', 'may I deploy staging?', '--json']));
await bob.ok(['decline', 'ada', 'staging is frozen until the migration']);
for (const text of ['one', 'two', 'three']) await bob.ok(['notify', 'ada', text]);

const count = async (...words: string[]): Promise<number> =>
  ((await ada.rows(['search', ...words])) as unknown[]).length;

t.test('what was said is found, with its place in the text', async t => {
  const lines = (await ada.ok(['search', 'frozen', '--peers', 'bob'])).trimEnd().split('\n');
  t.match(lines, [/bob ask \w+ declined/, /^ {4}staging is \[frozen\] until the migration$/]);
  t.match(await ada.rows(['search', 'staging']), [{ ref: ask }, { ref: ask }]);
  t.equal(await count('staging', '--kinds', 'job'), 0);
  t.equal(await count('staging', '--from', '1h', '--best'), 2);
  t.equal(await count('staging', '--to', '1h'), 0);
  t.equal(await count('one OR two', '--max', '1'), 1);
  t.match(await ada.run(['search', '"']), { code: 0 });
  t.match(await ada.run(['search', 'x', '--from', 'someday']), { code: 2 });
  for (const misuse of [
    ['search', ' '],
    ['search', 'x', '--max', '0'],
    ['thread', ''],
    ['trace', ' '],
    ['timeline', '--max', '0'],
    ['timeline', '--session', 'bob', '--peers', 'ada'],
    ['timeline', '--project', ''],
    ['log', 'restore', 'x', '--data-dir', ''],
    ['log', 'backup', ''],
    ['replay', '--from', 'start', '--serve', '--url', 'http://127.0.0.1:1'],
    ['replay', '--from', 'start', '--port', '7'],
  ]) {
    t.match(await ada.run(misuse), { code: 2, stdout: '' }, misuse.join(' '));
  }
  t.match(await ada.run(['search']), { code: 2 });
});

t.test('on a screen what was found is painted, and its blanks stay', async t => {
  const env = { FORCE_COLOR: '1' };
  const bright = await inside(t, house, 'ada', { isTerminal: true, env });
  const shown = await bright.ok(['search', 'frozen', '--peers', 'bob']);
  t.match(stripVTControlCharacters(shown), /^ {4}staging is frozen until the migration$/m);
});

t.test('a thread is named by an id, a part of it, or words', async t => {
  for (const words of [[ask], [ask.slice(-6)], ['deploy', 'staging']]) {
    const told = (await ada.ok(['thread', ...words])).trimEnd().split('\n');
    t.match(told, [/ada → bob .*may I deploy staging\?/, /bob ask \w+ declined/], words.join(' '));
  }
  t.match(await ada.rows(['thread', ask]), [{ ref: ask, records: { length: 2 } }]);
  t.match(await ada.run(['thread', 'never', 'said']), { code: 5 });
  t.match(await ada.run(['thread', 'https://github.com/a/b/pull/1']), { code: 5 });
});

t.test('what became of an ask is found by its words', async t => {
  t.match(await ada.ok(['trace', 'deploy', 'staging']), /accepted +ada[\s\S]*closed +bob/);
  t.match(await ada.run(['trace', 'never', 'said']), { code: 5, stderr: /nothing was said/ });
});

t.test('a timeline is told in order, the latest last', async t => {
  const told = (await ada.ok(['timeline', '--peers', 'bob'])).trimEnd().split('\n');
  t.match(told[0], /bob joined/);
  t.match(told.slice(-3), [/one/, /two/, /three/]);
  const session = (await ada.ok(['timeline', '--session', 'bob', '--max', '2'])).trimEnd();
  t.match(session.split('\n'), [/two/, /three/]);
  t.equal(await ada.ok(['timeline', '--project', 'nobody-has-it']), '');
  const rows = (await ada.rows(['timeline'])) as { position: number }[];
  const { position } = rows.at(-2)!;
  const part = (way: string) => ada.rows(['timeline', way, `${position}`]);
  t.strictSame(await part('--from'), rows.slice(-2), 'a position is a place');
  t.match(((await part('--to')) as unknown[]).at(-1), { position });
  t.match(await ada.run(['timeline', '--session', 'eve']), { code: 5 });
});
