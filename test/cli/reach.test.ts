// Proves which broker a shell means and who it speaks as.
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { findSite, readEndpoint } from '../../client/cli/reach/endpoint.js';
import {
  findLeft,
  findPerson,
  keepNews,
  makePerson,
  setAside,
  takeBack,
} from '../../client/cli/reach/identity.js';
import { dataDirectory, logDirectory, userPaths } from '../../client/cli/reach/paths.js';
import { noteIds, recentIds } from '../../client/cli/reach/recent.js';
import { nameFrom } from '../../client/cli/reach/who.js';
import { limits } from '../../schemas/limits.js';
import { tempDir } from '../dsl/nats.js';
import { failureOf } from './failure.js';

const ada = { name: 'ada', place: '/d' };

t.test('directories follow XDG, and relative ones are passed over', async t => {
  t.match(userPaths({}, '/home/ada'), {
    data: '/home/ada/.local/share/signalbox',
    state: '/home/ada/.local/state/signalbox',
    cache: '/home/ada/.cache/signalbox',
  });
  const env = { XDG_DATA_HOME: '/d', XDG_STATE_HOME: 'relative' };
  t.match(userPaths(env, '/home/ada'), {
    data: '/d/signalbox',
    state: '/home/ada/.local/state/signalbox',
  });
});

t.test('what is kept lies by log, and no log’s id leads out of its directory', async t => {
  const log = 'log_01a2041f-98ea-74b9-b7d6-359e243eba96';
  t.equal(logDirectory('/s', log), `/s/${log}`);
  for (const hostile of ['../../etc', '', 'log_..', 'log_a/b']) {
    t.match(logDirectory('/s', hostile), /^\/s\/log_[0-9a-f]{32}$/);
  }
});

t.test(
  'the broker is the option’s, else the environment’s, else the one that runs here',
  async t => {
    const paths = userPaths({}, await tempDir(t));
    const options = { mesh: 'default' };
    t.match(await failureOf(findSite(options, {}, paths)), {
      exit: 'unreachable',
      hint: /signalbox up/,
    });

    const dataDir = dataDirectory(paths, 'default');
    await mkdir(dataDir, { recursive: true });
    const own = { url: 'http://127.0.0.1:7117', ws: 'ws://127.0.0.1:7117/ws', pid: 1 };
    const endpoint = JSON.stringify({ ...own, token_file: '/t', mesh: 'default', log: 'log_1' });
    await writeFile(join(dataDir, 'endpoint.json'), endpoint);
    const known = { url: own.url, tokenFile: '/t', mesh: 'default', log: 'log_1' };
    t.match(await findSite(options, {}, paths), known);

    const env = { SIGNALBOX_URL: 'ws://box:1/ws', SIGNALBOX_TOKEN_FILE: '/e' };
    t.match(await findSite(options, env, paths), { url: 'http://box:1', tokenFile: '/e' });
    const named = await findSite({ ...options, url: 'https://other/' }, env, paths);
    t.match(named, { url: 'https://other', tokenFile: '/e' });
    t.equal(named.mesh, undefined);
    const meant = await findSite({ ...options, data: dataDir }, env, paths);
    t.match(meant, known, 'a directory that is named goes before the environment');
    const bare = await findSite({ ...options, url: 'https://other' }, {}, paths);
    t.equal(bare.tokenFile, undefined, 'another broker’s token is never sent to a stranger');
    t.match(await failureOf(findSite({ ...options, url: 'nonsense' }, {}, paths)), {
      exit: 'usage',
    });
  },
);

t.test('a damaged endpoint file is none', async t => {
  const paths = userPaths({}, await tempDir(t));
  await mkdir(dataDirectory(paths, 'm'), { recursive: true });
  await writeFile(join(dataDirectory(paths, 'm'), 'endpoint.json'), '{"url":');
  t.match(await failureOf(findSite({ mesh: 'm' }, {}, paths)), { exit: 'unreachable' });
});

