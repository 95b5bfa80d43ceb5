// The hooks of a session: handed over once, seen on proof alone, repeated where it may be lost.
import { spawn } from 'node:child_process';
import t from 'tap';
import { join, openBroker, type Person } from '../dsl/live-broker.js';
import { session } from '../mcp/session.js';
import { hookedSession } from './hooked.js';

const house = await openBroker(t);
const web = await join(t, house, 'web');
const START = { source: 'startup' };

/** How many items wait for a peer. */
async function queued(peer: string): Promise<unknown> {
  const rows = (await web.guest.call('peer.list', { offline: true })).rows as Person[];
  return (rows.find(({ name }) => name === peer) as { queued?: number } | undefined)?.queued;
}

async function turnOf(peer: string): Promise<unknown> {
  const rows = (await web.guest.call('peer.list', { offline: true })).rows as Person[];
  return (rows.find(({ name }) => name === peer) as { turn?: string } | undefined)?.turn;
}

async function described(peer: string): Promise<unknown> {
  const rows = (await web.guest.call('peer.list', { offline: true })).rows as Person[];
  return (rows.find(({ name }) => name === peer) as { description?: string } | undefined)
    ?.description;
}

t.test('mail is handed over once, and has been seen when a later step shows it', async t => {
  const { hook } = await hookedSession(t, house, { folder: 'once' });
  const started = await hook('SessionStart', START);
  t.match(started.output?.hookSpecificOutput?.watchPaths, [/signal$/]);
  await hook('UserPromptSubmit', { prompt: 'go' });
  await web.notify('once', 'first words');
  t.match((await hook('PostToolBatch', { n: 1 })).text, /first words/);
  t.equal(await queued('once'), 1, 'handed is not seen');
  t.same(await hook('PostToolBatch', { n: 2 }), { code: 0, text: '', stderr: '' });
  t.equal(await queued('once'), 0);
});

t.test(
  'at a stop of Codex mail in any script is no longer than what its model is shown',
  async t => {
    const { hook } = await hookedSession(t, house, { runtime: 'codex', folder: 'scripts' });
    await hook('SessionStart', START);
    await hook('UserPromptSubmit', { prompt: 'go' });
    for (let n = 0; n < 3; n++) await web.notify('scripts', `${n}${'漢'.repeat(2_000)}`);
    const { text } = await hook('Stop');
    t.ok(Buffer.byteLength(text) <= 10_000, 'it cuts out the middle of what is longer');
    for (let n = 0; n < 3; n++) t.match(text, `${n}漢`);
  },
);

t.test('what a stop handed over is not proven where a wake begins the next turn', async t => {
  const { hook } = await hookedSession(t, house, { runtime: 'codex', folder: 'ended' });
  await hook('SessionStart', START);
  await hook('UserPromptSubmit', { prompt: 'go' });
  await web.notify('ended', 'words');
  t.match((await hook('Stop', { n: 1 })).text, /words/);
  const woken = await hook('UserPromptSubmit', { prompt: 'you have mail' });
  t.match(woken.text, /shown again/, 'another hook may have ended the turn at that stop');
});

t.test('neither another tool of the same step nor a prompt proves anything', async t => {
  const { hook } = await hookedSession(t, house, { folder: 'proof' });
  await hook('SessionStart', START);
  await web.notify('proof', 'words');
  t.match((await hook('PostToolUse', { n: 1 })).text, /words/);
  t.equal((await hook('PostToolUse', { n: 2 })).text, '');
  t.equal(await queued('proof'), 1);
  t.match((await hook('UserPromptSubmit', { prompt: 'go' })).text, /shown again/, 'broken off');
  t.equal(await queued('proof'), 1);
  t.equal((await hook('Stop')).text, '');
  t.equal(await queued('proof'), 0);
});

t.test(
  'what a session begins with is not repeated at its first prompt, which shows both',
  async t => {
    const { hook } = await hookedSession(t, house, { folder: 'begun' });
    await hook('SessionStart', START);
    await web.notify('begun', 'words');
    t.match((await hook('SessionStart', { source: 'resume' })).text, /words/);
    const step = { prompt: 'go' };
    t.same([(await hook('UserPromptSubmit', step)).text], ['']);
    t.equal((await hook('UserPromptSubmit', step)).text, '', 'nor at the same one, entered twice');
    t.equal(await queued('begun'), 1);
    t.match((await hook('UserPromptSubmit', { prompt: 'on' })).text, /shown again.*words/s);
    await hook('Stop');
    t.equal(await queued('begun'), 0);
  },
);

