// Proves setup on files of every runtime: exact ways there and back, and nothing else touched.
import { execFile } from 'node:child_process';
import { lstatSync } from 'node:fs';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { readSettings, replaceSettings } from '../../client/setup/files.js';
import { runtimeNames } from '../../client/setup/targets.js';
import { tempDir } from '../dsl/nats.js';
import { treeOf, user } from './user.js';

const execute = promisify(execFile);

const SETTINGS = {
  '.claude/settings.json': [
    '{',
    '\t// mine',
    '\t"hooks": {',
    '\t\t"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}], // why',
    '\t},',
    '}',
  ].join('\r\n'),
  '.claude.json': '{"numStartups":3,"projects":{"/w":{"allowedTools":[]}}}',
  '.codex/config.toml': 'model = "x" # fast\n\n[projects."/w"]\ntrust_level = "trusted"',
  '.codex/hooks.json': '{}',
  '.gemini/settings.json': '\ufeff{ "mcpServers": {} , "hooks": { } }\n',
  '.config/opencode/opencode.json': '{\n    "mcp": {\n        "x": {"type": "local"}\n    }\n}\n',
};

t.test(
  'what setup wrote is right, a second one changes nothing, removal leaves all as it was',
  async t => {
    for (const runtime of runtimeNames) {
      for (const files of [{}, SETTINGS]) {
        for (const scope of ['--user', '--project']) {
          const ada = await user(t, files);
          const before = await treeOf(ada.home);
          await ada.ok(['setup', runtime, scope, '--allow-tools']);
          const after = await treeOf(ada.home);
          t.notSame(after, before, `${runtime} ${scope}`);
          await ada.ok(['setup', runtime, scope]);
          await ada.ok(['setup', runtime, scope, '--check']);
          t.same(await treeOf(ada.home), after, 'nothing more');
          await ada.ok(['setup', runtime, scope, '--remove']);
          t.same(await treeOf(ada.home), before, `${runtime} ${scope} is out again`);
        }
      }
    }
  },
);

t.test('each runtime is given its own: units, forms and places', async t => {
  const ada = await user(t);
  for (const runtime of runtimeNames) await ada.ok(['setup', runtime]);
  const { hooks } = await ada.json('.claude/settings.json');
  const wake = hooks.FileChanged[0].hooks[0];
  t.same([wake.timeout, wake.asyncRewake], [10, true]);
  t.match(hooks.Stop[0].hooks[0].args.slice(-2), ['hook', 'claude-code']);
  t.match(await ada.json('.claude.json'), { mcpServers: { signalbox: { alwaysLoad: true } } });
  const codex = (await ada.json('.codex/hooks.json')).hooks;
  const codexStop = codex.Stop[0].hooks[0];
  t.match(codexStop, { command: / hook codex$/, timeout: 10 });
  t.equal(codex.PostToolUse[0].hooks[0].additionalContextLimit, 0);
  t.notOk('additionalContextLimit' in codexStop, 'it would warn of this at each start');
  const { timeout, ...end } = codex.SessionEnd[0].hooks[0];
  t.ok(timeout <= 3 && !('additionalContextLimit' in end), 'and of these');
  const gemini = await ada.json('.gemini/settings.json');
  const stop = gemini.hooks.AfterAgent[0].hooks[0];
  t.equal(stop.timeout, 10_000);
  t.match(stop.command, / hook gemini$/);
  t.equal(gemini.mcpServers.signalbox.trust, undefined, 'tools are not allowed unasked');
  const { mcp } = await ada.json('.config/opencode/opencode.json');
  t.equal(mcp.signalbox.command.at(-1), 'mcp');
});

t.test(
  'what is left to its user is said, word for word, and by which path it is called',
  async t => {
    const ada = await user(t);
    const said = async (...words: string[]) => (await ada.run(['setup', ...words])).stderr;
    const codex = await said('codex');
    t.match(codex, /in codex say \/hooks, look, then t trusts them all/);
    t.match(codex, /signalbox is not on PATH, so it is called as .*main\.js/);
    t.match(await said('gemini', '--project'), /for a shared project put signalbox on PATH/);
    t.match(await said('gemini'), /trusted folders only/);
    t.equal(await said('codex', '--json'), '', 'a script reads the rows');
  },
);

