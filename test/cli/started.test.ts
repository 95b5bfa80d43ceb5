// A session that was started for somebody: its name, role and circle are those it was given.
import { readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { seatFile } from '../../client/cli/reach/started.js';
import { callOnce } from '../../client/index.js';
import { openBroker } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { hookedSession } from '../runtimes/hooked.js';
import { identityFile } from './identity-file.js';
import { type Inside, inside } from './inside.js';

const house = await openBroker(t, { durability: 'os' });
const operator = { url: house.ready.url, credential: house.token };
const whoami = async (one: Inside) => JSON.parse(await one.ok(['whoami', '--json']));
const spawnOf = (n: number) => `spawn_01a217be-7969-76d0-a7c5-${String(n).padStart(12, '0')}`;

const given = (n: number, more: NodeJS.ProcessEnv = {}) => ({
  SIGNALBOX_AS: undefined,
  SIGNALBOX_SPAWN: spawnOf(n),
  SIGNALBOX_NAME: `worker${n}`,
  SIGNALBOX_ROLE: 'service',
  SIGNALBOX_CIRCLE: 'web',
  ...more,
});

async function namesIn(circle: string): Promise<string[]> {
  const { rows } = await callOnce(operator, 'peer.list', { circle: '*', offline: true });
  const there = rows.filter(row => row.circle === circle);
  return there.map(({ name }) => name).sort();
}

t.test('the first session has what was given, and its shell speaks as it', async t => {
  const started = await hookedSession(t, house, { session: 'own', env: given(1) });
  await started.hook('SessionStart', { source: 'startup' });
  const { home } = started;
  const env = given(1, { CLAUDE_CODE_SESSION_ID: 'own' });
  const shell = await inside(t, house, 'u', { home, env });
  t.match(await whoami(shell), { name: 'worker1', role: 'service', circle: 'web' });
});

t.test('a session that it starts in turn is another peer, of any runtime', async t => {
  const first = await hookedSession(t, house, { session: 'outer', env: given(2) });
  await first.hook('SessionStart', { source: 'startup' });
  for (const runtime of ['claude-code', 'codex', 'gemini']) {
    const more = { runtime, session: `inner-${runtime}`, folder: `in-${runtime}` };
    const inner = await hookedSession(t, house, { ...more, home: first.home, env: given(2) });
    await inner.hook('SessionStart', { source: 'startup' });
  }
  t.same(await namesIn('default'), ['in-claude-code', 'in-codex', 'in-gemini']);
  t.same(await namesIn('web'), ['worker1', 'worker2']);
  await first.hook('UserPromptSubmit', { prompt: 'go' });
  t.same(await namesIn('web'), ['worker1', 'worker2'], 'and it stays who it is');
});

t.test('of sessions that begin at once, one is the one that was started', async t => {
  const home = await tempDir(t);
  const sessions = await Promise.all(
    Array.from({ length: 6 }, (_, n) =>
      hookedSession(t, house, { home, session: `once${n}`, folder: 'many', env: given(3) }),
    ),
  );
  await Promise.all(sessions.map(({ hook }) => hook('SessionStart', { source: 'startup' })));
  t.same(await namesIn('web'), ['worker1', 'worker2', 'worker3']);
});

t.test('a session without an id of its own is known by its start', async t => {
  const home = await tempDir(t);
  for (const n of [4, 5]) {
    const one = await hookedSession(t, house, { runtime: 'gemini', home, env: given(n) });
    await one.hook('SessionStart', { source: 'startup' });
    const shell = await inside(t, house, 'u', { home, env: given(n, { GEMINI_CLI: '1' }) });
    t.match(await whoami(shell), { name: `worker${n}` }, 'in one folder, each is its own peer');
  }
});

t.test('the identity that was made before is the session’s, whatever kills the claim', async t => {
  const maker = await inside(t, house, 'maker');
  const { home } = maker;
  await maker.ok(['join', '--role', 'agent', '--circle', 'web', '--as', 'ready']);
  const { peer } = await whoami(await inside(t, house, 'ready', { home }));
  const kept = await identityFile(home, 'ready');
  const room = dirname(kept);
  const seat = seatFile(room, spawnOf(6));
  await rename(kept, seat);
  const env = given(6, { CODEX_THREAD_ID: 'c1' });
  const codex = await inside(t, house, 'u', { home, env });
  t.match(await whoami(codex), { peer, name: 'ready' });
  // As if the process had been killed between the claim and the move.
  const own = (await readdir(room)).find(name => /^_[0-9a-f]+\.json$/.test(name)) ?? '';
  await rename(join(room, own), seat);
  t.match(await whoami(codex), { peer });
});

t.test('without a start the other words mean nothing; a wrong word is refused', async t => {
  const env = { ...given(7), SIGNALBOX_SPAWN: undefined, CLAUDECODE: '1' };
  const plain = await inside(t, house, 'u', { env, directory: join(await tempDir(t), 'plain') });
  await plain.ok(['join']);
  t.match(await whoami(plain), { name: 'plain', role: 'agent', circle: 'default' });
  const wrong = [
    { SIGNALBOX_SPAWN: 'spawn_../../etc' },
    { SIGNALBOX_NAME: 'No Name' },
    { SIGNALBOX_CIRCLE: '*' },
    { SIGNALBOX_ROLE: 'human' },
  ];
  for (const word of wrong) {
    const shell = await inside(t, house, 'u', { env: given(7, { CLAUDECODE: '1', ...word }) });
    t.match(await shell.run(['join']), { code: 2, stderr: /has to be/ });
  }
  const ada = await inside(t, house, 'ada', { env: given(7) });
  await ada.ok(['join']);
  t.match(await whoami(ada), { role: 'human' }, 'the shell of a person is that person’s');
});
