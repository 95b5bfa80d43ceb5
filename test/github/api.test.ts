// Asks a fake GitHub: what is learned, what is remembered, and what is never asked.
import t from 'tap';
import type { GitHubParts } from '../../broker/github/api.js';
import { limits } from '../../schemas/limits.js';
import { fakeGitHub, NEXT_SHA, SHA, TOKEN } from '../dsl/fake-github.js';
import { asking, IN_TIME, pullUrl } from './asking.js';

t.test('a pull request is asked for as GitHub wants it, and what it says is learned', async t => {
  const github = await fakeGitHub(t);
  github.put({ repo: 'acme/app', number: 7, state: 'closed', merged: true });
  const { ask } = asking(t, github);
  const url = pullUrl(7);
  t.match(await ask([`${url}/files`, url, 'https://GitHub.com/Acme/App/pull/7'], IN_TIME), [
    { pr_url: url, state: 'merged', head_sha: SHA, title: 'Change 7' },
  ]);
  t.equal(github.seen.length, 1, 'one pull request, one question');
  t.match(github.seen[0], {
    path: '/repos/acme/app/pulls/7',
    headers: {
      authorization: `Bearer ${TOKEN}`,
      accept: 'application/vnd.github+json',
      'x-github-api-version': /^\d{4}-\d\d-\d\d$/,
      'user-agent': 'signalbox',
    },
  });
});

t.test('what was learned or refused is not asked again for a minute', async t => {
  const github = await fakeGitHub(t);
  github.put({ repo: 'acme/app', number: 1 });
  const { ask, clock } = asking(t, github);
  const urls = [pullUrl(1), pullUrl(404)];
  t.equal((await ask(urls, IN_TIME)).length, 1);
  clock.pass(limits.github_fresh_ms - 1);
  t.equal((await ask(urls, IN_TIME)).length, 1);
  t.equal(github.seen.length, 2);
  clock.pass(1);
  github.put({ repo: 'acme/app', number: 404 });
  t.equal((await ask(urls, IN_TIME)).length, 2);
  t.equal(github.seen.length, 4);
});