t.test('a step in which a tool read mail proves nothing: no request has shown it yet', async t => {
  const { hook } = await hookedSession(t, house, { folder: 'read' });
  await hook('SessionStart', START);
  await web.notify('read', 'words');
  t.match((await hook('PostToolBatch', { n: 1 })).text, /words/);
  await hook('PostToolBatch', { tool_calls: [{ tool_name: 'mcp__signalbox__inbox' }] });
  t.equal(await queued('read'), 1);
  await hook('PostToolBatch', { tool_calls: [{ tool_name: 'Bash' }] });
  t.equal(await queued('read'), 0);
});

t.test('where hooks run, no call of a tool proves what a tool has shown', async t => {
  const { hook, home } = await hookedSession(t, house, { folder: 'tools' });
  await hook('SessionStart', START);
  const env = { CLAUDE_CODE_SESSION_ID: 's1' };
  const one = await session(t, house, { env, home, directory: `${home}/tools` });
  await one.shake('2025-11-25', 'claude-code');
  await web.notify('tools', 'words');
  t.match((await one.does('inbox')).mail, /words/);
  await one.does('whoami');
  t.equal(await queued('tools'), 1, 'both may have been of one step');
  await hook('Stop');
  t.equal(await queued('tools'), 0);
});

t.test('a subagent’s hooks are silent, and take nothing', async t => {
  const { hook } = await hookedSession(t, house, { folder: 'parent' });
  await hook('SessionStart', START);
  await web.notify('parent', 'for the session');
  for (const event of ['PostToolUse', 'PostToolBatch', 'Stop', 'UserPromptSubmit']) {
    t.same(await hook(event, { agent_id: 'a1' }), { code: 0, text: '', stderr: '' });
  }
  t.match((await hook('PostToolBatch')).text, /for the session/);
});

t.test('of two hooks at once one has the mail, and its twin proves nothing', async t => {
  const { hook } = await hookedSession(t, house, { folder: 'twins' });
  await hook('SessionStart', START);
  await web.notify('twins', 'words');
  const step = { tool_calls: ['t1'] };
  const both = await Promise.all([hook('PostToolBatch', step), hook('PostToolBatch', step)]);
  t.same(both.map(({ text }) => /words/.test(text)).sort(), [false, true]);
  await hook('PostToolBatch', step);
  t.equal(await queued('twins'), 1, 'the same occasion once more is no later step');
  await hook('PostToolBatch', { tool_calls: ['t2'] });
  t.equal(await queued('twins'), 0);
});

t.test('a stop goes on for mail, eight times in a row, and says how the turn stands', async t => {
  const { hook } = await hookedSession(t, house, { folder: 'kept' });
  await hook('UserPromptSubmit', { prompt: 'go' });
  t.equal(await turnOf('kept'), 'working');
  for (let n = 1; n <= 8; n++) {
    await web.notify('kept', `words ${n}`);
    t.match((await hook('Stop', { n })).text, `words ${n}`);
    t.equal(await turnOf('kept'), 'working');
  }
  await web.notify('kept', 'words 9');
  t.equal((await hook('Stop', { n: 9 })).text, '', 'that is enough');
  t.equal(await turnOf('kept'), 'idle');
  t.same(await hook('FileChanged'), { code: 2, text: '', stderr: 'you have mail' });
  const wake = { prompt: '<task-notification>you have mail' };
  t.match((await hook('UserPromptSubmit', wake)).text, /words 9/);
  await web.notify('kept', 'words 10');
  t.match((await hook('Stop', { n: 10 })).text, /words 10/, 'another turn counts anew');
  t.equal((await hook('Stop', { n: 11 })).text, '');
  t.equal(await queued('kept'), 0);
  t.equal((await hook('FileChanged')).code, 0, 'nobody is woken for nothing');
});

t.test('a wake in a turn under way does not repeat what a step just had', async t => {
  const { hook } = await hookedSession(t, house, { folder: 'busy' });
  await hook('SessionStart', START);
  await web.notify('busy', 'words');
  t.match((await hook('PostToolBatch')).text, /words/);
  t.equal((await hook('UserPromptSubmit', { prompt: '<task-notification>' })).text, '');
  await hook('Stop');
  t.equal(await queued('busy'), 0);
});

