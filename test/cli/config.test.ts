// Proves the config file and contexts: who is heard first, what is kept, and what hostile files do.
import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { entriesOf } from '../../client/cli/config/document.js';
import { plainLines } from '../../client/cli/config/plain-lines.js';
import { limits } from '../../schemas/limits.js';
import { openBroker } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { inside } from './inside.js';
import { newShell } from './shell.js';

const house = await openBroker(t, { durability: 'os' });
const elsewhere = { ready: { ...house.ready, url: 'http://127.0.0.1:9' } };

/** Somebody who was given no broker, with two contexts: a living one and one that is nowhere. */
async function user(t: Test, env: NodeJS.ProcessEnv = {}, isTold = false) {
  const home = await tempDir(t);
  const project = join(home, 'project');
  await mkdir(join(project, '.git'), { recursive: true });
  await mkdir(join(project, 'deep'));
  const nothing = { SIGNALBOX_URL: undefined, SIGNALBOX_TOKEN_FILE: undefined };
  const as = { SIGNALBOX_AS: undefined };
  const more = { home, directory: join(project, 'deep') };
  const person = await inside(t, elsewhere, 'ada', {
    ...more,
    env: { ...(isTold ? {} : nothing), ...as, ...env },
  });
  const file = join(home, '.config', 'signalbox', 'config.yaml');
  await mkdir(join(home, '.config', 'signalbox'), { recursive: true });
  const { url, token_file } = house.ready;
  const token = await readFile(token_file, 'utf8');
  await person.ok(['context', 'add', 'here', url, '--token-stdin'], token);
  await person.ok(['context', 'add', 'far', 'https://far.lan:1', '--token-file', token_file]);
  return { ...person, project, file, shared: join(project, '.signalbox.yaml') };
}

t.test('a context is a broker by name: its token is kept 0600 and shown nowhere', async t => {
  const ada = await user(t);
  const room = join(ada.home, '.config', 'signalbox', 'contexts');
  t.equal((await stat(join(room, 'here.token'))).mode & 0o777, 0o600);
  t.equal((await stat(join(room, 'here.json'))).mode & 0o777, 0o600);
  const token = (await readFile(house.ready.token_file, 'utf8')).trim();
  for (const call of [['list'], ['list', '--json'], ['show', 'here'], ['show', 'here', '--json']]) {
    const { code, stdout, stderr } = await ada.run(['context', ...call]);
    t.equal(code, 0);
    t.notOk(`${stdout}${stderr}`.includes(token), call.join(' '));
  }
  const { log } = (await ada.json(['status', '--context', 'here'])) as { log: string };
  t.equal(log, house.ready.log, 'and it is spoken to by its name');
  t.match(await ada.run(['down', '--context', 'here']), { code: 0 }, 'none runs in this home');

  const again = ['context', 'add', 'here', 'https://other.lan', '--token-stdin'];
  t.match(await ada.run(again, 'x'), { code: 6, stderr: /--replace/ });
  t.match(await ada.run([...again, '--replace'], 'x y'), { code: 2, stderr: /one line/ });
  const secret = ['context', 'add', 'c', 'https://u:p@far.lan', '--token-stdin'];
  t.match(await ada.run(secret, 'x'), { code: 2, stderr: /no credentials/ });
  for (const bad of ['local', '../x', 'A', '']) {
    t.equal((await ada.run(['context', 'add', bad, 'http://a', '--token-stdin'], 'x')).code, 2);
  }
  t.match(await ada.run(['context', 'use', 'gone']), { code: 5, stderr: /context list/ });

  await ada.ok(['context', 'use', 'here']);
  t.match(await ada.run(['context', 'remove', 'here']), { code: 0, stderr: /one in use/ });
  await t.rejects(stat(join(room, 'here.token')), 'its token goes with it');
  t.equal(await readFile(ada.file, 'utf8'), '', 'and so does its use');
});

