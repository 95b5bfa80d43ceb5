// Trust in the hooks of Codex: agreed to, told, taken back, with a Codex that is a script.
import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import t, { type Test } from 'tap';
import { tempDir } from '../dsl/nats.js';
import { treeOf, user } from './user.js';

/**
 * Lists the hooks of hooks.json, and holds what config.toml says of each to a hash of its own:
 * here the command itself.
 */
const APP_SERVER = `
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
const home = process.env.HOME + '/.codex/';
const said = name => { try { return readFileSync(home + name, 'utf8'); } catch { return ''; } };
function list() {
  const found = Object.entries(JSON.parse(said('hooks.json') || '{}').hooks ?? {});
  return found.flatMap(([event, groups]) => groups.flatMap(({ hooks }, group) =>
    hooks.map(({ command }, at) => {
      const key = home + 'hooks.json:' + event + ':' + group + ':' + at;
      const [, after] = said('config.toml').split('[hooks.state.' + JSON.stringify(key) + ']\\n');
      const hash = 'sha256:' + command.length;
      const isSame = after?.startsWith('trusted_hash = "' + hash + '"');
      const trustStatus = isSame ? 'trusted' : after === undefined ? 'untrusted' : 'modified';
      const sourcePath = home + 'hooks.json';
      return { key, eventName: event, command, sourcePath, currentHash: hash, trustStatus };
    })));
}
createInterface({ input: process.stdin }).on('line', line => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  const result = method === 'hooks/list' ? { data: [{ hooks: list() }] } : {};
  console.log('{"method":"warning"}\\n' + JSON.stringify({ id, result }));
});
`;

/** A user with a Codex that runs such a script. */
async function codexUser(t: Test, script: string, files = {}) {
  const bin = await tempDir(t);
  await writeFile(join(bin, 'codex.mjs'), script);
  const program = `#!/bin/sh\nexec '${process.execPath}' '${bin}/codex.mjs'\n`;
  await writeFile(join(bin, 'codex'), program, { mode: 0o755 });
  return user(t, files, { PATH: [bin, '/usr/bin', '/bin'].join(delimiter) });
}

const CONFIG = { '.codex/config.toml': 'model = "x"\n\n[projects."/w"]\ntrust_level = "trusted"' };

t.test('hooks are trusted once that was agreed to, and a removal takes it back', async t => {
  const ada = await codexUser(t, APP_SERVER, CONFIG);
  const before = await treeOf(ada.home);
  const trust = async () => {
    const { code, stdout } = await ada.run(['setup', 'codex', '--check', '--json']);
    const rows = JSON.parse(stdout).rows as { what: string; standing: string }[];
    const ours = rows.filter(({ what }) => what.startsWith('trust in'));
    return [code, ours.length, ...new Set(ours.map(({ standing }) => standing))];
  };
  const first = await ada.run(['setup', 'codex']);
  t.match(first.stderr, /these are to run at its events:\n.* hook codex\n/);
  t.match(first.stderr, /not trusted: in codex say \/hooks/, 'nobody was there to agree');
  t.same(await trust(), [1, 5, 'untrusted']);
  const doctor = async () => {
    const { rows } = JSON.parse((await ada.run(['doctor', '--json'])).stdout);
    return (rows as { what: string }[]).find(({ what }) => what === 'codex trust');
  };
  t.match(await doctor(), {
    ok: false,
    detail: /trust 5 of 5/,
    cure: /^signalbox setup codex --trust/,
  });
  t.match((await ada.run(['setup', 'codex', '--trust'])).stderr, /Codex trusts these hooks now/);
  t.same(await trust(), [0, 5, 'trusted']);
  t.match(await doctor(), { ok: true, detail: /all 5/ });
  const after = await treeOf(ada.home);
  t.match((await ada.run(['setup', 'codex', '--yes'])).stderr, /Codex trusts these hooks\n/);
  t.same(await treeOf(ada.home), after, 'nothing more');
  await ada.run(['setup', 'codex', '--allow-tools']);
  t.same(await trust(), [0, 5, 'trusted'], 'another change leaves it');
  await ada.run(['setup', 'codex', '--remove']);
  t.same(await treeOf(ada.home), before);
});

t.test('a hook that another one moved, or that was changed, is trusted anew', async t => {
  const ada = await codexUser(t, APP_SERVER, CONFIG);
  await ada.run(['setup', 'codex', '--trust']);
  const path = join(ada.home, '.codex/hooks.json');
  const settings = JSON.parse(await readFile(path, 'utf8'));
  settings.hooks.Stop.unshift({ hooks: [{ type: 'command', command: 'say done' }] });
  await writeFile(path, JSON.stringify(settings));
  const { stderr } = await ada.run(['setup', 'codex', '--trust']);
  t.match(stderr, /Codex trusts these hooks now/);
  const config = await ada.read('.codex/config.toml');
  t.match(config, /Stop:1:0"\]/);
  t.notMatch(config, /Stop:0:0"\]/, 'not that of somebody else');
  t.notMatch(stderr, /say done/);
  const own = config.replace(/# signalbox[^\n]*\n(\[hooks\.state[^\n]*Stop:1:0"\]\n)/, '$1');
  await writeFile(
    join(ada.home, '.codex/config.toml'),
    own.replace(/(Stop:1:0"\]\n.*)"/, '$1 old"'),
  );
  const third = (await ada.run(['setup', 'codex', '--trust'])).stderr;
  t.match(third, /does not yet trust 1 of them/, 'what its user had said stays theirs');
});

t.test('a Codex that is missing, old, or talks nonsense leaves the step to its user', async t => {
  const scripts = [
    'process.exit(1);',
    'console.log("{}\\nno json\\n{\\"id\\":1,\\"error\\":{}}");setInterval(() => {}, 1000);',
    APP_SERVER.replace('data: [', 'other: ['),
    APP_SERVER.replace('currentHash: hash', 'currentHash: 1'),
  ];
  for (const script of scripts) {
    const ada = await codexUser(t, script);
    const { code, stderr } = await ada.run(['setup', 'codex', '--trust']);
    t.equal(code, 0);
    t.match(stderr, /none here can be asked: in codex say \/hooks/);
  }
  const bob = await user(t, {}, { PATH: '/none' });
  t.match((await bob.run(['setup', 'codex', '--trust'])).stderr, /none here can be asked/);
});
