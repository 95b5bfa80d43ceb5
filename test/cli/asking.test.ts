// Two and three people ask with questions, deadlines and attachments, and many at once.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openBroker } from '../dsl/live-broker.js';
import { inside } from './inside.js';

const house = await openBroker(t, { durability: 'os' });
const [ada, bob, cyd] = await Promise.all([
  inside(t, house, 'ada'),
  inside(t, house, 'bob'),
  inside(t, house, 'cyd'),
]);
for (const person of [ada, bob, cyd]) await person.ok(['join']);

/** The last six characters of the first id in a text. */
const shortIn = (text: string) => /\b(?:ask|job|schedule|message) (\S+)/.exec(text)?.[1] ?? '';

t.test('a choice is shown with its options, deadline and files, and answered by one', async t => {
  await writeFile(join(ada.home, 'colours.md'), 'blue is calm\n');
  const choices = ['--choice', 'blue=The blue one', '--choice', 'red'];
  const files = ['--attach', 'colours.md', '--inline', '--attach', 'https://example.org/a.png'];
  await ada.ok(['ask', 'bob', 'which?', ...choices, '--deadline', '1h', ...files]);
  const [item] = (await bob.rows(['inbox', '--no-ack'])) as Record<string, unknown>[];
  t.match(item, { kind: 'ask', question: { kind: 'choice' }, attachments: [{}, {}] });
  const shown = await bob.ok(['inbox', '--no-ack']);
  t.match(shown, /just now, shown before, answer in 1 h\n/);
  t.match(shown, '    ? choose one: blue (The blue one) | red\n');
  t.match(shown, /\+ colours\.md \(text\/markdown, 13 B\):\n {8}blue is calm\n/);
  t.match(shown, '    + a.png: https://example.org/a.png\n');
  const table = await bob.ok(['asks', '--in']);
  t.match(table, /ASK +FROM +TO +OPENED +STATE +ANSWER +WANTS +WITH +TEXT\n/);
  t.match(table, /ada +bob +just now +open +in 1 h +choice blue\|red +2 files +which\?\n/);
  const wrong = await bob.run(['reply', 'ada', '--option', 'green']);
  t.match(wrong, { code: 6, stderr: /blue.*red/ });
  t.match(await bob.run(['reply', 'ada', 'some', 'words']), { code: 6 });
  t.match(await bob.ok(['reply', 'ada', '--option', 'blue', 'calmer']), /^replied \S+: blue\n/);
  t.match(await ada.ok(['inbox']), /bob replied .*\n {4}chose blue\n {4}calmer\n/);
});

t.test('who waits for a choice has its id and the words on stdout', async t => {
  const choices = ['--choice', 'blue', '--choice', 'red'];
  const asking = ada.run(['ask', 'bob', 'and now?', ...choices, '--wait']);
  await bob.ok(['inbox', '--wait', '10m']);
  await bob.ok(['reply', 'ada', '--option', 'red', 'for once']);
  t.match(await asking, { code: 0, stdout: 'red\nfor once\n' });
});

t.test('a permission is allowed or denied, and nothing else is', async t => {
  await ada.ok(['ask', 'bob', 'drop it?', '--permission']);
  t.match(await bob.ok(['inbox']), '? wants permission');
  t.match(await bob.ok(['reply', 'ada', '--deny', 'not', 'on', 'Friday']), /^denied/);
  t.match(await ada.ok(['inbox']), /bob denied[^\n]*\n {4}not on Friday\n/);
  const asking = ada.run(['ask', 'bob', 'and this?', '--permission', '--wait']);
  await bob.ok(['inbox', '--wait', '10m']);
  const wordy = await bob.run(['reply', 'ada', 'no', 'way']);
  t.match(wordy, { code: 2, stderr: /words alone do not decide[\s\S]*--allow, or --deny/ });
  t.match(await bob.ok(['reply', 'ada', '--allow']), /^replied/);
  t.match(await asking, { code: 0, stdout: 'allowed\n' });
  await ada.ok(['ask', 'bob', 'how?', '--permission', '--choice', 'once', '--choice', 'always']);
  t.match(await bob.run(['reply', 'ada', '--allow']), { code: 2, stderr: /once always/ });
  await bob.ok(['reply', 'ada', '--option', 'once']);
  await ada.ok(['ask', 'bob', 'plain words?']);
  t.match(await bob.run(['reply', 'ada', '--allow']), {
    code: 6,
    stderr: /asks for no permission/,
  });
  t.match(await bob.run(['reply', 'ada', '--option', 'x']), { code: 6 });
  await bob.ok(['reply', 'ada', 'plainly']);
  await ada.ok(['inbox']);
});

