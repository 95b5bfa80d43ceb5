// Tries the spellings of pull requests' URLs: those of one pull request are one, nonsense is none.
import fc from 'fast-check';
import t from 'tap';
import { limits } from '../../schemas/limits.js';
import { readPrUrl, readWebUrl } from '../../schemas/pr-url.js';

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

t.test('of every forge the spellings of one review are one URL', async t => {
  const forges: Record<string, string[]> = {
    'https://gitlab.com/acme/sub/app/-/merge_requests/3': [
      'https://GitLab.com/Acme/Sub/App/-/merge_requests/3#note_1',
      'https://www.gitlab.com/acme/sub/app/-/merge_requests/3/',
      'https://gitlab.com/acme/sub/app/-/merge_requests/3/diffs?commit_id=1#x',
      'https://gitlab.com/acme/sub/app/-/merge_requests/3/commits',
      'https://gitlab.com/acme/sub/app/-/merge_requests/3.patch',
      'https://gitlab.com/acme/sub/app/merge_requests/3/pipelines',
      'https://gitlab.com/acme/sub/app.git/-/merge_requests/3',
      'https://gitlab.com/%41cme/sub/a%70p/%2D/merge_requests/3',
      'http://gitlab.com/acme/sub/app/-/merge_requests/3',
      'https://gitlab.com:443//acme//sub/app/-/merge_requests/3',
    ],
    'https://git.example:8443/tools/a/b/app/-/merge_requests/12': [
      'https://Git.Example:8443/tools/A/b/app/-/merge_requests/12/diffs',
      'https://www.git.example:8443/tools/a/b/app/merge_requests/12?tab=x',
    ],
    'https://codeberg.org/acme/app/pulls/3': [
      'https://Codeberg.org/Acme/App/pulls/3/files#diff-1',
      'https://codeberg.org/acme/app/pulls/3/commits/abcdef',
      'https://codeberg.org/acme/app/pulls/3.diff',
      'http://www.codeberg.org./acme/app/pulls/3/',
    ],
    'https://git.example/gitea/acme/app/pulls/3': ['https://git.example/Gitea/Acme/App/pulls/3/'],
    'https://bitbucket.org/team/app/pull-requests/3': [
      'https://bitbucket.org/Team/app/pull-requests/3/fix-the-login/diff#chg-a',
      'https://bitbucket.org/team/app/pull-requests/3/commits?w=1',
    ],
    'https://bb.example/projects/shop/repos/app/pull-requests/3': [
      'https://bb.example/projects/SHOP/repos/app/pull-requests/3/overview',
      'https://bb.example/projects/SHOP/repos/App/pull-requests/3/diff#a.ts',
    ],
    'https://bb.example/bitbucket/projects/~ann/repos/app/pull-requests/3': [
      'https://bb.example/bitbucket/users/Ann/repos/app/pull-requests/3/commits',
      'https://bb.example/bitbucket/projects/~ANN/repos/app/pull-requests/3',
    ],
    'https://dev.azure.com/acme/my%20shop/_git/app/pullrequest/3': [
      'https://dev.azure.com/Acme/My%20Shop/_git/App/pullrequest/3?_a=files&path=/x',
      'https://dev.azure.com/acme/My Shop/_git/app/pullRequest/3',
      'https://acme.visualstudio.com/My%20Shop/_git/app/pullrequest/3#1',
      'https://ACME.visualstudio.com/DefaultCollection/my%20shop/_git/_full/app/pullrequest/3/',
    ],
    'https://dev.azure.com/acme/app/_git/app/pullrequest/3': [
      'https://dev.azure.com/acme/_git/app/pullrequest/3',
      'https://acme.visualstudio.com/_git/App/pullrequest/3?_a=overview',
    ],
    'https://tfs.example/tfs/main/shop/_git/app/pullrequest/3': [
      'https://tfs.example/tfs/Main/shop/_git/app/pullrequest/3?view=files',
    ],
    'https://acme.ghe.com/acme/app/pull/3': ['https://acme.ghe.com/Acme/app.git/pull/3/files'],
  };
  for (const [url, spellings] of Object.entries(forges)) {
    for (const spelling of [url, ...spellings]) t.match(readPrUrl(spelling), { url }, spelling);
    const isGitHub = url.includes('/pull/');
    t.equal(readPrUrl(url)?.github !== undefined, isGitHub, 'only GitHub is asked about its own');
  }
});

