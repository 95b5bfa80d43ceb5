// Approvals from afar: only a person’s answer in the log lets a tool run; all else asks there.
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { connect, join, openBroker, type Person } from '../dsl/live-broker.js';
import type { Fields } from '../dsl/raw-client.js';
import { refused } from '../dsl/refused.js';
import { endOf, type Hooked, hookedSession } from './hooked.js';

const house = await openBroker(t);
const ada = await join(t, house, 'ada', { role: 'human' });
const bob = await join(t, house, 'bob', { role: 'human' });
const observer = await connect(t, house);

const BASH = { tool_name: 'Bash', tool_input: { command: 'npm publish' } };
const ask = 'PermissionRequest';

function session(t: Test, folder: string, words: readonly string[] = ['--approver=ada']) {
  return hookedSession(t, house, { folder, session: folder, words: ['--deadline=60', ...words] });
}

/** The next ask to somebody from the session in a folder. */
async function asked(person: Person, folder: string): Promise<Fields> {
  if (!taken.has(person)) taken.set(person, person.takeInbox());
  await taken.get(person);
  return person.guest.hear('inbox.item', ({ from_name }) => from_name === folder);
}
const taken = new Map<Person, Promise<unknown>>();

function allow(person: Person, { ref }: Fields, more: Fields = {}): Promise<Fields> {
  const answer = { ask: ref, outcome: 'replied', option: 'allow', ...more };
  return person.guest.command('ask.close', answer);
}

function thread({ ref }: Fields): Promise<Fields> {
  return observer.call('ask.get', { ask: ref });
}

function decision({ output }: Hooked) {
  return output?.hookSpecificOutput?.decision;
}

for (const runtime of ['claude-code', 'codex']) {
  t.test(`${runtime}: leave by the person who was asked lets the tool run`, async t => {
    const words = ['--deadline=60', '--approver=ada'];
    const { hook } = await hookedSession(t, house, { runtime, folder: runtime, words });
    const running = hook(ask, BASH);
    const item = await asked(ada, runtime);
    t.match(item, { text: /^May I run Bash\?\n\n {2}npm publish\n\nFolder: /, kind: 'ask' });
    t.match(item.question, { kind: 'permission', options: [{ id: 'allow' }, { id: 'deny' }] });
    t.ok(item.deadline_at);
    await allow(ada, item);
    t.match(await running, { code: 0, stderr: '' });
    t.same((await running).output, {
      hookSpecificOutput: { hookEventName: ask, decision: { behavior: 'allow' } },
    });
    t.equal((await hook('Stop')).text, '', 'the answer is no mail for the model');
  });
}

t.test('a no tells the model who said so and why', async t => {
  const { hook } = await session(t, 'no');
  const running = hook(ask, BASH);
  const item = await asked(ada, 'no');
  await ada.close(String(item.ref), 'denied', 'not on a \u202eFriday');
  t.same(decision(await running), {
    behavior: 'deny',
    message: 'Denied by ada through Signalbox: not on a Friday',
  });
});

t.test('words alone, or that it was seen, are no leave: the runtime asks by itself', async t => {
  for (const outcome of ['replied', 'acknowledged']) {
    const { hook } = await session(t, outcome);
    const running = hook(ask, BASH);
    const item = await asked(ada, outcome);
    await ada.close(String(item.ref), outcome, 'allow');
    t.same(await running, { code: 0, text: '', stderr: '' });
  }
});

t.test('of two people the first answer in the log counts, the other is told', async t => {
  const { hook } = await session(t, 'two', []);
  const running = hook(ask, BASH);
  const [one, two] = await Promise.all([asked(ada, 'two'), asked(bob, 'two')]);
  await bob.close(String(two.ref), 'denied');
  await allow(ada, one).catch(() => {});
  t.match(decision(await running), { behavior: 'deny', message: /by bob/ });
  const { hook: again } = await session(t, 'again', []);
  const next = again(ask, BASH);
  const open = await asked(ada, 'again');
  const other = await asked(bob, 'again');
  await allow(bob, other);
  t.match(decision(await next), { behavior: 'allow' });
  t.match(await thread(open), { outcome: 'cancelled' }, 'nothing stale is left');
  await t.rejects(allow(ada, open), refused('ask_closed'));
});

t.test('nobody but the person asked can answer, whatever its name or role', async t => {
  const { hook } = await session(t, 'forged');
  const stop = new AbortController();
  const running = hook(ask, BASH, stop.signal);
  const item = await asked(ada, 'forged');
  const mallory = await join(t, house, 'mallory');
  const other = await join(t, house, 'ada', { role: 'human', circle: 'other' });
  for (const person of [mallory, other, bob]) {
    await t.rejects(allow(person, item), refused('not_yours'));
  }
  stop.abort();
  t.same(await running, { code: 0, text: '', stderr: '' });
  t.match(await thread(item), { outcome: 'cancelled' });
  const { hook: unclear } = await session(t, 'unclear');
  await t.rejects(unclear(ask, BASH), /several people are called ada/, 'never a guess');
  await other.guest.command('peer.leave');
});

