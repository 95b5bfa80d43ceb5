// Sessions that are spawned: allowed first, joined, briefed exactly once, or told why not.
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { callOnce } from '../../client/index.js';
import { keepRecord, readRecords, type SpawnRecord } from '../../client/spawn/record.js';
import { openBroker } from '../dsl/live-broker.js';
import { until } from '../dsl/until.js';
import { Repository } from './repository.js';
import { noTmux, spawner } from './stand-ins.js';

const skip = noTmux();

const house = await openBroker(t, { durability: 'os' });
const operator = { url: house.ready.url, credential: house.token };
const { home, person, as, state, work } = await spawner(t, house);

const spawn = (runtime: string, name: string, ...more: string[]) =>
  person.run(['spawn', '--runtime', runtime, '--path', '.', '--name', name, ...more]);
const record = (name: string): SpawnRecord =>
  readRecords(state).find(each => each.name === name) as SpawnRecord;

/** How a peer stands, also one that is gone. */
async function peerOf({ peer = '' }: SpawnRecord) {
  const { rows } = await callOnce(operator, 'peer.get', { peers: [peer] });
  return rows[0];
}

/** The asks that a peer was sent, with their states. */
async function asksTo({ peer }: SpawnRecord): Promise<string[]> {
  const { rows } = await callOnce(operator, 'ask.list', {});
  return rows.filter(({ to }) => to === peer).map(({ text, state }) => `${text} ${state}`);
}

t.test('nothing is started where nobody has allowed it, by any way there', async t => {
  mkdirSync(join(home, 'workshop'));
  symlinkSync(join(home, 'workshop'), join(work, 'link'));
  t.match(await spawn('claude-code', 'early'), { code: 4, stderr: /spawn allow/ });
  const rule = ['spawn', 'allow', '.', '--agents', 'claude-code,codex', '--', '--model', 'opus'];
  t.match(await person.run(rule), { code: 0 });
  for (const path of ['link', '../workshop', '..']) {
    const words = ['spawn', '--runtime', 'claude-code', '--path', path];
    t.match(await person.run(words), { code: 4, stderr: /nobody has allowed sessions/ }, path);
  }
  t.match(await spawn('gemini', 'other'), { code: 4, stderr: /nobody has allowed gemini/ });
  t.match(await spawn('claude-code', 'words', '--', '--yolo'), { code: 4, stderr: /with --yolo/ });
  t.match(await spawn('opencode', 'x'), { code: 4 });
  t.match(await person.run(['spawn', 'allow', '--list']), { stdout: /claude-code,codex +--model/ });
  t.same(readRecords(state), [], 'nothing is noted of what was refused');
});

t.test('what is allowed says a person, in a file that is theirs alone', async t => {
  for (const env of [{ CLAUDECODE: '1' }, { SIGNALBOX_SPAWN: `spawn_${'0'.repeat(8)}` }]) {
    const agent = await as(env);
    const refusal = { code: 4, stderr: /says a person/ };
    t.match(await agent.run(['spawn', 'allow', '..']), refusal);
    t.match(await agent.run(['spawn', 'disallow', '.']), refusal);
    t.match(await agent.run(['spawn', 'allow', '--max', '9']), refusal);
  }
  const file = join(home, '.config/signalbox/spawn.json');
  t.equal(statSync(file).mode & 0o777, 0o600);
  chmodSync(file, 0o666);
  t.match(await spawn('claude-code', 'x'), { code: 4, stderr: /others may write/ });
  const kept = readFileSync(file);
  writeFileSync(file, '{"max":8,"rules":[{"path":"relative"}]}');
  chmodSync(file, 0o600);
  t.match(await spawn('claude-code', 'x'), { code: 1, stderr: /is no list/ });
  writeFileSync(file, kept);
  t.match(await person.run(['spawn', 'disallow', '../workshop']), { code: 5, stderr: /not on/ });
  await person.ok(['spawn', 'allow', '.', '--', '--model', 'opus']);
});

t.test('a session joins under its name, and is handed its brief at once', { skip }, async t => {
  const shop = await Repository.make(t);
  await person.ok(['spawn', 'allow', shop.path]);
  const agent = await as({ CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: 'outer' }, shop.path);
  const words = ['--runtime', 'claude-code', '--path', '.', '--worktree', 'login'];
  const told = await agent
    .json(['spawn', ...words, '-m', 'Fix the login', '--', '--model', 'opus'])
    .catch((error: Error) => error.message);
  t.match(told, /nobody has allowed/, 'words are allowed folder by folder');
  const made = (await agent.json(['spawn', ...words, '-m', 'Fix the login'])) as SpawnRecord;
  t.match(made, { name: 'shop-login', path: `${shop.path}.worktrees/login`, brief: /^ask_/ });
  t.match(await peerOf(record('shop-login')), {
    ...{ runtime: 'Claude Code', role: 'agent', path: made.path, project: 'shop' },
  });
  const said = () => readFileSync(join(home, 'said-shop-login'), 'utf8');
  await until(() => said().includes('Fix the login'), { what: 'its brief' });
  const env = readFileSync(join(home, 'env-of-shop-login'), 'utf8');
  t.match(env, `SIGNALBOX_SPAWN=${made.spawn}`);
  t.notMatch(env, /CLAUDE_CODE_SESSION_ID|SIGNALBOX_AS/, 'it is no part of who spawned it');
  const again = await agent.run(['spawn', ...words]);
  t.match(again, { code: 6, stderr: /checked out in .*login, where shop-login works/ });
  t.match(await person.ok(['spawn', 'list']), /shop-login +(running|ended)/);
});

