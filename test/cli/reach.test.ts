// Proves which broker a shell means and who it speaks as.
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { findSite } from '../../client/cli/reach/endpoint.js';
import { findPerson, keepName, makePerson, nameFrom } from '../../client/cli/reach/identity.js';
import { dataDirectory, identityDirectory, userPaths } from '../../client/cli/reach/paths.js';
import { noteIds, recentIds } from '../../client/cli/reach/recent.js';
import { limits } from '../../schemas/limits.js';
import { tempDir } from '../nats.js';
import { failureOf } from './failure.js';

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

t.test('identities lie by mesh, or by URL when the mesh is another machine’s', async t => {
  const paths = userPaths({}, '/home/ada');
  const url = 'http://box.lan:7117';
  t.equal(identityDirectory(paths, { mesh: 'work', url }), `${paths.state}/work`);
  const foreign = identityDirectory(paths, { url });
  t.match(foreign, /\/url-[0-9a-f]{16}$/);
  t.not(foreign, identityDirectory(paths, { url: `${url}8` }));
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
    const endpoint = JSON.stringify({ ...own, token_file: '/t', mesh: 'default' });
    await writeFile(join(dataDir, 'endpoint.json'), endpoint);
    t.match(await findSite(options, {}, paths), { url: own.url, tokenFile: '/t', mesh: 'default' });

    const env = { SIGNALBOX_URL: 'ws://box:1/ws', SIGNALBOX_TOKEN_FILE: '/e' };
    t.match(await findSite(options, env, paths), { url: 'http://box:1', tokenFile: '/e' });
    const named = await findSite({ ...options, url: 'https://other/' }, env, paths);
    t.match(named, { url: 'https://other', tokenFile: '/e' });
    t.equal(named.mesh, undefined);
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

t.test('any user name becomes a peer name', async t => {
  const names = ['Ada Löve', '_www', 'DOMAIN\\bob', '', '李', 'x'.repeat(99)].map(nameFrom);
  t.same(names, ['ada-lo-ve', 'www', 'domain-bob', 'someone', 'someone', 'x'.repeat(64)]);
});

t.test('ten makers of one identity at once all hold the same one, private to the user', async t => {
  const directory = join(await tempDir(t), 'mesh');
  const makers = Array.from({ length: 10 }, () => makePerson(directory, 'ada'));
  const [first, ...others] = await Promise.all(makers);
  for (const other of others) t.same(other, first);
  t.same(await readdir(directory), ['ada.json']);
  t.equal((await stat(join(directory, 'ada.json'))).mode & 0o777, 0o600);
  t.equal((await stat(directory)).mode & 0o777, 0o700);
});

t.test('who was renamed is found under both names, and a file’s own name goes first', async t => {
  const directory = await tempDir(t);
  const ada = await makePerson(directory, 'ada');
  await keepName(ada, 'countess');
  t.match(await findPerson(directory, 'ada'), { peer: ada.peer, name: 'countess' });
  t.match(await findPerson(directory, 'countess'), { peer: ada.peer });
  const other = await makePerson(directory, 'countess');
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
