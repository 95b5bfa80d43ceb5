// Beginning the session of a workspace: who it is, what stops it, and how its end is told.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { connect } from '../../client/index.js';
import { finished, lineFrom, PROGRAM } from '../cli/shell.js';
import { openBroker } from '../dsl/live-broker.js';
import { type Ground, ground } from './ground.js';

const house = await openBroker(t, { durability: 'os' });
const HOOK = fileURLToPath(new URL('../../client/cli/hook/main.js', import.meta.url));

/** Says who it is and what it was told, begins its session as Claude Code does, and ends with 7. */
const AGENT = `#!${process.execPath}
const { execFileSync } = require('node:child_process');
const { env, argv } = process;
const told = Object.entries(env).filter(([name]) => /^(SIGNALBOX_|CLAUDE|PWD)/.test(name));
const args = argv.slice(2);
if (args[0] === '--wait') {
  process.on('SIGTERM', () => process.exit(9));
  console.log('waits');
  setInterval(() => {}, 1_000);
} else {
  const input = JSON.stringify({ session_id: args[0] ?? 's1', cwd: process.cwd(),
    hook_event_name: 'SessionStart', source: 'startup', transcript_path: '/none' });
  execFileSync(process.execPath, [${JSON.stringify(HOOK)}, 'claude-code'], { input, env });
  console.log(JSON.stringify({ cwd: process.cwd(), args, ...Object.fromEntries(told) }));
  process.exit(7);
}
`;

interface Desk extends Ground {
  env: NodeJS.ProcessEnv;
  start(...more: string[]): ChildProcess;
}

/** A workspace of somebody who has Claude Code, wired. */
async function desk(t: Test): Promise<Desk> {
  const at = await ground(t);
  const bin = join(at.home, 'bin');
  mkdirSync(bin);
  for (const program of ['claude', 'codex']) {
    writeFileSync(join(bin, program), AGENT);
    chmodSync(join(bin, program), 0o755);
  }
  const env = {
    ...{ HOME: at.home, PATH: bin, CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: 'outer' },
    SIGNALBOX_URL: house.ready.url,
    SIGNALBOX_TOKEN_FILE: house.ready.token_file,
  };
  await at.init('--name', 'boss', '--circle', 'web');
  const start = (...more: string[]) => {
    const words = [PROGRAM, 'orchestrator', 'start', ...more];
    return spawn(process.execPath, words, { cwd: at.home, env });
  };
  return { ...at, env, start };
}

const ada = await desk(t);
const setup = (runtime: string) =>
  finished(
    spawn(process.execPath, [PROGRAM, 'setup', runtime, '-y'], { cwd: ada.home, env: ada.env }),
  );

t.test('an agent that is not wired, or not there, is no session to begin', async t => {
  const unwired = await finished(ada.start('ws'));
  t.match(unwired, {
    code: 1,
    stderr: /claude-code is not wired .*\n +wire it: signalbox setup claude-code/,
  });
  t.match(await finished(ada.start('ws', '--runtime', 'gemini')), { code: 5, stderr: /no gemini/ });
  t.match(await finished(ada.start('.')), { code: 5, stderr: /lies in no workspace/ });
  t.equal((await setup('claude-code')).code, 0);
});

t.test('it begins in the workspace, by its name and role, and its exit code is told', async t => {
  const { code, stdout, stderr } = await finished(ada.start('ws', '--', 's1', '--continue'));
  t.equal(code, 7, stderr);
  const told = JSON.parse(stdout);
  t.match(told, {
    ...{ cwd: ada.root, PWD: ada.root },
    args: ['s1', '--continue'],
    SIGNALBOX_NAME: 'boss',
    SIGNALBOX_ROLE: 'orchestrator',
    SIGNALBOX_CIRCLE: 'web',
    SIGNALBOX_SPAWN: /^spawn_[0-9a-f-]{36}$/,
  });
  t.notOk('CLAUDECODE' in told || 'CLAUDE_CODE_SESSION_ID' in told, 'it is no part of another');
  t.match(stderr, /Claude Code begins as boss, orchestrator of circle web/);
  const found = await ada.run([
    ...['orchestrator', 'status', '--json', '--circle', 'web'],
    ...['--url', house.ready.url, '--token-file', house.ready.token_file],
  ]);
  t.match(JSON.parse(found.stdout), { name: 'boss' }, 'it joined as what it was told');
});

t.test('a second orchestrator is told of the first, and begins only beside it', async t => {
  const join = { name: 'first', role: 'orchestrator', circle: 'web' } as const;
  const { ready, token: credential } = house;
  const first = await connect({ url: ready.url, credential, join });
  t.teardown(() => first.close());
  const refused = await finished(ada.start('ws', '--', 's2'));
  t.match(refused, {
    code: 6,
    stdout: '',
    stderr: /first is the orchestrator of circle web.*--beside\n.*handover --from first\n/s,
  });
  const beside = await finished(ada.start('ws', '--beside', '--', 's2'));
  t.equal(beside.code, 7, beside.stderr);
  t.match(JSON.parse(beside.stdout), { SIGNALBOX_NAME: 'boss-claude-code' });
  const peers = await first.call('peer.list', { circle: 'web', offline: true });
  const names = peers.rows.filter(({ role }) => role === 'orchestrator').map(({ name }) => name);
  t.strictSame(names.sort(), ['boss', 'boss-claude-code'], 'beside the caller');
});

t.test('status also tells how the workspace stands in which it is asked', async t => {
  const status = (directory: string, env = ada.env) => {
    const words = [PROGRAM, 'orchestrator', 'status', '--circle', 'none', '--json'];
    return finished(spawn(process.execPath, words, { cwd: directory, env }));
  };
  const found = await status(join(ada.root, 'memory'));
  t.match(found, { code: 5, stderr: /no orchestrator of circle none/ });
  const told = { path: ada.root, name: 'boss', rules: 0, wired: ['claude-code'] };
  t.match(JSON.parse(found.stdout), { present: false, workspace: { ...told, unwired: ['codex'] } });
  t.notOk('workspace' in JSON.parse((await status(ada.home)).stdout));
  const down = { ...ada.env, SIGNALBOX_URL: 'http://127.0.0.1:9' };
  const alone = await status(ada.root, down);
  t.match(alone, { code: 7, stderr: /signalbox up/ });
  t.strictSame(JSON.parse(alone.stdout), { workspace: JSON.parse(found.stdout).workspace });
  t.match(await status(ada.home, down), { code: 7, stdout: '' });
});

t.test('what is meant for the agent reaches it', async t => {
  const child = ada.start('ws', '--beside', '--', '--wait');
  await lineFrom(child, 'stdout', /waits/);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  t.strictSame(await ended, [9, null]);
});