t.test('other reviews and other servers are other URLs', async t => {
  const urls = [
    'https://gitlab.com/acme/app/-/merge_requests/3',
    'https://gitlab.com/acme/app/-/merge_requests/33',
    'https://gitlab.com/acme/sub/app/-/merge_requests/3',
    'https://git.example/acme/app/-/merge_requests/3',
    'https://git.example:8443/acme/app/-/merge_requests/3',
    'https://git.example/acme/app/pulls/3',
    'https://git.example/acme/app/pull/3',
    'https://git.example/acme/app/pull-requests/3',
    'https://bb.example/projects/acme/repos/app/pull-requests/3',
    'https://dev.azure.com/acme/shop/_git/app/pullrequest/3',
    'https://dev.azure.com/acme/shop/_git/web/pullrequest/3',
  ];
  t.equal(new Set(urls.map(url => readPrUrl(url)?.url)).size, urls.length);
});

t.test('what is no pull request of its forge is none', async t => {
  for (const text of [
    'https://example.com/',
    'https://example.com/review?id=3',
    'https://github.com/acme/app',
    'https://github.com/acme/app/issues/7',
    'https://github.com/acme/app/tree/main',
    'https://github.com/acme/app/commit/0123456',
    'https://github.com/acme/app/compare/main...topic',
    'https://github.com/acme/app/pull/new/topic',
    'https://github.com/acme/app/pulls',
    'https://github.com/acme/app/pulls/7',
    'https://github.com/acme/app/pull/0',
    'https://github.com/acme/app/pull/7x',
    'https://github.com/acme/app/pull/-7',
    'https://github.com/acme/app/pull/12345678901',
    'https://github.com/acme/pull/7',
    'https://github.com/x/acme/app/pull/7',
    'https://api.github.com/repos/acme/app/pulls/7',
    'https://gitlab.com/acme/app/pull/7',
    'https://gitlab.com/acme/app/-/issues/7',
    'https://gitlab.com/acme/app/-/merge_requests',
    'https://gitlab.com/acme/app/-/merge_requests/new',
    'https://gitlab.com/acme/-/merge_requests/7',
    'https://gitlab.com/acme/app/-/blob/main/merge_requests/7',
    'https://git.example/api/v1/repos/acme/app/pulls/7',
    'https://git.example/repos/acme/app/pulls/7',
    'https://bitbucket.org/team/app/pull-requests/',
    'https://bitbucket.org/team/app/pull/7',
    'https://dev.azure.com/acme/shop/_git/app',
    'https://dev.azure.com/acme/shop/_workitems/edit/7',
    'https://git.example/a%2Fb/app/pull/7',
    'https://git.example/a%00/app/-/merge_requests/7',
    'https://git.example/%ff/app/-/merge_requests/7',
  ]) {
    t.equal(readPrUrl(text), undefined, text);
  }
});

t.test(
  'plain http is the same server where both are usual; here and on odd ports it is kept',
  async t => {
    for (const host of ['github.com', '10.0.0.1', 'localhost.example', 'git.example:80', '[::2]']) {
      const url = `https://${host.replace(':80', '')}/acme/app/pull/1`;
      t.match(readPrUrl(`http://${host}/acme/app/pull/1`), { url }, host);
    }
    for (const host of ['localhost', '127.0.0.1:8080', '[::1]:99', 'LOCALHOST:1', 'git.lan:8080']) {
      const url = `http://${host.toLowerCase()}/acme/app/pull/1`;
      t.match(readPrUrl(`http://${host}/acme/app/pull/1`), { url }, host);
    }
  },
);

t.test('what may be asked over the net is https, or http to this machine', async t => {
  for (const host of ['localhost', '127.8.9.1:8080', '[::1]:99']) {
    t.match(readWebUrl(`http://${host}/x`), { protocol: 'http:' }, host);
  }
  for (const host of ['github.com', '10.0.0.1', '127.0.0.1.example', '[::2]']) {
    t.equal(readWebUrl(`http://${host}/x`), undefined, host);
    t.match(readWebUrl(`https://${host}/x#y`), { hash: '' }, host);
  }
});

t.test('what carries a credential, is no web address or too long is no pull request', async t => {
  const long = `${ONE}?${'x'.repeat(limits.pr_url_chars)}`;
  const grown = 'ß'.repeat(limits.pr_url_chars / 4);
  const growing = `https://git.example/${grown}/app/-/merge_requests/1`;
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
  const hosts = ['github.com', 'GitHub.com.', 'a..', '[::1]', 'www.git.example', 'dev.azure.com'];
  hosts.push('a.visualstudio.com', 'gitlab.com', 'git.example:8080', 'bitbucket.org');
  const kind = fc.constantFrom(
    'pull',
    'pulls',
    '-/merge_requests',
    'merge_requests',
    'pull-requests',
    'repos/x.git/pull-requests',
    '_git/x/pullrequest',
    '_git/Übung İx/pullrequest',
  );
  const path = fc.oneof(
    fc.webPath(),
    fc
      .tuple(part, part, kind, fc.nat(), fc.webPath())
      .map(([a, b, kind, n, rest]) => `/${a}/${b}/${kind}/${n}${rest}`),
  );
  const host = fc.oneof(fc.domain(), fc.constantFrom(...hosts));
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