t.test(
  'a program that ends is told with its code and last words; nothing waits for it',
  async t => {
    const { code, stderr } = await spawn('codex', 'broken', '-m', 'work');
    t.equal(code, 1);
    t.match(stderr, /broken: its program ended before it joined \(exit 3\)/);
    t.match(stderr, /no login: run codex login/);
    t.same(await asksTo(record('broken')), ['work closed']);
    t.match(await peerOf(record('broken')), { status: 'offline', reason: 'killed' });
    t.match(await person.run(['spawn', '--resume', record('broken').spawn]), { code: 6 });
  },
);

t.test('one that asks something is waited for, and shown; its start goes on later', async t => {
  let late = await spawn('gemini', 'shy', '-m', 'hello', '--timeout', '1s');
  const hasAsked = async () => {
    if (late.stderr.includes('Do you trust this folder?')) return true;
    // A loaded machine may take longer to get there.
    late = await person.run(['spawn', '--resume', record('shy').spawn, '--timeout', '1s']);
    return false;
  };
  await until(hasAsked, { what: 'its question' });
  t.match(late, { code: 124, stderr: /has not joined in 1 s: its program runs/ });
  t.match(late.stderr, /setup gemini --check/);
  writeFileSync(join(home, 'trusted'), '');
  const on = await person.json(['spawn', '--resume', record('shy').spawn]);
  t.match(on, { name: 'shy', runtime: 'gemini' });
  t.same(await asksTo(record('shy')), ['hello open']);
});

t.test('a start that is broken off at any step goes on, and says its brief once', async t => {
  const { PATH } = process.env;
  // A terminal that cannot be opened breaks a start off after all else is done.
  process.env.PATH = `${join(home, 'broken')}:${PATH}`;
  mkdirSync(join(home, 'broken'));
  writeFileSync(join(home, 'broken/tmux'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const made = await spawn('claude-code', 'cut', '-m', 'once');
  const whole = record('cut');
  if (whole.mode === 'tmux') {
    t.match(made, { code: 1, stderr: /broken off: signalbox spawn --resume/ });
  }
  const { brief, room, peer, ...before } = whole;
  const said = { kind: 'ask', id: brief?.id ?? '', text: 'once' } as const;
  // As they stood where something was done and not yet noted.
  const other = await as({ CODEX_THREAD_ID: 'c9' });
  for (const step of [
    { ...whole, brief: said },
    { ...before, brief: said },
  ]) {
    for (const who of [person, other]) {
      keepRecord(state, step);
      await who.run(['spawn', '--resume', whole.spawn]);
      t.same(await asksTo(whole), ['once open'], 'nor by another session');
    }
  }
  process.env.PATH = PATH;
  t.match(record('cut'), { peer, brief: { ref: `ask_${said.id}` } });
  t.equal(record('cut').brief?.text, undefined, 'its text is kept no longer');
  t.match(await person.run(['spawn', '--resume', whole.spawn]), { code: 0 });
  t.same(await asksTo(whole), ['once open']);
});

t.test('no more run at once than a person allows, and who runs is told', async t => {
  await person.ok(['spawn', 'allow', '--max', '0']);
  const { code, stderr } = await spawn('claude-code', 'more', '-m', 'x');
  t.match({ code, stderr }, { code: 6, stderr: /of at most 0 sessions run/ });
  t.equal(record('more'), undefined);
  await person.ok(['spawn', 'allow', '--max', '64']);
});

t.test('without a terminal it needs a task, and its log is its user’s alone', async t => {
  t.match(await spawn('claude-code', 'idle', '--detached'), { code: 2, stderr: /something to do/ });
  await person.ok(['spawn', 'allow', '--max', '64']);
  const made = await spawn('claude-code', 'apart', '--detached', '-m', 'work');
  t.equal(made.code, 0, made.stderr);
  const log = join(state, 'spawns', record('apart').spawn, 'keeper.log');
  t.equal(statSync(log).mode & 0o777, 0o600);
  t.equal(statSync(join(state, 'spawns')).mode & 0o777, 0o700);
});