t.test('precedence: options, environment, project, user, the broker here', async t => {
  const ada = await user(t);
  const meant = async (...typed: string[]) =>
    (await ada.json(['context', 'show', ...typed])) as { context?: string; by: string };
  t.match(await meant(), { context: 'local', mesh: 'default' });
  await ada.ok(['config', 'set', 'context', 'far']);
  t.match(await meant(), { context: 'far', by: ada.file });
  await ada.ok(['context', 'use', 'here', '--project']);
  t.match(await meant(), { context: 'here', by: ada.shared }, 'from deep within the project');
  t.match(await ada.json(['status']), { log: house.ready.log });
  t.match(await meant('--context', 'far'), { context: 'far', by: '--context' });
  t.match(await meant('--mesh', 'work'), { context: 'local', mesh: 'work', by: '--mesh' });
  t.match(await meant('--url', 'http://a.lan'), { url: 'http://a.lan', by: '--url' });
  t.match(await ada.run(['peers', '--context', 'far', '--url', 'http://a']), { code: 2 });

  const told = await user(t, { SIGNALBOX_CONTEXT: 'here' }, true);
  t.match(await told.json(['context', 'show']), { url: elsewhere.ready.url, by: 'SIGNALBOX_URL' });
  t.match(await told.run(['status', '--context', 'local']), { code: 7, stderr: /no broker runs/ });
  t.match(await told.json(['status', '--context', 'here']), { log: house.ready.log });
  const named = await user(t, { SIGNALBOX_CONTEXT: 'here' });
  await named.ok(['config', 'set', 'context', 'far', '--project']);
  t.match(await named.json(['context', 'show']), { context: 'here', by: 'SIGNALBOX_CONTEXT' });
});

t.test('no project says who is shown a token or a secret that its user named', async t => {
  const ada = await user(t);
  await ada.ok(['context', 'use', 'here', '--project']);
  const token = ['--token-file', house.ready.token_file];
  const { code, stderr } = await ada.run(['status', ...token]);
  t.equal(code, 2);
  t.match(stderr, /a project does not say where --token-file goes, here here.*--context here/s);
  t.match(await ada.json(['status', '--context', 'here', ...token]), { log: house.ready.log });
  const agent = { SIGNALBOX_PEER: 'peer_x', SIGNALBOX_SECRET_FILE: house.ready.token_file };
  const bound = await user(t, agent);
  await bound.ok(['context', 'use', 'here', '--project']);
  t.match(await bound.json(['context', 'show']), { context: 'local', mesh: 'default' });
  t.match(await bound.run(['inbox']), { code: 7 }, 'and so nobody is shown the secret');
});

t.test('what the file says of who joins: a person’s name, an agent’s role, a circle', async t => {
  const ada = await user(t);
  await writeFile(ada.file, 'context: here\nas: grace\nrole: orchestrator\ncircle: web\n');
  t.match(await ada.json(['join']), { name: 'grace', role: 'human', circle: 'web' });
  const agent = await user(t, { CLAUDE_CODE_SESSION_ID: 's1', CLAUDECODE: '1' });
  await writeFile(agent.file, 'context: here\nas: grace\nrole: orchestrator\n');
  t.match(await agent.json(['join']), { name: 'project', role: 'orchestrator' });
});

t.test('a change keeps every other line, comment and byte', async t => {
  const ada = await user(t);
  await writeFile(
    ada.file,
    '# mine\r\n\r\nport:   7118   # the port\r\nallow-host:\r\n  - a:1\r\n  - b\r\n',
  );
  t.equal(await ada.ok(['config', 'get', 'allow-host']), 'a:1,b\n');
  await ada.ok(['config', 'set', 'port', '7119']);
  await ada.ok(['config', 'set', 'nats-creds', '/a b/#\'c"é']);
  await ada.ok(['config', 'unset', 'allow-host']);
  const text = await readFile(ada.file, 'utf8');
  t.equal(text.split('nats-creds')[0], '# mine\r\n\r\nport:   7119   # the port\r\n');
  t.equal(await ada.ok(['config', 'get', 'nats-creds']), '/a b/#\'c"é\n');
  await ada.ok(['config', 'unset', 'nats-creds']);
  t.match(await ada.run(['config', 'get', 'nats-creds']), { code: 5 });
  t.match(await ada.run(['config', 'set', 'prot', '1']), { code: 2, stderr: /did you mean port/ });
  t.match(await ada.run(['config', 'set', 'port', '70000']), { code: 2, stderr: /0 to 65535/ });
  t.match(await ada.run(['config', 'set', 'nats', 'nats://u:p@h:1']), { code: 2, stderr: /creds/ });
  t.match(await ada.run(['config', 'set', 'as', 'bob', '--project']), { code: 2 }, 'of a project');
  const kept = join(ada.home, 'kept.yaml');
  await writeFile(kept, 'port: 1\n');
  const linked = await user(t);
  await symlink(kept, linked.file);
  await linked.ok(['config', 'set', 'port', '2']);
  t.equal(await readFile(kept, 'utf8'), 'port: 2\n', 'a link stays one');
});

