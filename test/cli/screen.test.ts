// Proves that nothing is wider than the screen, that a pipe gets all of it, and how a run ends.
import { stripVTControlCharacters } from 'node:util';
import t from 'tap';
import { endWith } from '../../client/cli/end.js';
import { createNames, nameIds, namesIn } from '../../client/terminal/names.js';
import { widthOf } from '../../client/terminal/width.js';
import { openBroker } from '../dsl/live-broker.js';
import { inside } from './inside.js';
import { leaves } from './verbs.js';

/** Commands, addresses, secrets, and the lines of an export: cut, they are of no use. */
const TO_COPY = /^\s*(signalbox|node|https?:\/\/|token_|\{")/;
const WORDS =
  '日本語のとても長い文章 with 👩‍💻 and a-word-that-is-much-too-long-for-a-narrow-screen, '.repeat(
    3,
  );

const house = await openBroker(t, { durability: 'os' });
const env = { COLUMNS: '44', TERM: 'xterm' };
const ada = await inside(t, house, 'ada', { isTerminal: true, env });
const bob = await inside(t, house, 'somebody-with-a-rather-long-name');
await ada.ok(['join', '--project', 'a-project-whose-name-is-long-as-well']);
await bob.ok(['join']);

function tooWide(text: string): string[] {
  // What is drawn over is seen only in its last form.
  const lines = stripVTControlCharacters(text).split(/[\r\n]/);
  return lines.filter(line => widthOf(line) > 44 && !TO_COPY.test(line));
}

t.test('no verb writes a line wider than the screen', async t => {
  await ada.ok(['ask', 'somebody-with-a-rather-long-name', WORDS, '--deadline', '2d']);
  await bob.ok(['ask', 'ada', WORDS, '--choice', `a=${'x'.repeat(70)}`, '--choice', 'b']);
  await bob.ok(['notify', 'ada', `${WORDS}\n\tmore`]);
  await ada.ok(['job', 'create', WORDS.slice(0, 150), '--body', WORDS, '--kind', 'mending']);
  const said = await ada.ok(['schedule', 'cron', '0 9 * * *', 'me', WORDS, '--zone', 'Asia/Tokyo']);
  const schedule = /schedule (\S+) to/.exec(said)?.[1] ?? '';
  await ada.ok(['token', 'create', 'a-token-whose-name-is-quite-long-too']);
  const more = [
    ['asks', '--all'],
    ['job', 'show', '1'],
    ['schedule', 'show', schedule],
    ['peers', '--all'],
    ['token', 'list'],
    ['tail', '--from', 'start', '--no-follow'],
    ['reply', 'nobody-at-all', 'x'],
  ];
  // A script is for a shell to read.
  const shown = leaves().filter(({ name }) => name !== 'completion');
  const swept = shown.map(({ name, args }) => [...name.split(' '), ...args]);
  for (const typed of [...more, ...swept]) {
    const { stdout, stderr } = await ada.run(typed);
    t.same(tooWide(stdout), [], typed.join(' '));
    t.same(tooWide(stderr), [], `${typed.join(' ')}: messages`);
  }
});

t.test('a pipe gets it uncut and bare; colours go by what the environment says', async t => {
  await bob.ok(['notify', 'somebody-with-a-rather-long-name', WORDS]);
  const piped = await inside(t, house, 'somebody-with-a-rather-long-name', {
    home: bob.home,
    env: { COLUMNS: '20' },
  });
  const text = await piped.ok(['inbox', '--no-ack']);
  t.match(text, WORDS.trim());
  t.notMatch(text, '\x1b');
  const asks = ['asks', '--all'];
  const inks = async (more: NodeJS.ProcessEnv, isTerminal: boolean) => {
    const one = await inside(t, house, 'somebody-with-a-rather-long-name', {
      home: bob.home,
      env: more,
      isTerminal,
    });
    return (await one.ok(['inbox', '--no-ack'])).includes('\x1b[');
  };
  t.equal(await inks({ TERM: 'xterm' }, true), true);
  t.equal(await inks({ TERM: 'dumb' }, true), false);
  t.equal(await inks({ TERM: 'xterm', NO_COLOR: '1' }, true), false);
  t.equal(await inks({ FORCE_COLOR: '1' }, false), true);
  t.equal(await inks({ FORCE_COLOR: '0', TERM: 'xterm' }, true), false);
  t.equal((await piped.run(asks)).code, 0);
});

t.test('a fault of the program is one sentence; its place is shown only to who asks', async t => {
  const said = (error: unknown, isDebug = false) => {
    let text = '';
    const stderr = { write: (more: string) => (text += more) } as never;
    const code = endWith(error, { stderr, env: {}, json: false, isDebug });
    return { code, text };
  };
  const fault = new TypeError('x is not a function');
  t.match(said(fault), { code: 1, text: /^signalbox: something went wrong inside.*\n {2}.*debug/ });
  t.notMatch(said(fault).text, /\n\s+at /);
  t.match(said(fault, true).text, /\n\s+at /);
  t.match(said('a word'), { code: 1, text: 'signalbox: a word\n' });
  t.match(said(new Error('')), { code: 1, text: /something went wrong/ });
});

t.test('who has left keeps the name, in the log and in every list', async t => {
  const eve = await inside(t, house, 'eve');
  await eve.ok(['join']);
  const log = await eve.ok(['tail', '--from', 'start', '--no-follow', '--json']);
  const { cursor } = JSON.parse(log.trim().split('\n').at(-1) ?? '');
  const asked = await eve.ok(['ask', 'somebody-with-a-rather-long-name', 'still?']);
  const ask = /ask (\S+) to/.exec(asked)?.[1] ?? '';
  await bob.ok(['reply', ask, 'yes']);
  await eve.ok(['job', 'create', 'sweep', '--to', 'somebody-with-a-rather-long-name']);
  await eve.ok(['leave']);
  const lists = [
    ['tail', '--from', cursor, '--no-follow'],
    ['asks', '--all'],
    ['job', 'list', '--all'],
    ['trace', ask],
  ];
  for (const list of lists) {
    const text = await bob.ok(list);
    t.notMatch(text, /peer_/, list[0]);
  }
  t.match(await bob.ok(['asks', '--all']), /eve +somebody/);
  t.match(await bob.ok(['tail', '--from', cursor, '--no-follow']), /eve → somebody/);
});

t.test(
  'help is there for every verb, and a word that is none is told with what was meant',
  async t => {
    t.match(await bob.ok(['help', 'job', 'create']), /^Usage: signalbox job create /);
    t.match(await bob.ok(['help']), /^Usage: signalbox /);
    for (const typed of [[], ['job']]) {
      const { code, stderr } = await bob.run(typed);
      t.equal(code, 2);
      t.match(stderr, /^Usage: signalbox/);
      t.notMatch(stderr, /outputHelp|signalbox: /);
    }
    const meant = { code: 2, stderr: /unknown command 'pers'\. Did you mean peers\?\n/ };
    for (const typed of [['pers'], ['help', 'pers']]) t.match(await bob.run(typed), meant);
    t.match(await bob.run(['job', 'lst']), {
      code: 2,
      stderr: /mean list\?\n.*signalbox help job/,
    });
    t.match(await bob.run(['ask', '--quorum', 'x']), { code: 2, stderr: /signalbox help ask\n/ });
  },
);

t.test('an answer tells the names of those in it, also of who has left', async t => {
  const told = {
    rows: [
      { from: 'peer_a', from_name: 'ada', to: 'peer_b', reply: { by: 'peer_c', by_name: 'cy' } },
    ],
    touched_by: ['peer_d', 'peer_e'],
    touched_by_names: ['dan', 'eve'],
    peer: 'peer_f',
    name: 'fay',
  };
  const names = createNames(namesIn(told));
  t.same(['peer_a', 'peer_c', 'peer_e', 'peer_f'].map(names.of), ['ada', 'cy', 'eve', 'fay']);
  t.equal(names.known('peer_b'), undefined);
  const known = createNames([{ peer: 'peer_b', name: 'bob' }]);
  t.match(nameIds(told, known), { rows: [{ from_name: 'ada', to_name: 'bob' }], name: 'fay' });
  t.match(nameIds({ touched_by: ['peer_b'] }, known), { touched_by_names: ['bob'] });
});