t.test('words that are an option choose it, by its id or its label, in any case', async t => {
  const choices = ['--choice', 'blue=The blue one', '--choice', 'red'];
  const said = { Blue: 'blue', 'the BLUE one': 'blue', red: 'red' };
  for (const [words, option] of Object.entries(said)) {
    await ada.ok(['ask', 'bob', 'which?', ...choices]);
    t.match(await bob.ok(['reply', 'ada', words]), new RegExp(`^replied \\S+: ${option}\n`), words);
  }
  await ada.ok(['ask', 'bob', 'and this?', '--permission']);
  t.match(await bob.ok(['reply', 'ada', 'Deny']), /^denied/);
  await ada.ok(['ask', 'bob', 'plain?']);
  t.match(
    await bob.ok(['reply', 'ada', 'blue']),
    /^replied \S+\n/,
    'words, where nothing is chosen',
  );
  await ada.ok(['inbox']);
});

t.test('who let a permission run out is told from who said no', async t => {
  const ask = ['ask', 'bob', 'drop it?', '--permission', '--deadline', '1s'];
  const by = /denied: no answer by \d\d:\d\d (UTC|[+-]\d\d:\d\d) \(bob\)/;
  t.match(await ada.run([...ask, '--wait']), { code: 6, stderr: by });
  await ada.ok(ask);
  t.match(await ada.ok(['inbox', '--wait', '30s']), by);
  t.match(await ada.ok(['asks', '--all']), / denied: no answer by \d/);
  const many = ['ask', '--many', 'bob,cyd', 'x', '--permission', '--deadline', '1s', '--wait'];
  t.match(await ada.run(many), { code: 6, stdout: /bob +\S+ +denied: no answer/ });
});

t.test('several open asks of one peer are told with their age and text', async t => {
  for (const text of ['the first?', 'the second?']) await ada.ok(['ask', 'bob', text]);
  const { code, stderr } = await bob.run(['reply', 'ada', 'yes']);
  t.equal(code, 2);
  t.match(stderr, /2 open asks from ada\n {2}name one of them by its id:\n/);
  for (const text of ['first', 'second']) {
    t.match(stderr, new RegExp(`\n {2}\\S{6,}  (just now|\\d+ s ago)  the ${text}\\?`));
  }
  for (const { ask } of (await bob.rows(['asks', '--in'])) as { ask: string }[]) {
    await bob.ok(['decline', ask]);
  }
  await ada.ok(['inbox']);
});

t.test('one of two needed is said so, declined or not', async t => {
  const asking = ada.run(['ask', '--many', 'bob,cyd', 'ready?', '--quorum', '2', '--wait']);
  await bob.ok(['inbox', '--wait', '30s']);
  await bob.ok(['reply', 'ada', 'yes']);
  await cyd.ok(['inbox', '--wait', '30s']);
  await cyd.ok(['decline', 'ada']);
  const told = /1 of 2 needed, nobody is left to answer\n.*only 1 of 2 needed answers came/;
  t.match(await asking, { code: 6, stderr: told });
});

t.test('a list says when it is empty, on stderr alone, and is {rows} for scripts', async t => {
  const dan = await inside(t, house, 'dan');
  await dan.ok(['join', '--circle', 'empty']);
  const lists = [
    ['asks'],
    ['inbox'],
    ['job', 'list'],
    ['schedule', 'list'],
    ['review', 'queue'],
    ['usage', '--circle', 'empty'],
  ];
  for (const list of lists) {
    const name = list.join(' ');
    t.match(await dan.run(list), { code: 0, stdout: '', stderr: /^(no |nothing|nobody)/ }, name);
    t.match(await dan.json(list), { rows: [] }, name);
    t.equal(await dan.ok([...list, '--jsonl']), '', name);
  }
  await ada.ok(['ask', 'bob', 'who?']);
  t.match(await ada.rows(['asks', '--out']), [{ from_name: 'ada', to_name: 'bob' }]);
  await bob.ok(['decline', 'ada']);
  await ada.ok(['inbox']);
});

