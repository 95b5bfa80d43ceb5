// Approvals in the settings of coding agents: off, on, kept, stopped, and terms that are refused.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { inside } from '../cli/inside.js';
import { tempDir } from '../dsl/nats.js';

const NOBODY = { ready: { url: 'http://127.0.0.1:9', token_file: '/none' } } as never;

/** Somebody without settings. */
async function user(t: Test) {
  const home = await tempDir(t);
  const shell = await inside(t, NOBODY, 'ada', { home, env: { HOME: home } });
  const read = (path: string) => readFile(join(home, path), 'utf8');
  const tree = async () => {
    const names = await readdir(home, { recursive: true });
    return names.filter(name => !name.startsWith('.local')).sort();
  };
  return { ...shell, read, tree };
}

t.test('approvals are off until they are asked for, kept as they are, and stopped', async t => {
  const events = { 'claude-code': '.claude/settings.json', codex: '.codex/hooks.json' };
  for (const [runtime, file] of Object.entries(events)) {
    const ada = await user(t);
    const hook = async () => JSON.parse(await ada.read(file)).hooks.PermissionRequest?.[0].hooks[0];
    const before = await ada.tree();
    await ada.ok(['setup', runtime]);
    t.equal(await hook(), undefined);
    const terms = ['--approver', 'ada', '--deadline', '90s', '--approve-tools', 'Bash(git hook *)'];
    await ada.ok(['setup', runtime, '--approvals', ...terms]);
    const asks = await hook();
    t.equal(asks.timeout, 120, 'longer than the deadline');
    t.match([asks.command, ...(asks.args ?? [])].join(' '), / hook .*--deadline=90 --approver=ada/);
    await ada.ok(['setup', runtime]);
    await ada.ok(['setup', runtime, '--check']);
    t.same(await hook(), asks, 'a later setup keeps them');
    await ada.ok(['setup', runtime, '--no-approvals']);
    t.equal(await hook(), undefined);
    await ada.ok(['setup', runtime, '--approvals']);
    await ada.ok(['setup', runtime, '--remove']);
    t.same(await ada.tree(), before);
  }
});

t.test('terms of approvals that cannot be kept are refused', async t => {
  const ada = await user(t);
  const before = await ada.tree();
  for (const [words, why] of [
    [['gemini', '--approvals'], /lets no hook decide/],
    [['codex', '--deadline', '5m'], /go with --approvals/],
    [['codex', '--approvals', '--deadline', '2s'], /10s to 24h/],
    [['codex', '--approvals', '--deadline', '-5m'], /Write a time/],
    [['codex', '--approvals', '--approver', 'A B'], /neither a name nor the id/],
    [['codex', '--approvals', '--approve-tools', 'Bash('], /no pattern of a tool/],
  ] as const) {
    t.match(await ada.run(['setup', ...words]), { code: 2, stderr: why }, words.join(' '));
  }
  t.same(await ada.tree(), before);
});