t.test(
  'a cleared session stays the peer it was, and is told again what it may not know',
  async t => {
    const env = { CLAUDE_PID: '4711' };
    const before = await hookedSession(t, house, { folder: 'clear', env });
    await before.hook('SessionStart', START);
    await web.notify('clear', 'words');
    t.match((await before.hook('UserPromptSubmit', { prompt: 'go' })).text, /words/);
    await before.hook('SessionEnd', { reason: 'clear' });
    const { home } = before;
    const after = await hookedSession(t, house, { folder: 'clear', env, home, session: 's2' });
    t.match((await after.hook('SessionStart', { source: 'clear' })).text, /words/);
    await after.hook('Stop');
    t.equal(await queued('clear'), 0);
    t.equal(await queued('clear-2'), undefined);
  },
);

t.test('a fork is a new peer that names its parent', async t => {
  const env = { CLAUDE_PID: '4712' };
  const parent = await hookedSession(t, house, { folder: 'root', env });
  await parent.hook('SessionStart', START);
  const { home } = parent;
  const within = await hookedSession(t, house, { folder: 'root', env, home, session: 's2' });
  await within.hook('SessionStart', { source: 'fork' });
  t.equal(await described('root-fork'), 'fork of root');
  await within.hook('UserPromptSubmit', { prompt: 'try another way' });
  t.equal(await described('root-fork'), 'fork of root: try another way');
  t.equal(await described('root'), undefined);
});

t.test('a fork by another process is known by the session that its command resumes', async t => {
  const session = '0478ebe2-63f9-4051-a8c2-e0335664759c';
  const parent = await hookedSession(t, house, { folder: 'stem', session });
  await parent.hook('SessionStart', START);
  const words = ['-c', 'read line', 'claude', '--resume', session, '--fork-session'];
  const child = spawn('sh', words, { stdio: 'pipe' });
  t.teardown(() => child.kill());
  const { home } = parent;
  const env = { CLAUDE_PID: String(child.pid) };
  const fork = await hookedSession(t, house, { folder: 'stem', env, home, session: 's2' });
  await fork.hook('SessionStart', { source: 'fork' });
  t.equal(await described('stem-fork'), 'fork of stem');
  await fork.hook('SessionStart', { source: 'resume' });
  t.equal(await described('stem-fork'), 'fork of stem');
});

t.test('an open ask is recalled at a prompt until it is answered, never at a stop', async t => {
  const { hook } = await hookedSession(t, house, { folder: 'asked' });
  await hook('SessionStart', START);
  const ask = await web.ask('asked', 'may I?');
  t.match((await hook('UserPromptSubmit', { prompt: 'go' })).text, `Ask ${ask}`);
  t.equal((await hook('Stop')).text, '');
  const recalled = await hook('UserPromptSubmit', { prompt: 'on' });
  t.match(recalled.text, /seen and not yet answered/);
  t.match(recalled.text, ask);
});

t.test('Codex is told in its own fields alone, and goes on by a block', async t => {
  const { hook } = await hookedSession(t, house, { folder: 'codex', runtime: 'codex' });
  t.equal((await hook('SessionStart', START)).output, undefined, 'it watches no file');
  await web.notify('codex', 'words');
  const { output } = await hook('PostToolUse', { n: 1 });
  t.match(output, { hookSpecificOutput: { hookEventName: 'PostToolUse' } });
  t.same(Object.keys(output ?? {}), ['hookSpecificOutput']);
  t.same(Object.keys(output?.hookSpecificOutput ?? {}), ['hookEventName', 'additionalContext']);
  await web.notify('codex', 'more');
  const stop = await hook('Stop');
  t.same(Object.keys(stop.output ?? {}), ['decision', 'reason']);
  t.equal(stop.output?.decision, 'block');
  await hook('Stop', { stop_hook_active: true });
  t.equal(await queued('codex'), 0);
});

t.test('Gemini goes on by a deny, whose words come back as a prompt that is nobody’s', async t => {
  const { hook } = await hookedSession(t, house, { folder: 'gemini', runtime: 'gemini' });
  await hook('BeforeAgent', { prompt: 'go' });
  for (let n = 1; n <= 8; n++) {
    await web.notify('gemini', `words ${n}`);
    const { output } = await hook('AfterAgent', { n });
    t.same(Object.keys(output ?? {}), ['decision', 'reason']);
    const back = await hook('BeforeAgent', { prompt: output?.reason });
    t.equal(back.text, '', 'not told twice');
  }
  await web.notify('gemini', 'words 9');
  t.equal((await hook('AfterAgent', { n: 9 })).output, undefined, 'its own words begin no turn');
});