t.test('one choice is none, and no question has two kinds', async t => {
  t.match(await ada.run(['ask', 'bob', 'x', '--choice', 'a']), { code: 2, stderr: /two or more/ });
  t.match(await ada.run(['ask', 'bob', 'x', '--choice', '=a']), { code: 2, stderr: /id=Label/ });
  t.match(await ada.run(['ask', 'bob', 'x', '--acknowledge', '--permission']), { code: 2 });
  t.match(await ada.run(['ask', 'bob', 'x', '--quorum', '2']), { code: 2, stderr: /of many/ });
  t.match(await ada.run(['ask']), { code: 2, stderr: /signalbox help ask/ });
  t.match(await ada.run(['ask', 'bob', 'x', '--deadline', 'soon']), { code: 2 });
});

t.test('many are asked at once, and the rollup says who said what', async t => {
  const group = shortIn(await ada.ok(['ask', '--many', 'bob,cyd', 'ready?']));
  const pending = await ada.run(['rollup', group]);
  t.match(pending, { code: 0, stderr: /^0 of 2 have answered/ });
  await bob.ok(['reply', 'ada', 'yes']);
  const late = await ada.run(['rollup', group, '--wait', '0.1s']);
  t.match(late, { code: 124, stdout: /bob +\S+ +replied +yes\ncyd +\S+ +pending/ });
  const waiting = ada.run(['rollup', group, '--wait', '--json']);
  await cyd.ok(['decline', 'ada', 'no']);
  const all = await waiting;
  t.equal(all.code, 0);
  t.match(JSON.parse(all.stdout), {
    state: 'complete',
    rows: [
      { name: 'bob', status: 'replied', reply: { text: 'yes' } },
      { name: 'cyd', status: 'declined', reply: { text: 'no' } },
    ],
  });
  t.equal(await ada.ok(['inbox']), '', 'what was waited for is seen');
  t.match(await cyd.run(['rollup', 'ffffff']), { code: 5 });
});

t.test('a quorum is enough; too few answers end with 6', async t => {
  const many = ['ask', '--many', 'bob', '--many', 'cyd', 'and now?', '--wait'];
  const asking = ada.run([...many, '--quorum', '1', '--json']);
  await bob.ok(['inbox', '--wait', '10m']);
  await bob.ok(['reply', 'ada', '--ack']);
  const enough = await asking;
  t.equal(enough.code, 0);
  t.match(JSON.parse(enough.stdout), { state: 'quorum', quorum: 1 });
  await cyd.ok(['decline', 'ada']);
  await Promise.all([bob.ok(['inbox']), cyd.ok(['inbox'])]);
  const again = ada.run(many);
  for (const person of [bob, cyd]) {
    await person.ok(['inbox', '--wait', '10m']);
    await person.ok(['decline', 'ada']);
  }
  t.match(await again, { code: 6, stderr: /only 0 of 1 needed answers came/ });
});

t.test('a message takes its files along', async t => {
  await ada.ok(['notify', 'bob', 'as agreed', '--attach', 'colours.md']);
  const [item] = (await bob.rows(['inbox'])) as Record<string, unknown>[];
  t.match(item, { attachments: [{ name: 'colours.md', path: join(ada.home, 'colours.md') }] });
  const missing = await ada.run(['notify', 'bob', 'x', '--attach', 'nowhere.md']);
  t.match(missing, { code: 1, stderr: /cannot attach/ });
});

t.test('a script is told in whose inboxes a message waits, and that none is left', async t => {
  const message = shortIn(await ada.ok(['notify', 'bob', 'for scripts']));
  const told = async () => JSON.parse(await ada.ok(['trace', message, '--json']));
  t.match(await told(), { rows: [{ stage: 'accepted' }], waiting: [{ to_name: 'bob' }] });
  await bob.ok(['inbox']);
  t.same((await told()).waiting, []);
});

t.test('who has left is still called by its name', async t => {
  const eva = await inside(t, house, 'eva');
  await eva.ok(['join']);
  const ask = shortIn(await eva.ok(['ask', 'ada', 'may I?']));
  await ada.ok(['reply', 'eva', 'yes']);
  await eva.ok(['leave']);
  t.match(await ada.ok(['asks', '--all']), new RegExp(`${ask} +eva +ada`));
  t.match(await ada.ok(['trace', ask]), /accepted +eva/);
  t.match(await ada.rows(['asks', '--all']), [{ from_name: 'eva' }]);
});