t.test('the variables by which runtimes are moved are honoured', async t => {
  const home = await tempDir(t);
  const moved = {
    CLAUDE_CONFIG_DIR: 'a',
    CODEX_HOME: 'b',
    GEMINI_CLI_HOME: 'c',
    XDG_CONFIG_HOME: 'd',
  };
  const places = Object.entries(moved).map(([name, folder]) => [name, join(home, folder)]);
  const ada = await user(t, {}, Object.fromEntries(places));
  for (const runtime of runtimeNames) await ada.ok(['setup', runtime]);
  const files = (await readdir(home, { recursive: true })).sort();
  for (const file of ['a/settings.json', 'a/.claude.json', 'b/config.toml', 'b/hooks.json']) {
    t.ok(files.includes(file), file);
  }
  t.ok(files.includes('c/.gemini/settings.json') && files.includes('d/opencode/opencode.json'));
});

t.test('check tells what is missing, changed by hand, or of an earlier setup', async t => {
  const ada = await user(t);
  const standings = async () => {
    const { code, stdout } = await ada.run(['setup', 'claude-code', '--check', '--json']);
    const rows = JSON.parse(stdout).rows as { what: string; standing: string }[];
    return [code, ...new Set(rows.map(({ standing }) => standing))];
  };
  t.same(await standings(), [1, 'missing']);
  await ada.ok(['setup', 'claude-code']);
  t.same(await standings(), [0, 'right']);
  const file = join(ada.home, '.claude/settings.json');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('"timeout": 10', '"timeout": 99'));
  t.same(await standings(), [1, 'changed', 'right']);
  const own = text.replace('"timeout": 10', '"timeout": 10, "statusMessage": "mail"');
  await writeFile(file, own);
  t.same(await standings(), [0, 'right'], 'what is added to it is the user’s');
  await writeFile(file, text.replaceAll('main.js', 'x/client/cli/main.js'));
  t.same(await standings(), [1, 'changed', 'right'], 'another place of the program');
  const more = text.replace('"Stop"', '"Gone"');
  await writeFile(file, more);
  t.same(await standings(), [1, 'surplus', 'right', 'missing']);
  await ada.ok(['setup', 'claude-code']);
  t.same(await standings(), [0, 'right']);
});

t.test('a dry run shows a diff and writes nothing', async t => {
  const ada = await user(t, SETTINGS);
  const before = await treeOf(ada.home);
  const diff = await ada.ok(['setup', 'codex', '--dry-run']);
  t.match(diff, /^--- .*config\.toml\n\+\+\+ .*config\.toml\n@@ /m);
  t.match(diff, /^\+\[mcp_servers\.signalbox\]$/m);
  t.same(await treeOf(ada.home), before);
  t.equal(await ada.ok(['setup', 'codex', '--remove', '--dry-run']), '');
});

t.test(
  'a copy of before lies beside the file, with its mode, until the file is that again',
  async t => {
    const ada = await user(t, { '.gemini/settings.json': '{"a": 1}' });
    const folder = join(ada.home, '.gemini');
    await chmod(join(folder, 'settings.json'), 0o640);
    await ada.ok(['setup', 'gemini']);
    const [copy = ''] = (await readdir(folder)).filter(name => name.includes('.signalbox-backup-'));
    t.equal(await readFile(join(folder, copy), 'utf8'), '{"a": 1}');
    for (const name of [copy, 'settings.json']) {
      t.equal((await stat(join(folder, name))).mode & 0o777, 0o640, name);
    }
    await ada.ok(['setup', 'gemini', '--remove']);
    t.same(await readdir(folder), ['settings.json']);
  },
);

t.test('what somebody else wrote since it was read is not written over', async t => {
  const path = join(await tempDir(t), 'x.json');
  const replacement = { after: '{"ours": 1}', mode: 0o600, keepsCopy: true };
  const none = await readSettings(path);
  await writeFile(path, '{}');
  await t.rejects(replaceSettings(none, replacement), /changed meanwhile/);
  const some = await readSettings(path);
  await writeFile(path, '{"theirs": 1}');
  await t.rejects(replaceSettings(some, replacement), /changed meanwhile/);
  t.same(await readdir(dirname(path)), ['x.json'], 'and nothing is left lying about');
  t.equal(await readFile(path, 'utf8'), '{"theirs": 1}');
});

t.test('links are followed and stay', async t => {
  const ada = await user(t, { 'dotfiles/claude.json': '{}' });
  await mkdir(join(ada.home, '.claude'));
  await symlink('../dotfiles/claude.json', join(ada.home, '.claude/settings.json'));
  await symlink('dotfiles/new.json', join(ada.home, '.claude.json'));
  await ada.ok(['setup', 'claude-code']);
  t.ok((await lstat(join(ada.home, '.claude/settings.json'))).isSymbolicLink());
  t.match(await ada.read('dotfiles/claude.json'), /SessionStart/);
  t.match(await ada.read('dotfiles/new.json'), /mcpServers/, 'also one that led to no file yet');
});

