// Waking: the server of an idle session signals for its mail, and a hook looks once more.
import {
  existsSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join as pathOf } from 'node:path';
import t, { type Test } from 'tap';
import { join, openBroker, type Person } from '../dsl/live-broker.js';
import { until } from '../dsl/until.js';
import { session as mcpSession } from '../mcp/session.js';
import { hookedSession } from './hooked.js';

const house = await openBroker(t);
const web = await join(t, house, 'web');
const START = { source: 'startup' };

interface Row {
  can?: { drain: boolean; wake_idle: boolean };
  turn?: string;
  queued?: number;
  description?: string;
}

async function rowOf(name: string) {
  const rows = (await web.guest.call('peer.list', { offline: true })).rows as Person[];
  return rows.find(row => row.name === name) as Row | undefined;
}

const textOf = (file: string) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

t.test('the server of an idle session signals, and the wake says that there is mail', async t => {
  const hooked = await hookedSession(t, house, { folder: 'sleeper', session: 'sleeper-1' });
  const { hook, home } = hooked;
  const started = await hook('SessionStart', START);
  const [signal = ''] = started.output?.hookSpecificOutput?.watchPaths ?? [];
  t.match(await rowOf('sleeper'), { can: { wake_idle: false }, seen_when: 'next_turn' });
  const env = { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: 'sleeper-1' };
  await mcpSession(t, house, { env, home, directory: `${home}/sleeper` });
  await until(async () => (await rowOf('sleeper'))?.can?.wake_idle);
  t.match(await rowOf('sleeper'), { can: { wake_idle: true }, seen_when: 'wakes_now' });
  const others = `${home}/others`;
  writeFileSync(others, 'words of others');
  symlinkSync(others, signal);
  await web.notify('sleeper', 'words');
  await until(() => textOf(signal).startsWith('mail'));
  t.equal(textOf(others), 'words of others');
  t.match(await hook('FileChanged'), { code: 2, stderr: 'you have mail' });
  const woken = await hook('UserPromptSubmit', { prompt: '<task-notification>you have mail' });
  t.match(woken.text, /words/);
  t.match(await hook('FileChanged'), { code: 0, stderr: '' }, 'it was read meanwhile');
  writeFileSync(signal, 'again');
  t.equal((await hook('FileChanged')).code, 2, 'nobody proved it seen');
  await hook('Stop');
  t.equal((await hook('FileChanged')).code, 0);
});

t.test('what a session can do is said by its hooks: once, and again when it changes', async t => {
  const { hook } = await hookedSession(t, house, { folder: 'able', runtime: 'gemini' });
  const told = async () => {
    const { records } = await web.guest.call('log.read', { from: 'start', max: 1_000 });
    const events = (records as [number, number, { type: string; can?: object }][]).map(r => r[2]);
    return events.filter(({ type, can }) => type === 'peer.turned' && can !== undefined).length;
  };
  const before = await told();
  await hook('BeforeAgent', { prompt: 'go' });
  t.match(await rowOf('able'), {
    can: { drain: true, keep_going: true, wake_idle: false, steer: false },
    seen_when: 'next_step',
  });
  await hook('AfterAgent');
  await hook('BeforeAgent', { prompt: 'more' });
  t.equal(await told(), before + 1);
  await hook('SessionStart', { source: 'resume' });
  t.equal(await told(), before + 2, 'nobody knows who spoke last');
});

t.test('a server whose session has no hooks says that nothing hands it mail', async t => {
  const env = { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: 'bare-1' };
  const { home } = await mcpSession(t, house, { env });
  const name = home.split('/').at(-1)!.toLowerCase();
  await until(async () => (await rowOf(name)) !== undefined);
  t.match(await rowOf(name), { can: { drain: false }, seen_when: 'when_it_reads' });
});

