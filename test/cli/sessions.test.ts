// Sessions take part in their own right: their role, runtime, project and identity, from the start.
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { callOnce } from '../../client/index.js';
import { join as joinPeer, openBroker } from '../dsl/live-broker.js';
import { identityFile } from './identity-file.js';
import { type Inside, inside } from './inside.js';
import { finished, newShell } from './shell.js';

const house = await openBroker(t, { durability: 'os' });
const operator = { url: house.ready.url, credential: house.token };
const whoami = async (one: Inside) => JSON.parse(await one.ok(['whoami', '--json']));

t.test('a role, circle and all that one is are said at join, and kept', async t => {
  const boss = await inside(t, house, 'boss');
  const said = ['--role', 'orchestrator', '--circle', 'web', '--project', 'shop'];
  const more = ['--runtime', 'Codex', '--model', 'm1', '--machine', 'box', '--path', '/w'];
  const what = ['--description', 'leads'];
  t.match(await boss.ok(['join', ...said, ...more, ...what]), 'boss, orchestrator in circle web');
  const told = { role: 'orchestrator', circle: 'web', project: 'shop', runtime: 'Codex' };
  const rest = { model: 'm1', machine: 'box', path: '/w', description: 'leads' };
  t.match(await whoami(boss), { ...told, ...rest });
  t.match(JSON.parse(await boss.ok(['join', '--json'])), { role: 'orchestrator', circle: 'web' });
  t.match(await whoami(boss), { role: 'orchestrator', model: 'm1', runtime: 'Codex' });
  t.match(await boss.run(['join', '--circle', 'api']), {
    code: 6,
    stderr: /belongs to circle web/,
  });
  t.match(await boss.run(['join', '--role', 'king']), { code: 2, stderr: /orchestrator/ });
  const long = await boss.run(['join', '--model', 'x'.repeat(1_000)]);
  t.match(long, { code: 2, stderr: /--model is too long/ });
  await boss.ok(['leave']);
  t.match(await boss.run(['join', '--circle', 'api']), { code: 0, stdout: /in circle api/ });
});

t.test('in the shell of a coding agent one is an agent of that runtime', async t => {
  const shells: readonly (readonly [runtime: string, env: NodeJS.ProcessEnv])[] = [
    ['Claude Code', { CLAUDECODE: '1' }],
    ['Claude Code', { CLAUDE_CODE_ENTRYPOINT: 'cli' }],
    ['Codex', { CODEX_SANDBOX: 'seatbelt' }],
    ['Codex', { CODEX_THREAD_ID: 'a1' }],
    ['Gemini CLI', { GEMINI_CLI: '1' }],
    ['OpenCode', { OPENCODE: '1' }],
  ];
  for (const [n, [runtime, env]] of shells.entries()) {
    const agent = await inside(t, house, `agent${n}`, { env });
    await agent.ok(['join']);
    t.match(await whoami(agent), { role: 'agent', runtime, name: `agent${n}` });
  }
  // What a person sets to configure one is no agent's shell.
  const env = { CLAUDECODE: '', CODEX_HOME: '/x', CLAUDE_CODE_MAX_OUTPUT_TOKENS: '9' };
  const ada = await inside(t, house, 'ada', { env });
  await ada.ok(['join']);
  t.match(await whoami(ada), { role: 'human', runtime: undefined });
});

t.test('the shell of a coding agent never speaks as a person, whoever joined as one', async t => {
  const ada = await inside(t, house, 'ada-a');
  await ada.ok(['join']);
  const api = await joinPeer(t, house, 'asker');
  const question = { kind: 'permission', options: [{ id: 'allow', label: 'Allow' }] };
  const ask = await api.ask('ada-a', 'May I?', { question });
  const agent = await inside(t, house, 'ada-a', { home: ada.home, env: { CLAUDECODE: '1' } });
  for (const words of [
    ['approve', ask],
    ['reply', ask, '--allow'],
    ['open'],
    ['join'],
    ['inbox'],
  ]) {
    const refusal = {
      code: 4,
      stdout: '',
      stderr: /ada-a is a person, and this a shell of Claude/,
    };
    t.match(await agent.run(words), refusal, words.join(' '));
  }
  await ada.ok(['leave']);
  t.match(await agent.run(['join']), { code: 4 }, 'nor as one who left');
  const eve = await inside(t, house, 'eve', { env: { CODEX_CI: '1' } });
  t.match(await eve.run(['join', '--role', 'human']), { code: 4, stderr: /a shell of Codex/ });
});

