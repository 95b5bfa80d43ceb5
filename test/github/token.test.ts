// Where the token comes from: the environment first, then a gh that is a script of this test.
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { tokenSource } from '../../broker/github/token.js';
import { fakeGitHub, TOKEN } from '../dsl/fake-github.js';
import { asking, IN_TIME, pullUrl } from './asking.js';

/** A PATH on which there is only a gh that does as `script` says, and notes its arguments. */
async function fakeGh(t: Test, script: string) {
  const dir = t.testdir({});
  const calls = join(dir, 'calls');
  const gh = join(dir, 'gh');
  await writeFile(gh, `#!/bin/sh\necho "$@" >> '${calls}'\n${script}\n`);
  await chmod(gh, 0o755);
  const called = async () =>
    (await readFile(calls, 'utf8').catch(() => '')).split('\n').slice(0, -1);
  return { PATH: dir, called };
}

t.test('the environment names the token, GITHUB_TOKEN before GH_TOKEN, and gh is left', async t => {
  const { PATH, called } = await fakeGh(t, 'echo from-gh');
  t.equal(await tokenSource({ PATH, GITHUB_TOKEN: 'one', GH_TOKEN: 'two' })(), 'one');
  t.equal(await tokenSource({ PATH, GITHUB_TOKEN: ' ', GH_TOKEN: 'two\n' })(), 'two');
  t.same(await called(), []);
});

t.test('without one gh is asked, once, on the first need', async t => {
  const { PATH, called } = await fakeGh(t, 'echo from-gh');
  const token = tokenSource({ PATH });
  t.same(await called(), []);
  t.same(await Promise.all([token(), token()]), ['from-gh', 'from-gh']);
  t.equal(await token(), 'from-gh');
  t.same(await called(), ['auth token --hostname github.com']);
});

t.test('gh gives the token of the server that is asked, and of no other', async t => {
  const { PATH, called } = await fakeGh(t, 'echo from-gh');
  await tokenSource({ PATH, GITHUB_API_URL: 'https://git.example/api/v3' })();
  t.same(await called(), ['auth token --hostname git.example']);
});

t.test('a gh that is absent, fails or says nonsense is no token', async t => {
  t.equal(await tokenSource({ PATH: t.testdir({}) })(), undefined);
  for (const script of ['exit 1', 'echo', 'echo two words', `printf '%2000s' | tr ' ' x`]) {
    const { PATH } = await fakeGh(t, script);
    t.equal(await tokenSource({ PATH: `${PATH}:/usr/bin:/bin` })(), undefined, script);
  }
});

t.test('a gh that hangs is given up', async t => {
  const { PATH } = await fakeGh(t, 'exec /bin/sleep 100000');
  t.equal(await tokenSource({ PATH })(), undefined);
});

t.test('without a token GitHub is not asked at all, and nobody is told off', async t => {
  const github = await fakeGitHub(t);
  github.put({ repo: 'acme/app', number: 1 });
  const nobody = asking(t, github, { token: tokenSource({ PATH: t.testdir({}) }) });
  t.same(await nobody.ask([pullUrl(1)], IN_TIME), []);
  t.equal(github.seen.length, 0);
  t.same(nobody.warnings, []);
  const { PATH } = await fakeGh(t, `echo ${TOKEN}`);
  const env = { PATH, GITHUB_API_URL: github.url };
  const somebody = asking(t, github, { token: tokenSource(env) });
  t.equal((await somebody.ask([pullUrl(1)], IN_TIME)).length, 1);
});