t.test('after the minute only what changed is sent again', async t => {
  const github = await fakeGitHub(t);
  github.put({ repo: 'acme/app', number: 1 });
  const { ask, clock } = asking(t, github);
  const [first] = await ask([pullUrl(1)], IN_TIME);
  clock.pass(limits.github_fresh_ms);
  const again = { ...first, observed_at: clock.now() };
  t.same(await ask([pullUrl(1)], IN_TIME), [again], '304 confirms what is known');
  t.match(github.seen[1]?.headers, { 'if-none-match': /^W\// });
  t.same(await ask([pullUrl(1)], IN_TIME), [again]);
  t.equal(github.seen.length, 2, 'and that is good for another minute');
  clock.pass(limits.github_fresh_ms);
  github.put({ repo: 'acme/app', number: 1, sha: NEXT_SHA });
  t.match(await ask([pullUrl(1)], IN_TIME), [{ head_sha: NEXT_SHA }]);
});

t.test('the memory is bounded: the pull request learned longest ago is asked again', async t => {
  const github = await fakeGitHub(t);
  const { ask } = asking(t, github);
  const count = limits.github_kept_rows + 1;
  for (let at = 1; at <= count; at += limits.github_ask_calls) {
    const rest = Math.min(limits.github_ask_calls, count + 1 - at);
    await ask(
      Array.from({ length: rest }, (_, i) => pullUrl(at + i)),
      IN_TIME,
    );
  }
  t.equal(github.seen.length, count);
  await ask([pullUrl(count), pullUrl(2)], IN_TIME);
  t.equal(github.seen.length, count, 'the later ones are known');
  await ask([pullUrl(1)], IN_TIME);
  t.equal(github.seen.length, count + 1);
});

t.test('few calls are open at once, and few are made for one who asks', async t => {
  const github = await fakeGitHub(t);
  const urls = Array.from({ length: limits.github_ask_calls + 5 }, (_, i) => pullUrl(i + 1));
  for (const [i] of urls.entries()) github.put({ repo: 'acme/app', number: i + 1 });
  let open = 0;
  let mostOpen = 0;
  const fetch: GitHubParts['fetch'] = async (url, how) => {
    mostOpen = Math.max(mostOpen, ++open);
    return globalThis.fetch(url, how).finally(() => open--);
  };
  const { ask } = asking(t, github, { fetch });
  const release = github.hold();
  const both = Promise.all([ask(urls, IN_TIME), ask(urls, IN_TIME)]);
  await github.arrived(limits.github_open_calls);
  release();
  const [first, second] = await both;
  t.equal(mostOpen, limits.github_open_calls);
  t.equal(first?.length, limits.github_ask_calls);
  t.same(second?.length, limits.github_ask_calls, 'two who ask the same share the answers');
  t.equal(github.seen.length, limits.github_ask_calls);
  t.equal((await ask(urls, IN_TIME)).length, urls.length, 'the next who asks gets the rest');
});

t.test('whoever runs out of patience gets what is known, and the next one the rest', async t => {
  const github = await fakeGitHub(t);
  github.put({ repo: 'acme/app', number: 1 });
  github.put({ repo: 'acme/app', number: 2 });
  const { ask } = asking(t, github);
  await ask([pullUrl(1)], IN_TIME);
  const release = github.hold();
  t.match(await ask([pullUrl(1), pullUrl(2)], 20), [{ pr_url: pullUrl(1) }]);
  await github.arrived(2);
  release();
  t.equal((await ask([pullUrl(2)], IN_TIME)).length, 1);
  t.equal(github.seen.length, 2, 'the call under way was not made twice');
  t.same(await ask([pullUrl(3)], 0), [], 'without patience nobody is asked');
  t.equal(github.seen.length, 2);
});

t.test('what nobody waits for any longer is not asked', async t => {
  const github = await fakeGitHub(t);
  const { ask, clock } = asking(t, github);
  const release = github.hold();
  const urls = Array.from({ length: limits.github_open_calls + 3 }, (_, i) => pullUrl(i + 1));
  await ask(urls, 20);
  await github.arrived(limits.github_open_calls);
  clock.pass(20);
  const last = ask([pullUrl(99)], IN_TIME);
  release();
  await last;
  const paths = github.seen.map(({ path }) => path);
  t.equal(paths.length, limits.github_open_calls + 1);
  t.equal(paths.at(-1), '/repos/acme/app/pulls/99');
});

t.test('only hosts that the API answers for are asked about', async t => {
  const asked: string[] = [];
  const fetch = async (url: unknown) => {
    asked.push(String(url));
    return new Response('{}', { status: 404 });
  };
  const urls = [
    'https://github.com/acme/app/pull/1',
    'https://git.example/acme/app/pull/2',
    'https://acme.ghe.com/acme/app/pull/3',
    'https://evil.example/acme/app/pull/4?at=github.com',
    'https://gitlab.com/acme/app/-/merge_requests/5',
    'not a URL',
  ];
  const answersFor: [string | undefined, string[]][] = [
    [undefined, ['https://api.github.com/repos/acme/app/pulls/1']],
    ['', ['https://api.github.com/repos/acme/app/pulls/1']],
    ['https://api.github.com/', ['https://api.github.com/repos/acme/app/pulls/1']],
    ['https://git.example/api/v3', ['https://git.example/api/v3/repos/acme/app/pulls/2']],
    ['https://api.acme.ghe.com', ['https://api.acme.ghe.com/repos/acme/app/pulls/3']],
    ['http://git.example/api/v3', []],
    ['https://user:pass@git.example/api/v3', []],
    ['nonsense', []],
  ];
  for (const [apiUrl, calls] of answersFor) {
    asked.length = 0;
    const { ask } = asking(t, { url: apiUrl }, { fetch });
    await ask(urls, IN_TIME);
    t.same(asked, calls, `${apiUrl}`);
  }
});

t.test('a stand-in for the API answers for every host', async t => {
  const github = await fakeGitHub(t);
  github.put({ repo: 'acme/app', number: 1 });
  const { ask } = asking(t, github);
  const here = `http://${github.host}/acme/app/pull/1`;
  const seen = await ask([here, 'https://git.example/Acme/App/pull/1'], IN_TIME);
  const urls = seen.map(({ pr_url }) => pr_url).sort();
  t.same(urls, [here, 'https://git.example/acme/app/pull/1'].sort(), 'under the URLs asked for');
});

t.test('a closed one ends its calls and makes no more', async t => {
  const github = await fakeGitHub(t);
  const { ask, close, warnings } = asking(t, github);
  github.hold();
  const answer = ask([pullUrl(1)], IN_TIME);
  await github.arrived(1);
  close();
  t.same(await answer, []);
  t.same(await ask([pullUrl(2)], IN_TIME), []);
  t.equal(github.seen.length, 1);
  t.same(warnings, []);
});
