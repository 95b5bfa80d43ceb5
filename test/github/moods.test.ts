// GitHub in a bad mood: refusals, pauses, silence and traps; the token goes nowhere else.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import type { GitHubParts } from '../../broker/github/api.js';
import { quietAsked } from '../../broker/github/request.js';
import { limits } from '../../schemas/limits.js';
import { fakeGitHub, type Mood, restPull, TOKEN } from '../dsl/fake-github.js';
import { asking, IN_TIME, pullUrl } from './asking.js';

const NOW = Date.UTC(2026, 0, 5);
const GITHUB_DATE = new Date(NOW).toUTCString();

async function moody(t: Test, mood: Mood | undefined, more: Partial<GitHubParts> = {}) {
  const github = await fakeGitHub(t);
  for (let number = 1; number < 9; number++) github.put({ repo: 'acme/app', number });
  github.mood = mood;
  return { github, ...asking(t, github, more) };
}

const pauses: [string, Mood, number][] = [
  ['Retry-After', { status: 403, headers: { 'Retry-After': '30' } }, 30_000],
  ['Retry-After on 429', { status: 429, headers: { 'Retry-After': '30' } }, 30_000],
  [
    'a spent rate limit',
    {
      status: 403,
      headers: {
        Date: GITHUB_DATE,
        'X-RateLimit-Remaining': '0',
        'X-RateLimit-Reset': `${(NOW + 45_000) / 1_000}`,
      },
    },
    45_000,
  ],
  ['429 alone', { status: 429 }, limits.github_quiet_ms],
  ['a refused token', { status: 401 }, limits.github_quiet_ms],
];

for (const [what, mood, ms] of pauses) {
  t.test(`${what}: nothing is asked until the pause is over, then all is`, async t => {
    const { github, ask, clock, warnings } = await moody(t, mood);
    t.same(await ask([pullUrl(1)], IN_TIME), []);
    github.mood = undefined;
    clock.pass(ms - 1);
    t.same(await ask([pullUrl(1), pullUrl(2)], IN_TIME), []);
    t.equal(github.seen.length, 1);
    clock.pass(1);
    t.equal((await ask([pullUrl(1), pullUrl(2)], IN_TIME)).length, 2);
    t.equal(warnings.length, 1, 'it is said once');
  });
}

t.test('the last answer before the rate limit is spent still counts', async t => {
  const { github, ask, clock } = await moody(t, {
    status: 200,
    headers: {
      Date: GITHUB_DATE,
      'X-RateLimit-Remaining': '0',
      'X-RateLimit-Reset': `${NOW / 1_000 + 10}`,
    },
    body: JSON.stringify(restPull({ repo: 'acme/app', number: 1 })),
  });
  t.equal((await ask([pullUrl(1)], IN_TIME)).length, 1);
  t.equal((await ask([pullUrl(1), pullUrl(2)], IN_TIME)).length, 1, 'what is known is told');
  t.equal(github.seen.length, 1);
  clock.pass(10_000);
  github.mood = undefined;
  t.equal((await ask([pullUrl(2)], IN_TIME)).length, 1);
});

t.test('a pause has bounds, whatever is asked for', async t => {
  const asked = (headers: Record<string, string>, status = 403) =>
    quietAsked(status, new Headers(headers), NOW);
  const spent = { 'x-ratelimit-remaining': '0' };
  t.equal(asked({}), undefined, 'a plain refusal asks for none');
  t.equal(asked({ 'x-ratelimit-remaining': '12', 'x-ratelimit-reset': '99999999999' }), undefined);
  t.equal(asked({ 'retry-after': '999999999' }), limits.github_quiet_max_ms);
  t.equal(asked({ 'retry-after': '9'.repeat(400) }), limits.github_quiet_max_ms);
  t.equal(asked({ 'retry-after': '0' }), limits.github_quiet_min_ms);
  t.equal(asked({ 'retry-after': new Date(NOW + 20_000).toUTCString() }), 20_000);
  t.equal(asked({ 'retry-after': 'soon' }), limits.github_quiet_ms);
  t.equal(asked({ ...spent, 'x-ratelimit-reset': '0' }), limits.github_quiet_min_ms);
  t.equal(asked({ ...spent, 'x-ratelimit-reset': '9'.repeat(30) }), limits.github_quiet_max_ms);
  t.equal(asked(spent), limits.github_quiet_ms);
  const theirs = NOW + 86_400_000;
  const late = { date: new Date(theirs).toUTCString() };
  const reset = { ...spent, 'x-ratelimit-reset': `${theirs / 1_000 + 20}` };
  t.equal(asked({ ...reset, ...late }), 20_000, 'by the clock of who asks for it');
  t.equal(asked({ 'retry-after': new Date(theirs + 20_000).toUTCString(), ...late }), 20_000);
  t.equal(asked({}, 429), limits.github_quiet_ms);
});

