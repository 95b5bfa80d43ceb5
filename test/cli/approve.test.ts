// A person sees which permissions wait, most pressing first, and allows or denies them by hand.
import t from 'tap';
import { inHaste } from '../../client/cli/approve/waiting.js';
import type { Thread } from '../../schemas/ask.js';
import { join, openBroker } from '../dsl/live-broker.js';
import { inside } from './inside.js';
import { lineFrom, newShell } from './shell.js';

const house = await openBroker(t, { durability: 'os' });
const ada = await inside(t, house, 'ada');
await ada.ok(['join']);
const api = await join(t, house, 'api');
const question = {
  kind: 'permission',
  options: [
    { id: 'allow', label: 'Allow once' },
    { id: 'deny', label: 'Deny' },
  ],
};

t.test('permissions come first and whole, with what their deadline will make of them', async t => {
  await api.ask('ada', 'how is it?');
  const text = 'May I run Bash?\n\n  ls \u202e; rm\n';
  const ask = await api.ask('ada', text, { question, deadline_at: '10m' });
  const shown = await ada.ok(['approve']);
  const [head, ...body] = shown.split('\n');
  t.match(head, /^\S{6} {2}api asks for permission {2}just now, denied at \d\d:\d\d .*, in 9 min$/);
  t.same(body.slice(0, 3), ['    May I run Bash?', '    ', '      ls \\u{202e}; rm']);
  t.match(shown, /api asks .*\n {4}how is it\?\n$/);
  t.match(await ada.ok(['approve', ask]), /^replied \S+: allow\n$/);
  t.match(await api.wait(ask), { outcome: 'replied', reply: { option: 'allow' } });
});

t.test('a no takes words; what asks for no permission cannot be approved', async t => {
  const ask = await api.ask('ada', 'again?', { question });
  t.match(await ada.ok(['approve', ask, '--deny', 'not', 'on', 'Friday']), /^denied/);
  t.match(await api.wait(ask), { outcome: 'denied', reply: { text: 'not on Friday' } });
  const plain = await api.ask('ada', 'how are you?');
  t.match(await ada.run(['approve', plain]), { code: 6, stderr: /asks for no permission/ });
  t.match(await ada.run(['approve', '--deny']), { code: 2, stderr: /which one to deny/ });
  const stranger = await inside(t, house, 'eve');
  t.match(await stranger.run(['approve']), { stderr: /you have not joined/ });
});

t.test('who watches is here, sees what comes, and decides by typing', async t => {
  const { url, token_file } = house.ready;
  const shell = await newShell(t, {
    SIGNALBOX_AS: 'eve',
    SIGNALBOX_URL: url,
    SIGNALBOX_TOKEN_FILE: token_file,
  });
  await shell.run(['join']);
  const eve = shell.start('approve', '--watch');
  await lineFrom(eve, 'stderr', /decide by typing/);
  const ask = await api.ask('eve', 'May I?', { question, deadline_at: '10m' });
  const line = await lineFrom(eve, 'stdout', /api asks for permission/);
  const { rows } = await api.guest.call('peer.list', {});
  const row = (rows as { name: string }[]).find(({ name }) => name === 'eve');
  t.match(row, { role: 'human', status: 'online' });
  eve.stdin?.write(`nonsense\nallow ffffff\ndeny ${line.slice(0, 6)} not now\n`);
  t.match(await api.wait(ask), { outcome: 'denied', reply: { text: 'not now' } });
});

t.test('permissions by deadline, then what ends within the hour, then the oldest', async t => {
  const of = (ask: string, opened_at: number, more: object) =>
    ({ ask, opened_at, ...more }) as Thread;
  const asks = [
    of('old', 1, {}),
    of('far', 2, { deadline_at: 9_000_000 }),
    of('soon', 3, { deadline_at: 60_000 }),
    of('late', 4, { deadline_at: 90_000, question: { kind: 'permission' } }),
    of('open', 5, { question: { kind: 'permission' } }),
    of('next', 6, { deadline_at: 30_000, question: { kind: 'permission' } }),
  ];
  const order = inHaste(asks, 0).map(({ ask }) => ask);
  t.same(order, ['next', 'late', 'open', 'soon', 'old', 'far']);
});