t.test('what should not be edited is refused, and then no file is', async t => {
  const refusals: [string, string | Buffer, RegExp][] = [
    ['.codex/config.toml', 'a = \n', /config\.toml cannot be edited: .* at line 1, column 5/],
    ['.codex/hooks.json', '{"hooks": 1}', /"hooks" is no object at line 1, column 11/],
    ['.codex/hooks.json', Buffer.from([0x7b, 0xff, 0x7d]), /is not in UTF-8/],
  ];
  for (const [path, text, words] of refusals) {
    const ada = await user(t, { '.codex/hooks.json': '{}', '.codex/config.toml': '' });
    await writeFile(join(ada.home, path), text);
    const before = await treeOf(ada.home);
    const { code, stderr } = await ada.run(['setup', 'codex']);
    t.equal(code, 1);
    t.match(stderr, words);
    t.same(await treeOf(ada.home), before);
  }
  const ada = await user(t, SETTINGS);
  await chmod(join(ada.home, '.claude.json'), 0o444);
  const before = await treeOf(ada.home);
  t.match((await ada.run(['setup', 'claude-code'])).stderr, /\.claude\.json is read-only/);
  t.same(await treeOf(ada.home), before, 'not the other file either');
});

t.test('a server of somebody else that has our name stands, and no removal takes it', async t => {
  const files = {
    '.claude.json': '{\n  "mcpServers": {\n    "signalbox": {"command": "x"}\n  }\n}\n',
  };
  const ada = await user(t, files);
  const before = await treeOf(ada.home);
  const { code, stderr } = await ada.run(['setup', 'claude-code']);
  t.equal(code, 1);
  t.match(stderr, /mcpServers\.signalbox is there already, and not by setup at line 3, column 18/);
  t.match(
    await ada.ok(['setup', 'claude-code', '--remove']),
    /not written by setup: left as it is/,
  );
  t.same(await treeOf(ada.home), before);
});

t.test('of what was changed by hand a copy stays, also where no file does', async t => {
  const ada = await user(t);
  await ada.ok(['setup', 'claude-code', '--project']);
  const file = join(ada.home, '.mcp.json');
  const text = (await readFile(file, 'utf8')).replace('"args"', '"env": {"KEY": "x"}, "args"');
  await writeFile(file, text);
  await ada.ok(['setup', 'claude-code', '--project', '--remove']);
  const [copy = '', ...more] = (await readdir(ada.home)).filter(name => name.includes('.mcp.json'));
  t.same([await readFile(join(ada.home, copy), 'utf8'), more], [text, []]);
});

t.test('whoever sets up, all that is made belongs to whose home it is', async t => {
  const ada = await user(t, { '.claude/settings.json': '{"a": 1}' });
  const { uid } = await stat(ada.home);
  // Only root may give files away, and only root would take them from others.
  const owner = process.getuid?.() === 0 ? 12_345 : uid;
  for (const path of ['', '.claude', '.claude/settings.json']) {
    await chown(join(ada.home, path), owner, owner === uid ? -1 : owner);
  }
  for (const runtime of runtimeNames) await ada.ok(['setup', runtime]);
  await ada.ok(['config', 'set', 'port', '7118']);
  const names = await readdir(ada.home, { recursive: true });
  const foreign = names.filter(name => lstatSync(join(ada.home, name)).uid !== owner);
  t.same(foreign, []);
});

t.test('a hook of ours among those of somebody else goes alone', async t => {
  const group = {
    matcher: 'x',
    hooks: [
      { type: 'command', command: 'say done' },
      { type: 'command', command: "'/opt/my signalbox/signalbox' hook gemini" },
    ],
  };
  const ada = await user(t, {
    '.gemini/settings.json': JSON.stringify({ hooks: { Old: [group] } }),
  });
  await ada.ok(['setup', 'gemini', '--remove']);
  group.hooks.pop();
  t.same(await ada.json('.gemini/settings.json'), { hooks: { Old: [group] } });
});

t.test('the program that users run sets up, knows its own work, and takes it back', async t => {
  const home = await realpath(await tempDir(t));
  const env = { PATH: dirname(process.execPath), HOME: home };
  const start = join(import.meta.dirname, '../../client/bundle/start.cjs');
  const run = (...words: string[]) =>
    execute(process.execPath, [start, 'setup', 'claude-code', ...words], { env });
  await run();
  const standings = async () => JSON.parse((await run('--check', '--json')).stdout).rows;
  for (const { what, standing } of await standings()) t.equal(standing, 'right', what);
  const before = await treeOf(home);
  await run();
  t.same(await treeOf(home), before, 'a second time changes nothing');
  await run('--remove');
  t.same(await treeOf(home), {}, 'and nothing is left');
});