t.test('an endpoint file that is a pipe is none', async t => {
  const dataDir = await tempDir(t);
  execFileSync('mkfifo', [join(dataDir, 'endpoint.json')]);
  t.equal(await readEndpoint(dataDir), undefined);
});

t.test('any user name becomes a peer name', async t => {
  const names = ['Ada Löve', '_www', 'DOMAIN\\bob', '', '李', 'x'.repeat(99)].map(nameFrom);
  t.same(names, ['ada-lo-ve', 'www', 'domain-bob', 'someone', 'someone', 'x'.repeat(64)]);
});

t.test('ten makers of one identity at once all hold the same one, private to the user', async t => {
  const directory = join(await tempDir(t), 'mesh');
  const makers = Array.from({ length: 10 }, () => makePerson(directory, 'ada', ada));
  const [first, ...others] = await Promise.all(makers);
  for (const other of others) t.same(other, first);
  t.same(await readdir(directory), ['ada.json']);
  t.equal((await stat(join(directory, 'ada.json'))).mode & 0o777, 0o600);
  t.equal((await stat(directory)).mode & 0o777, 0o700);
});

t.test('who was renamed is found under both names, and a file’s own name goes first', async t => {
  const directory = await tempDir(t);
  const made = await makePerson(directory, 'ada', ada);
  await keepNews(made, { name: 'countess' });
  t.match(await findPerson(directory, 'ada'), { peer: made.peer, name: 'countess' });
  t.match(await findPerson(directory, 'countess'), { peer: made.peer });
  const other = await makePerson(directory, 'countess', { ...ada, name: 'countess' });
  t.match(await findPerson(directory, 'countess'), { peer: other.peer });
  t.equal(await findPerson(directory, 'nobody'), undefined);
});

t.test('the ids last shown are remembered, up to a bound', async t => {
  const file = join(await tempDir(t), 'deep', 'recent.ids');
  t.same(await recentIds(file), []);
  await noteIds(file, ['ask_1', 'msg_2']);
  t.same(await recentIds(file), ['ask_1', 'msg_2']);
  await noteIds(
    file,
    Array.from({ length: 3 * limits.cli_recent_refs }, (_, n) => `ask_${n}`),
  );
  const kept = await recentIds(file);
  t.equal(kept.length, limits.cli_recent_refs);
  t.equal(kept.at(-1), `ask_${3 * limits.cli_recent_refs - 1}`);
  t.match(await readFile(file, 'utf8'), /\n$/);
});

t.test('who left is set aside, and taken back as the same', async t => {
  const directory = await tempDir(t);
  const made = await makePerson(directory, 'ada', ada);
  await setAside(made);
  t.equal(await findPerson(directory, 'ada'), undefined);
  const left = await findLeft(directory, 'ada');
  t.match(left, { peer: made.peer });
  if (left !== undefined) await takeBack(left);
  t.match(await findPerson(directory, 'ada'), { peer: made.peer });
  t.equal(await findLeft(directory, 'ada'), undefined);
});

t.test('an identity that nobody named is nobody’s by its name', async t => {
  const directory = await tempDir(t);
  await makePerson(directory, '_0123456789abcdef', { name: 'web', place: '/d' });
  t.equal(await findPerson(directory, 'web'), undefined);
  t.match(await findPerson(directory, '_0123456789abcdef'), { name: 'web' });
});

t.test(
  'a damaged identity is told with its file, and a damaged neighbour is passed over',
  async t => {
    const directory = await tempDir(t);
    const file = join(directory, 'ada.json');
    const whole = JSON.stringify({ peer: 'peer_1', secret: 's', name: 'ada' });
    for (const text of ['', '{', 'null', '[]', '{"peer":"peer_1"}', whole, whole.slice(0, 30)]) {
      await writeFile(file, text);
      t.match(
        await failureOf(findPerson(directory, 'ada')),
        { exit: 'failed', message: file },
        text,
      );
      t.equal(await findPerson(directory, 'bob'), undefined);
    }
  },
);
