// Proves that the doctor finds what keeps mail from a coding agent, by running what is wired there.
import {
  mkdir,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { judgeSessions } from '../../client/cli/check/evidence.js';
import { runtimeNames } from '../../client/setup/targets.js';
import { openBroker } from '../dsl/live-broker.js';
import { type Patient, patient } from './patient.js';
import { PROGRAM } from './shell.js';

const house = await openBroker(t);
const LOG = '.local/state/signalbox/log_00000000';

async function change(ada: Patient, path: string, how: (text: string) => string): Promise<void> {
  await writeFile(join(ada.home, path), how(await ada.read(path)));
}

/** A person whose agents are wired, in a project below home. */
async function wired(t: Test, runtimes: readonly string[] = runtimeNames): Promise<Patient> {
  const ada = await patient(t, house, { directory: 'work' });
  for (const runtime of runtimes) await ada.ok(['setup', runtime]);
  return ada;
}

/** Every file of settings, to see that nothing was touched. */
async function settingsOf({ home }: Patient): Promise<string> {
  const names = (await readdir(home, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile() && /\.(json|toml)$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter(path => !path.includes('.local'));
  const texts = await Promise.all(names.sort().map(async path => [path, await readFile(path)]));
  return texts.join('\n');
}

t.test('what setup wrote fires: each hook answers, each server initializes', async t => {
  const ada = await wired(t);
  const before = await settingsOf(ada);
  const { rows } = await ada.examined('--fix');
  for (const runtime of runtimeNames) {
    t.match(rows[`${runtime} wiring`], { ok: true, cure: undefined }, runtime);
    t.match(rows[`${runtime} mcp`], { ok: true, detail: / answers in \d+ ms/ }, runtime);
    if (runtime === 'opencode') continue;
    t.match(rows[`${runtime} hook`], { ok: true, detail: / answers in | gave up for/ }, runtime);
    t.match(rows[`${runtime} sessions`], { ok: true, cure: /start .* and say something/ });
  }
  t.match(rows['gemini trust'], { ok: false, cure: /permissions trust/ });
  t.equal(await settingsOf(ada), before, '--fix touches nothing that is well');
  for (const runtime of runtimeNames) {
    await ada.ok(['setup', runtime, '--remove']);
  }
  t.match((await ada.examined()).rows, { agents: { ok: true, detail: /none is installed/ } });
});

t.test(
  'what was taken out, or left half done, is put back; a second --fix does nothing',
  async t => {
    const ada = await wired(t, ['claude-code']);
    await change(ada, '.claude/settings.json', text => text.replace('"Stop"', '"Stopp"'));
    await change(ada, '.claude.json', () => '{}');
    await ada.plant('.claude/settings.json.signalbox-new-999999999', '{');
    const found = await ada.examined();
    t.match(found.rows['claude-code wiring'], {
      ok: false,
      detail: /not there: hook Stop, mcpServers\.signalbox.*no longer used: hook Stopp/,
      cure: 'signalbox setup claude-code',
      fixable: true,
    });
    t.match(found.rows.drafts, { ok: false, cure: /^rm /, fixable: true });
    const cured = await ada.examined('--fix');
    for (const what of ['claude-code wiring', 'drafts']) {
      t.match(cured.rows[what], { ok: true, fixed: true }, what);
    }
    await ada.ok(['setup', 'claude-code', '--check']);
    const before = await settingsOf(ada);
    const again = await ada.examined('--fix');
    t.equal(again.code, 0);
    t.notOk(Object.values(again.rows).some(row => row?.fixed));
    t.equal(await settingsOf(ada), before);
  },
);

t.test('a program that moved, one that hangs, one that ends, one that is switched off', async t => {
  const ada = await patient(t, house, { directory: 'work' });
  const bin = await ada.plant('bin/signalbox', '', 0o700);
  await rm(bin);
  await symlink(PROGRAM, bin);
  const PATH = `${join(ada.home, 'bin')}:/usr/bin:/bin`;
  const named = await patient(t, house, { env: { PATH } });
  await named.ok(['setup', 'claude-code']);
  await rm(bin);
  const moved = await named.examined();
  t.match(moved.rows['claude-code wiring'], { ok: true, detail: /not as setup writes it now/ });
  t.match(moved.rows['claude-code hook'], { ok: false, cure: /setup/, fixable: true });
  t.match(moved.rows['claude-code mcp'], { ok: false, detail: /not|ENOENT/, fixable: true });
  const cured = await named.examined('--fix');
  t.match(cured.rows['claude-code hook'], { ok: true, fixed: true });
  const fake = await ada.plant('fake/signalbox', '#!/bin/sh\n[ $1 = mcp ] && exit 3\nsleep 60\n');
  const call = { type: 'command', command: `sh ${fake} hook gemini`, timeout: 200 };
  const mcpServers = { signalbox: { command: 'sh', args: [fake, 'mcp'] } };
  const hooks = { BeforeAgent: [{ hooks: [call] }] };
  const text = JSON.stringify({ hooks, mcpServers });
  await ada.plant('.gemini/settings.json', text);
  await ada.ok(['setup', 'codex']);
  await change(ada, '.codex/config.toml', toml => toml.replace(/^command/m, 'enabled = false\n$&'));
  const { rows } = await ada.examined('--fix');
  t.match(rows['gemini hook'], { ok: false, detail: /did not end within 200 ms/ });
  t.match(rows['gemini mcp'], { ok: false, detail: /ended with 3 without an answer/ });
  t.match(rows['codex mcp'], { ok: false, detail: /switched off/ });
  t.equal(await ada.read('.gemini/settings.json'), text, 'what a person changed is left alone');
});

t.test('switches, trust and broken settings, each told with its file', async t => {
  const ada = await wired(t);
  const off = (text: string) => text.replace('{', '{ "disableAllHooks": true,');
  await change(ada, '.claude/settings.json', off);
  await change(ada, '.codex/config.toml', text => `${text}\n[features]\nhooks = false\n`);
  const add = '{ "hooksConfig": {"disabled": ["signalbox"]},';
  await change(ada, '.gemini/settings.json', text => text.replace('{', add));
  await ada.plant('.gemini/trustedFolders.json', `{"${ada.home}/work": "DO_NOT_TRUST"}`);
  await change(ada, '.config/opencode/opencode.json', () => '{"mcp": {');
  const before = await settingsOf(ada);
  const { rows } = await ada.examined('--fix');
  t.match(rows['claude-code switch'], { ok: false, detail: /disableAllHooks/, cure: /take/ });
  t.match(rows['codex switch'], { ok: false, cure: /codex features enable hooks/ });
  t.match(rows['gemini switch'], { ok: false, cure: /hooks enable signalbox/ });
  t.match(rows['gemini trust'], { ok: false, detail: /said not to be trusted/ });
  t.match(rows['opencode settings'], { ok: false, detail: /opencode\.json.* line 1/ });
  t.equal(await settingsOf(ada), before);
});

t.test('of a project only that is run which setup wrote there', async t => {
  const ada = await patient(t, house, { directory: 'work' });
  const mark = join(ada.home, 'ran');
  const fake = await ada.plant('fake/signalbox', `#!/bin/sh\ntouch ${mark}\n`, 0o700);
  const call = { type: 'command', command: fake, args: ['hook', 'claude-code'] };
  await ada.plant(
    'work/.claude/settings.json',
    JSON.stringify({ hooks: { Stop: [{ hooks: [call] }] } }),
  );
  const { rows } = await ada.examined('--fix');
  t.match(rows['claude-code project wiring'], { ok: false, fixable: undefined });
  t.notOk(rows['claude-code project hook']);
  t.notMatch(await readdir(ada.home), ['ran']);
});

t.test('what a checkout has that looks like a hook of ours is not run either', async t => {
  const ada = await patient(t, house, { directory: 'work' });
  const touch = (name: string) => `touch ${join(ada.home, name)}`;
  const surplus = { type: 'command', command: `${touch('ran-one')}; : signalbox hook claude-code` };
  await ada.plant(
    'work/.claude/settings.json',
    JSON.stringify({ hooks: { PreToolUse: [{ hooks: [surplus] }] } }),
  );
  await ada.ok(['setup', 'gemini', '--project']);
  await change(ada, 'work/.gemini/settings.json', text => {
    const settings = JSON.parse(text);
    const [{ hooks: ours }] = settings.hooks.BeforeAgent;
    const within = { ...ours[0], hooks: [{ command: touch('ran-two') }] };
    settings.hooks = { BeforeAgent: [{ hooks: [{ type: 'command', command: 'true' }, within] }] };
    return JSON.stringify({ hooks: settings.hooks });
  });
  const { rows } = await ada.examined();
  t.match(rows['claude-code project wiring'], { ok: false, detail: /no longer used.*PreToolUse/ });
  const gemini = rows['gemini project wiring']?.detail ?? '';
  t.match(gemini, /^not there: (?!.*BeforeAgent)/, 'by its command it is ours');
  t.same(
    (await readdir(ada.home)).filter(name => name.startsWith('ran-')),
    [],
  );
});

t.test('an agent that is installed and not wired is no fault; it is told which', async t => {
  const ada = await patient(t, house, { env: { PATH: '' } });
  const bin = join(ada.home, 'pkg/bin');
  await ada.plant('pkg/package.json', '{"version": "1.2.3", "bin": {}}');
  await ada.plant('pkg/bin/claude', '#!/bin/sh\n', 0o755);
  const bob = await patient(t, house, { env: { PATH: `${bin}:/bin` } });
  const { code, rows } = await bob.examined();
  t.equal(code, 0);
  t.match(rows['claude-code'], { ok: true, detail: /Claude Code 1\.2\.3/ });
  t.match(rows['claude-code wiring'], { ok: true, cure: /signalbox setup claude-code/ });
});

t.test('evidence: hooks that ran, that never ran, and sessions from before', async t => {
  const ada = await wired(t, ['codex']);
  const peer = 'peer_00000000-0000-7000-8000-000000000001';
  const profile = { role: 'agent', circle: 'default', runtime: 'Codex' };
  const kept = { peer, secret: 's', name: 'api', place: '', profile };
  const file = await ada.plant(`${LOG}/_0a.json`, JSON.stringify(kept));
  const later = Date.now() / 1_000 + 60;
  await utimes(file, later, later);
  const silent = await ada.examined();
  t.match(silent.rows['codex sessions'], {
    ok: false,
    detail: /api joined .* none of its hooks ran/,
  });
  const hooks = join(ada.home, LOG, 'hooks', peer);
  await mkdir(hooks, { recursive: true, mode: 0o700 });
  t.equal(await realpath(hooks), hooks);
  const wiredAt = { what: 'x', runtime: 'Codex', since: 1_000, now: 9_000 };
  const session = { runtime: 'Codex', peer, name: 'api', joined_at: 2_000 };
  t.match(judgeSessions([{ ...session, hook_at: 3_000 }], wiredAt), {
    ok: true,
    detail: /6 s ago/,
  });
  t.match(judgeSessions([{ ...session, joined_at: 500 }], wiredAt), { ok: true, cure: /start/ });
  t.match(judgeSessions([{ ...session, runtime: 'OpenCode' }], wiredAt), {
    ok: true,
    cure: /start/,
  });
});
