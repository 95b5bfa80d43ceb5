// Tries the spellings of pull requests' URLs: those of one pull request are one, nonsense is none.
import fc from 'fast-check';
import t from 'tap';
import { limits } from '../../schemas/limits.js';
import { readPrUrl } from '../../schemas/pr-url.js';

const GITHUB = { host: 'github.com', owner: 'acme', repo: 'my.app_1-x', number: 7 };
const ONE = 'https://github.com/acme/my.app_1-x/pull/7';

t.test('every spelling of one pull request is one URL', async t => {
  for (const spelling of [
    ONE,
    'https://github.com/Acme/My.App_1-X/pull/7',
    'HTTPS://GitHub.COM:443/acme/my.app_1-x/pull/7/',
    'https://www.github.com/acme/my.app_1-x/pull/7',
    'https://github.com./acme/my.app_1-x/pull/7',
    `${ONE}/files`,
    `${ONE}/files/0123456..fedcba9#diff-1R5`,
    `${ONE}/commits/0123456789`,
    `${ONE}/checks?check_run_id=1`,
    `${ONE}.diff`,
    `${ONE}?w=1&notification_referrer_id=x`,
    `${ONE}#issuecomment-1`,
    ` ${ONE}\n`,
    'https://github.com/other/../acme/my.app_1-x/pull/7',
  ]) {
    t.same(readPrUrl(spelling), { url: ONE, github: GITHUB }, spelling);
  }
});

t.test('another server with GitHub’s paths keeps its host and port', async t => {
  t.same(readPrUrl('https://Git.Example:8443/Acme/App/pull/1/files'), {
    url: 'https://git.example:8443/acme/app/pull/1',
    github: { host: 'git.example:8443', owner: 'acme', repo: 'app', number: 1 },
  });
});

t.test('what is not shaped like GitHub’s passes, without its fragment', async t => {
  for (const [spelling, url] of [
    ['https://GitLab.com/Acme/app/-/merge_requests/3#note_1', undefined],
    ['https://gitlab.com/Acme/app/-/merge_requests/3', undefined],
    ['https://example.com/review?id=3', 'https://example.com/review?id=3'],
    ['https://github.com/acme/app/issues/7', 'https://github.com/acme/app/issues/7'],
    ['https://github.com/acme/app/pull/0', 'https://github.com/acme/app/pull/0'],
    ['https://github.com/acme/app/pull/7x', 'https://github.com/acme/app/pull/7x'],
  ] as const) {
    t.same(readPrUrl(spelling), {
      url: url ?? 'https://gitlab.com/Acme/app/-/merge_requests/3',
    });
  }
});

t.test('plain http is for this machine only', async t => {
  for (const host of ['localhost', '127.0.0.1:8080', '127.8.9.1', '[::1]:99', 'LOCALHOST:1']) {
    const url = `http://${host.toLowerCase()}/acme/app/pull/1`;
    t.match(readPrUrl(`http://${host}/acme/app/pull/1`), { url }, host);
  }
  for (const host of [
    'github.com',
    '10.0.0.1',
    'localhost.example',
    '127.0.0.1.example',
    '[::2]',
  ]) {
    t.equal(readPrUrl(`http://${host}/acme/app/pull/1`), undefined, host);
  }
});

t.test('what carries a credential, is no web address or too long is no pull request', async t => {
  const long = `https://example.com/${'x'.repeat(limits.pr_url_chars)}`;
  const growing = `https://example.com/${'ß'.repeat(limits.pr_url_chars / 4)}`;
  for (const text of [
    'https://user@github.com/acme/app/pull/1',
    'https://user:pass@github.com/acme/app/pull/1',
    'ssh://git@github.com/acme/app/pull/1',
    'javascript:alert(1)',
    'file:///acme/app/pull/1',
    'github.com/acme/app/pull/1',
    'acme/app#1',
    'https://',
    '',
    long,
    growing,
  ]) {
    t.equal(readPrUrl(text), undefined, text.slice(0, 60));
  }
});

t.test('the one spelling is its own spelling, whatever was written', async () => {
  const part = fc.stringMatching(/^[\w.%~-]{1,12}$/);
  const path = fc.oneof(
    fc.webPath(),
    fc.tuple(part, part, fc.nat(), fc.webPath()).map(([a, b, n, c]) => `/${a}/${b}/pull/${n}${c}`),
  );
  const host = fc.oneof(fc.domain(), fc.constantFrom('github.com', 'GitHub.com.', 'a..', '[::1]'));
  const written = fc
    .tuple(fc.constantFrom('https', 'http'), host, path, fc.webQueryParameters())
    .map(([scheme, host, path, query]) => `${scheme}://${host}${path}?${query}`);
  fc.assert(
    fc.property(fc.oneof(written, fc.webUrl(), fc.string()), text => {
      const first = readPrUrl(text);
      if (first === undefined) return true;
      const again = readPrUrl(first.url);
      return JSON.stringify(again) === JSON.stringify(first);
    }),
    { numRuns: 2_000 },
  );
});