const refusals: [string, Mood][] = [
  ['a plain 403', { status: 403, body: '{"message":"Must have admin rights"}' }],
  ['404', { status: 404 }],
  ['500', { status: 500, body: 'oops' }],
  ['no JSON', { status: 200, body: '<html>' }],
  ['other JSON', { status: 200, body: '[null]' }],
  ['too much', { status: 200, body: `"${'x'.repeat(limits.github_answer_bytes)}"` }],
];

for (const [what, mood] of refusals) {
  t.test(`${what} is no observation, and is not asked again at once`, async t => {
    const { github, ask, clock } = await moody(t, mood);
    t.same(await ask([pullUrl(1)], IN_TIME), []);
    github.mood = undefined;
    t.same(await ask([pullUrl(1)], IN_TIME), []);
    t.equal(github.seen.length, 1);
    t.equal((await ask([pullUrl(2)], IN_TIME)).length, 1, 'others are');
    clock.pass(limits.github_fresh_ms);
    t.equal((await ask([pullUrl(1)], IN_TIME)).length, 1);
  });
}

t.test('a GitHub that does not answer costs one short call, and one warning', async t => {
  let calls = 0;
  const fetch: GitHubParts['fetch'] = (url, how) => {
    calls++;
    return globalThis.fetch(url, how);
  };
  const { github, ask, warnings } = await moody(t, undefined, { callMs: 20, fetch });
  github.hold();
  t.same(await ask([pullUrl(1)], IN_TIME), []);
  t.same(await ask([pullUrl(1)], IN_TIME), []);
  t.equal(calls, 1);
  t.same(await ask([pullUrl(2)], IN_TIME), []);
  t.equal(warnings.length, 1);
});

t.test('a GitHub that is not there is no observation', async t => {
  const { ask, warnings } = asking(t, { url: 'http://127.0.0.1:1' });
  t.same(await ask([pullUrl(1), pullUrl(2)], IN_TIME), []);
  t.equal(warnings.length, 1);
});

t.test('a renamed repository is followed on its own server, and says its new name', async t => {
  const { github, ask } = await moody(t, undefined);
  const moved = '/repos/acme/app/pulls/1';
  const fetch: GitHubParts['fetch'] = (url, how) => {
    if (!String(url).includes('/acme/old/')) return globalThis.fetch(url, how);
    return Promise.resolve(new Response(null, { status: 301, headers: { Location: moved } }));
  };
  const old = asking(t, github, { fetch });
  const url = pullUrl(1, 'acme/old');
  const [site] = pullUrl(1).split('/acme/');
  t.match(await old.ask([url], IN_TIME), [
    { pr_url: pullUrl(1), moved: { from: `${site}/acme/old`, to: `${site}/acme/app` } },
  ]);
  github.mood = { status: 302, headers: { Location: moved } };
  t.same(await ask([pullUrl(2)], IN_TIME), [], 'one that turns in circles is left');
});

t.test('the token goes to no other server, even when GitHub sends us there', async t => {
  const visits: string[] = [];
  const elsewhere = createServer((req, res) => {
    visits.push(`${req.headers.authorization}`);
    res.end();
  });
  elsewhere.listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  t.teardown(() => elsewhere.close());
  const { port } = elsewhere.address() as AddressInfo;
  for (const Location of [`http://127.0.0.1:${port}/`, `//127.0.0.1:${port}/`, 'http://[', '']) {
    const { ask } = await moody(t, { status: 302, headers: { Location } });
    t.same(await ask([pullUrl(1)], IN_TIME), [], Location);
  }
  t.same(visits, []);
});

t.test('no warning holds the token, whatever fails', async t => {
  const lines: string[] = [];
  const onWarning = (line: string) => void lines.push(line);
  const fail = (message: string) => async () => {
    throw new Error(message);
  };
  const github = await fakeGitHub(t);
  const ways: Partial<GitHubParts>[] = [
    { fetch: fail(`Bearer ${TOKEN} is refused`) },
    { token: fail(TOKEN) },
    { token: async () => `${TOKEN}\nand a line` },
    { token: async () => `another-${TOKEN}` },
    { apiUrl: `https://${TOKEN}@api.github.com` },
  ];
  for (const way of ways) {
    const { ask } = asking(t, github, { onWarning, ...way });
    t.same(await ask([pullUrl(1)], IN_TIME), []);
  }
  t.equal(lines.length, ways.length);
  t.notMatch(lines.join('\n'), TOKEN);
});