const bomb = `a: &a [${'x,'.repeat(50)}]\n`;
const hostile: Record<string, [text: string | Buffer, told: RegExp]> = {
  'an unknown key': ['# c\nprot: 1\n', /config\.yaml:2:1: there is no key "prot"\n.*mean port/],
  'an unknown key in YAML': ['allow-host: [a]\ncolour: x\n', /:2:1: there is no key "colour"/],
  'a wrong value': ['port: many\n', /:1:1: port has to be a port/],
  'broken YAML': ['port: 1\nas: [a\n', /config\.yaml:\d+:\d+: /],
  'the same key twice': ['port: 1\nport: 2\n', /:2:1: .*unique/],
  'an anchor': [`${bomb}port: 1\n`, /anchors, aliases and tags|no key "a"/],
  'an alias': ['port: &p 1\nas: *p\n', /:1:\d+: anchors/],
  'a tag': ['port: !!js/function "1"\n', /:1:\d+: /],
  'a merge': ['<<: {port: 1}\n', /:1:\d+: /],
  'two documents': ['port: 1\n---\nport: 2\n', /:\d+:\d+: /],
  'a prototype': ['__proto__: 1\n', /there is no key "__proto__"/],
  'a list': ['- port\n', /a list of lines/],
  'no value': ['port:\n', /needs a value/],
  nesting: [`port: ${'['.repeat(30_000)}\n`, /config\.yaml:/],
  'what hooks do not see': ['context: >-\n  here\n', /hooks do not see[^\n]*\n.*context: here/],
  'a long file': ['#'.repeat(limits.config_bytes + 1), /longer than 64 KiB/],
  'a binary file': [Buffer.from([0, 255, 254, 7]), /no text/],
};

t.test('no config file crashes a verb: each fault is told with its place and cure', async t => {
  const ada = await user(t);
  for (const [what, [text, told]] of Object.entries(hostile)) {
    await writeFile(ada.file, text);
    const { code, stderr } = await ada.run(['peers']);
    t.ok([1, 2].includes(code ?? -1), `${what}: exit ${code}`);
    t.match(stderr, told, what);
    t.notMatch(stderr, /went wrong inside|\n {4}at /, what);
    t.match(await ada.run(['config', 'set', 'port', '1']), { code }, `${what}: not written over`);
    t.same(await readFile(ada.file), Buffer.from(text));
  }
  t.match(await ada.run(['config', 'path']), { code: 0 }, 'where to mend it is told');
  await writeFile(ada.file, 'port: 1\n');
  await chmod(ada.file, 0o666);
  t.match(await ada.run(['peers']), { code: 4, stderr: /chmod o-w/ });
});

t.test('a hook goes by the same files, and a broken one costs it a line', async t => {
  const ada = await user(t);
  const shell = await newShell(t, { HOME: ada.home });
  const input = JSON.stringify({
    hook_event_name: 'SessionStart',
    session_id: 's-hook',
    cwd: ada.project,
    source: 'startup',
  });
  await writeFile(ada.shared, 'context: here\nrole: orchestrator\n');
  t.match(await shell.run(['hook', 'claude-code'], input), { code: 0, stderr: '' });
  const { rows } = (await ada.json(['peers', '--all'])) as { rows: { path: string }[] };
  const joined = rows.filter(({ path }) => path === ada.project);
  t.match(joined, [{ role: 'orchestrator' }], 'it joined the broker that the project means');
  await writeFile(ada.file, Buffer.from([0, 255, 7]));
  const broken = await shell.run(['hook', 'claude-code', '--context', 'here'], input);
  t.match(broken, {
    code: 0,
    stdout: '',
    stderr: /^signalbox: cannot use [^\n]*config.yaml[^\n]*\n$/,
  });
});

t.test('setup binds an agent to the context that was typed, and to none otherwise', async t => {
  const ada = await user(t);
  const shown = await ada.ok(['setup', 'codex', '--dry-run', '--context', 'here']);
  t.match(shown, /hook codex --context here/);
  t.match(shown, /"mcp", ?"--context", ?"here"/);
  t.match(await ada.run(['setup', 'codex', '--dry-run', '--context', 'gone']), { code: 5 });
  await ada.ok(['context', 'use', 'here']);
  t.notMatch(await ada.ok(['setup', 'codex', '--dry-run']), /--context/);
});

t.test('lines that are read without YAML mean in YAML the same', async t => {
  const values = ['7118', 'a.b-c', '"x y"', "'it'", 'true', '~', '1e3', 'a:1', 'a#b', '::', "''"];
  const ends = ['', '  # c', '#c', ' ', '\t# c'];
  let whole = 0;
  for (const value of values) {
    for (const end of ends) {
      const text = `# c\nkey: ${value}${end}\n\nother: 1\n`;
      const { entries, isWhole } = plainLines(text);
      if (!isWhole) continue;
      whole++;
      t.same(
        entries.filter(({ value }) => value !== ''),
        safely(text),
        text,
      );
    }
  }
  t.ok(whole > 20, `${whole} of them`);
});

function safely(text: string) {
  try {
    return entriesOf(text);
  } catch (error) {
    return String(error);
  }
}