t.test('who waits for its user says so, and works again once a tool has run', async t => {
  const { hook } = await hookedSession(t, house, { folder: 'asking' });
  const turn = async () => (await rowOf('asking'))?.turn;
  await hook('UserPromptSubmit', { prompt: 'go' });
  const message = 'may it use Bash?\u0007';
  await hook('Notification', { notification_type: 'permission_prompt', message });
  t.match(await rowOf('asking'), { turn: 'awaiting_input', turn_text: 'may it use Bash?' });
  await hook('PostToolBatch', { n: 1 });
  t.equal(await turn(), 'working');
  await hook('Notification', { notification_type: 'something_else', message });
  t.equal(await turn(), 'working');
  await hook('Notification', { notification_type: 'idle_prompt', message });
  t.equal(await turn(), 'idle', 'also where a turn was broken off, and no stop was run');
});

/** A server and the hooks of a session of Claude Code, in one process. */
async function served(t: Test, folder: string, pid: number) {
  const env = { CLAUDE_PID: String(pid) };
  const hooked = await hookedSession(t, house, { folder, session: `${folder}-1`, env });
  await hooked.hook('SessionStart', START);
  const { home } = hooked;
  const marks = { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: `${folder}-1`, ...env };
  const server = await mcpSession(t, house, { env: marks, home, directory: `${home}/${folder}` });
  await server.shake();
  await server.does('whoami');
  const cleared = await hookedSession(t, house, { folder, session: `${folder}-2`, env, home });
  const states = pathOf(home, '.local/state/signalbox');
  const [room = ''] = readdirSync(states).map(name => pathOf(states, name));
  return { ...hooked, server, cleared, room };
}

t.test('after a clear what `inbox` showed is proven by the hooks of the new id', async t => {
  const { hook, server, cleared } = await served(t, 'swept', 4_715);
  await hook('SessionEnd', { reason: 'clear' });
  await cleared.hook('SessionStart', { source: 'clear' });
  await web.notify('swept', 'words');
  t.match(await server.does('inbox'), { new: 1, mail: /words/ });
  t.equal((await cleared.hook('Stop')).text, '');
  t.match(await rowOf('swept'), { queued: 0 });
});

t.test('a task describes a session that says nothing of itself, for a day', async t => {
  const { hook, server, cleared } = await served(t, 'tasked', 4_716);
  await server.does('set_description', { text: 'the parser' });
  await hook('UserPromptSubmit', { prompt: 'go' });
  t.match(await rowOf('tasked'), { description: 'the parser' });
  const { hook: other } = await hookedSession(t, house, { folder: 'untold' });
  await other('UserPromptSubmit', { prompt: 'mend it' });
  t.match(await rowOf('untold'), { description: 'mend it' });
  const { hook: given } = await hookedSession(t, house, { folder: 'given' });
  const context = '<hook_context>Mail &lt;/hook_context&gt;\nfrom ada</hook_context>';
  await given('UserPromptSubmit', { prompt: `${context}\n\n` });
  t.equal((await rowOf('given'))?.description, undefined, 'the context of hooks is no task');
  await given('UserPromptSubmit', { prompt: `${context}\n\n${context}\n\nmend that` });
  t.match(await rowOf('given'), { description: 'mend that' });
  const { records } = await web.guest.call('log.read', { from: 'start', max: 1_000 });
  const events = (records as [number, number, Told][]).map(([, time, event]) => ({ time, event }));
  const last = events.findLast(({ event }) => event.type === 'peer.described');
  t.ok((last?.event.expires_at ?? 0) - (last?.time ?? 0) > 3_600_000);
  await cleared.hook('SessionEnd', { reason: 'clear' });
});

interface Told {
  type: string;
  expires_at?: number;
}

t.test('a note of a process is not that of a later one, and goes in time', async t => {
  const { room, cleared } = await served(t, 'reused', process.pid);
  const note = pathOf(room, `_process-${process.pid}`);
  writeFileSync(note, `${textOf(note).split(' ')[0]} 1`);
  const gone = pathOf(room, '_session-999999999');
  const young = pathOf(room, '_process-999999998');
  for (const file of [gone, young]) writeFileSync(file, '');
  utimesSync(gone, 1, 1);
  await cleared.hook('SessionStart', { source: 'clear' });
  t.ok(await rowOf('reused-2'), 'nobody becomes the peer of another process');
  t.same([gone, young].map(existsSync), [false, true]);
});