t.test('two agents of one user are two peers, by folder and by session', async t => {
  const { home } = await inside(t, house, 'nobody');
  const env = { SIGNALBOX_AS: undefined, CLAUDECODE: '1' };
  for (const path of ['web/.git', 'web/deep', 'api/.git']) {
    await mkdir(join(home, path), { recursive: true });
  }
  const at = (folder: string, session?: string) => {
    const CLAUDE_CODE_SESSION_ID = session;
    const directory = join(home, folder);
    return inside(t, house, 'u', { home, directory, env: { ...env, CLAUDE_CODE_SESSION_ID } });
  };
  const shells = [await at('web'), await at('api'), await at('web', 's1'), await at('web', 's2')];
  for (const shell of shells) t.match(await shell.run(['join']), { code: 0 });
  const selves = await Promise.all(shells.map(whoami));
  t.equal(new Set(selves.map(({ peer }) => peer)).size, 4);
  t.same(
    selves.map(({ project }) => project),
    ['web', 'api', 'web', 'web'],
  );
  t.same(
    selves.map(({ name }) => name),
    ['web', 'api', 'web-2', 'web-3'],
  );
  t.equal((await whoami(await at('web/deep'))).peer, selves[0].peer, 'one work tree, one peer');
  t.equal((await whoami(await at('api', 's1'))).peer, selves[2].peer, 'a session may go about');
});

t.test('a linked work tree is of its repository’s project, and a peer of its own', async t => {
  const { home } = await inside(t, house, 'nobody');
  const meta = join(home, 'shop/.git/worktrees/hotfix');
  await mkdir(meta, { recursive: true });
  await writeFile(join(meta, 'commondir'), '../..\n');
  await mkdir(join(home, 'hotfix'));
  await writeFile(join(home, 'hotfix/.git'), `gitdir: ${meta}\n`);
  const directory = join(home, 'hotfix');
  const env = { SIGNALBOX_AS: undefined, CODEX_SANDBOX: '1' };
  const agent = await inside(t, house, 'u', { home, directory, env });
  await agent.ok(['join']);
  t.match(await whoami(agent), { project: 'shop', name: 'hotfix' });
});

t.test('a folder with a long name of emoji is a project, cut between characters', async t => {
  const { home } = await inside(t, house, 'nobody');
  const directory = join(home, `x${'🚂'.repeat(150)}`);
  const eva = await inside(t, house, 'eva', { home, directory });
  t.match(await eva.run(['join']), { code: 0 });
  t.match(await whoami(eva), { project: /^x🚂+$/u });
});

t.test('the first word joins, once, and says so', async t => {
  const gus = await inside(t, house, 'gus');
  await (await inside(t, house, 'hal')).ok(['join']);
  const first = await gus.run(['notify', 'hal', 'hello']);
  t.match(first, { code: 0, stderr: /^joined as gus \(human\) in circle default; / });
  t.match(await gus.run(['notify', 'hal', 'again']), { code: 0, stderr: '' });
  const { peer } = await whoami(gus);
  await gus.ok(['leave']);
  const anew = await gus.run(['notify', 'hal', 'once more']);
  t.match(anew, { code: 0, stderr: /joined as gus/ });
  t.not((await whoami(gus)).peer, peer, 'who had left begins as a new peer');
  await gus.ok(['leave']);
  const left = JSON.parse(await gus.ok(['join', '--json']));
  t.match(await whoami(gus), { peer: left.peer, name: 'gus' });
});