t.test('what is too long to be shown whole is asked where the agent runs', async t => {
  const { start } = await session(t, 'long');
  const end = await endOf(start(ask, { ...BASH, tool_input: { content: 'x'.repeat(300_000) } }));
  t.match(end, { code: 0, text: '', stderr: /too long to be shown whole/ });
});

t.test('leave for an ask of that id with other words is no leave for these', async t => {
  const { url } = house.ready;
  // Whoever speaks as the session may open it first: of the same id again no more is told.
  const other = createServer(async (req, res) => {
    const body = await text(req);
    const headers = {
      'content-type': 'application/json',
      authorization: String(req.headers.authorization),
    };
    const post = (body: string) => fetch(`${url}${req.url}`, { method: 'POST', headers, body });
    if (body.includes('npm publish')) await post(body.replace('npm publish', 'ls'));
    const answer = await post(body);
    res.writeHead(answer.status).end(await answer.text());
  });
  await once(other.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as AddressInfo;
  const ready = { ...house.ready, url: `http://127.0.0.1:${port}` };
  const words = ['--deadline=60', '--approver=ada'];
  const { hook } = await hookedSession(t, { ready }, { folder: 'first', words });
  const running = hook(ask, BASH);
  const refusal = t.rejects(running, /another question than this/);
  t.match((await asked(ada, 'first')).text, / {2}ls\n/);
  await refusal;
});

t.test('a name that no person bears is never asked', async t => {
  await join(t, house, 'robot');
  for (const name of ['robot', 'nobody']) {
    const { start } = await session(t, `of-${name}`, [`--approver=${name}`]);
    const end = await endOf(start(ask, BASH));
    t.match(end, { code: 0, text: '', stderr: /no peer (robot|nobody) of role human/ });
  }
});

t.test('who is no person any more when it answers gives no leave', async t => {
  const kim = await join(t, house, 'kim', { role: 'human' });
  const { hook } = await session(t, 'role', ['--approver=kim']);
  const running = hook(ask, BASH);
  const item = await asked(kim, 'role');
  const { peer, secret, guest } = kim;
  await guest.command('peer.join', { name: 'kim', peer, secret, role: 'agent' });
  await allow(kim, item);
  t.same(await running, { code: 0, text: '', stderr: '' });
});

t.test('a person who leaves decides nothing, and a new one of the name neither', async t => {
  const lea = await join(t, house, 'lea', { role: 'human' });
  const { hook } = await session(t, 'left', ['--approver=lea']);
  const running = hook(ask, BASH);
  const item = await asked(lea, 'left');
  await lea.guest.command('peer.leave');
  t.same(await running, { code: 0, text: '', stderr: '' });
  const next = await join(t, house, 'lea', { role: 'human' });
  await t.rejects(allow(next, item), refused('not_yours'));
});

t.test('tools that no pattern names are none of ours', async t => {
  const { hook } = await session(t, 'tools', ['--approver=ada', '--tool=Bash(git *)']);
  t.same(await hook(ask, BASH), { code: 0, text: '', stderr: '' });
  const { rows } = await observer.call('ask.list', { state: 'open' });
  t.same(rows, []);
});

t.test('a hook that is told to end takes its question back', async t => {
  const { start } = await session(t, 'ended');
  const child = start(ask, BASH);
  const item = await asked(ada, 'ended');
  child.kill('SIGTERM');
  t.match(await endOf(child), { code: 0, text: '' });
  t.match(await thread(item), { outcome: 'cancelled' });
});

t.test('the question of a killed hook is taken back by the next hook of its session', async t => {
  const { start, hook } = await session(t, 'killed');
  const child = start(ask, BASH);
  const item = await asked(ada, 'killed');
  child.kill('SIGKILL');
  t.match(await endOf(child), { code: null, text: '' });
  t.match(await thread(item), { state: 'open' });
  await hook('UserPromptSubmit', { prompt: 'go on' });
  t.match(await thread(item), { outcome: 'cancelled' });
});

t.test('a question answered where it was asked is taken back after that step', async t => {
  const { hook } = await session(t, 'there');
  const running = hook(ask, BASH);
  const item = await asked(ada, 'there');
  await hook('PostToolUse', { tool_name: 'Read' });
  await hook('PostToolBatch', { agent_id: 'sub', n: 1 });
  t.match(await thread(item), { state: 'open' }, 'a sibling or a subagent tells nothing');
  await hook('PostToolBatch', { n: 2 });
  t.match(await thread(item), { outcome: 'cancelled' });
  t.same(await running, { code: 0, text: '', stderr: '' });
});

t.test('at its deadline it is denied, a later answer is refused, and no mark is left', async t => {
  const home = await hookedSession(t, house, {
    folder: 'late',
    words: ['--deadline=1', '--approver=ada'],
  });
  const running = home.hook(ask, BASH);
  const item = await asked(ada, 'late');
  const end = await running;
  t.match(decision(end), { behavior: 'deny', message: /nobody allowed it .* by its deadline/ });
  await t.rejects(allow(ada, item), refused('ask_closed'));
  t.match(await thread(item), { outcome: 'denied', reason: 'deadline' });
  const files = readdirSync(home.home, { recursive: true }).map(String);
  t.notOk(files.some(file => /asked-/.test(file)));
});