t.test('twenty first words at once make one peer that joins once', async t => {
  const ida = await newShell(t, {
    SIGNALBOX_AS: 'ida',
    SIGNALBOX_URL: house.ready.url,
    SIGNALBOX_TOKEN_FILE: house.ready.token_file,
  });
  const words = Array.from({ length: 20 }, (_, n) =>
    finished(ida.start('notify', 'boss', `${n}`, '--circle', 'api')),
  );
  const runs = await Promise.all(words);
  for (const { code, stderr } of runs) t.equal(code, 0, stderr);
  t.ok(runs.some(({ stderr }) => stderr.includes('joined as ida')));
  const { rows } = await callOnce(operator, 'peer.list', { circle: '*', offline: true });
  t.same(
    rows.filter(({ name }) => name.startsWith('ida')).map(({ name }) => name),
    ['ida'],
  );
  const log = await (await inside(t, house, 'w')).ok([
    'tail',
    '--from',
    'start',
    '--no-follow',
    '--json',
  ]);
  const joins = log.split('\n').filter(line => /"peer.joined"/.test(line) && /"ida"/.test(line));
  t.equal(joins.length, 1);
  const file = await identityFile(ida.env.HOME ?? '', 'ida');
  t.equal((await stat(file)).mode & 0o777, 0o600);
  t.equal((await stat(dirname(file))).mode & 0o777, 0o700);
  t.same(
    (await readdir(dirname(file))).filter(name => name.includes('ida')),
    ['ida.json'],
  );
});

t.test('a token made with defaults lets one join with defaults, and says as what', async t => {
  const maker = await inside(t, house, 'maker');
  const holder = async (name: string, ...options: string[]) => {
    const file = join(maker.home, `${name}.token`);
    await maker.ok(['token', 'create', name, '--out', file, ...options]);
    return inside(t, house, name, { env: { SIGNALBOX_TOKEN_FILE: file } });
  };
  const kit = await holder('kit');
  t.match(await kit.run(['join']), {
    code: 0,
    stderr: /not allow the role human: joining as agent/,
  });
  t.match(await whoami(kit), { role: 'agent' });
  const lou = await holder('lou', '--circles', 'web', '--roles', 'service');
  t.match(await lou.run(['notify', 'lou', 'x']), {
    code: 0,
    stderr: /joined as lou \(service\) in circle web/,
  });
  const refused = await lou.run(['join', '--role', 'human', '--as', 'max']);
  t.match(refused, { code: 4, stderr: /role human\n.*--role service/ });
  const ned = await holder('ned', '--circles', 'web,api', '--roles', 'human');
  t.match(await ned.run(['join']), {
    code: 4,
    stderr: /circle default\n.*--circle web or --circle api/,
  });
  t.match(await ned.run(['join', '--circle', 'api']), { code: 0 });
  const oda = await holder('oda', '--verbs', 'observe');
  t.match(await oda.run(['notify', 'kit', 'x']), { code: 4, stderr: /may not speak/ });
  t.match(await oda.run(['peers', '--all']), { code: 0, stdout: /kit/ });
});

t.test('an identity goes with its log to another address, and to a log that goes on', async t => {
  const pia = await inside(t, house, 'pia');
  const { peer } = JSON.parse(await pia.ok(['join', '--json']));
  const url = house.ready.url.replace('127.0.0.1', 'localhost');
  const same = await inside(t, house, 'pia', { home: pia.home, env: { SIGNALBOX_URL: url } });
  t.equal((await whoami(same)).peer, peer);
  const file = await identityFile(pia.home, 'pia');
  const former = join(dirname(dirname(file)), 'log_00000000-0000-7000-8000-000000000000');
  await mkdir(former);
  await rename(file, join(former, 'pia.json'));
  t.equal((await whoami(pia)).peer, peer, 'as after a loss was accepted');
});
