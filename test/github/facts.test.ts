// Tries what is read from GitHub's words: the facts when they are there, and never a throw.
import fc from 'fast-check';
import t from 'tap';
import {
  type PullObservation,
  parseBody,
  readPull,
  readPullEvent,
} from '../../broker/github/facts.js';
import { limits } from '../../schemas/limits.js';
import { NEXT_SHA, restPull, SHA } from '../dsl/fake-github.js';

const PULL = restPull({ repo: 'Acme/App', number: 7, title: 'Let trains pass' });
const SEEN: PullObservation = {
  pr_url: 'https://github.com/acme/app/pull/7',
  state: 'open',
  head_sha: SHA,
  title: 'Let trains pass',
  updated_at: Date.UTC(2026, 0, 5, 9),
};

t.test('a pull request is read as it stands', async t => {
  t.same(readPull(PULL), SEEN);
});

t.test('closed is merged when it was merged, by either of the two signs', async t => {
  t.match(readPull({ ...PULL, state: 'closed' }), { state: 'closed' });
  t.match(readPull({ ...PULL, state: 'closed', merged: true }), { state: 'merged' });
  const bySign = { ...PULL, state: 'closed', merged: undefined, merged_at: PULL.updated_at };
  t.match(readPull(bySign), { state: 'merged' });
});

t.test('an event of any action tells of its pull request', async t => {
  for (const action of ['opened', 'synchronize', 'reopened', 'closed', 'edited', 'not_yet_made']) {
    const head = { ...PULL.head, sha: NEXT_SHA };
    const payload = { action, number: 7, pull_request: { ...PULL, head } };
    t.same(readPullEvent(payload), { ...SEEN, head_sha: NEXT_SHA, action }, action);
  }
  for (const action of [undefined, 7, '', 'Not-an-action', 'x'.repeat(33)]) {
    t.same(readPullEvent({ action, pull_request: PULL }), SEEN, `${action}`);
  }
});

t.test('the id of the repository is read where it stands, and the head before a push', async t => {
  const base = { ...PULL.base, repo: { id: 77 } };
  t.match(readPull({ ...PULL, base }), { repo: '77' });
  t.match(readPullEvent({ pull_request: PULL, repository: { id: 78 } }), { repo: '78' });
  t.match(readPullEvent({ pull_request: { ...PULL, base }, repository: { id: 78 } }), {
    repo: '77',
  });
  for (const id of [undefined, '77', 1.5, Number.MAX_VALUE, null]) {
    t.same(readPullEvent({ pull_request: PULL, repository: { id } }), SEEN, `${id}`);
  }
  t.match(readPullEvent({ pull_request: PULL, before: NEXT_SHA }), { before: NEXT_SHA });
  t.same(readPullEvent({ pull_request: PULL, before: 'main' }), SEEN);
});

t.test('a fact that is missing or odd makes the whole unread', async t => {
  const odd: object[] = [
    { html_url: undefined },
    { html_url: 7 },
    { html_url: 'https://github.com/acme/app' },
    { html_url: 'javascript:alert(1)' },
    { state: 'draft' },
    { head: null },
    { head: { sha: 'main' } },
    { head: { sha: SHA.toUpperCase() } },
    { head: { sha: `${SHA}0` } },
    { title: null },
    { title: ['x'] },
  ];
  for (const change of odd) {
    t.equal(readPull({ ...PULL, ...change }), undefined, JSON.stringify(change));
  }
});

t.test('a moment that is none is left out', async t => {
  for (const updated_at of [undefined, 5, '90s', 'yesterday', '2026-02-30T00:00:00Z']) {
    const seen = readPull({ ...PULL, updated_at });
    t.ok(seen);
    t.notOk(seen && 'updated_at' in seen, `${updated_at}`);
  }
});

t.test('a title is bounded and well-formed, and keeps no half character', async t => {
  const long = `${'x'.repeat(limits.label_chars - 1)}🚂 and more`;
  t.match(readPull({ ...PULL, title: long }), { title: 'x'.repeat(limits.label_chars - 1) });
  t.match(readPull({ ...PULL, title: 'half \ud83d' }), { title: 'half \ufffd' });
});

t.test('hostile words are unread or read as facts, and nothing is thrown', async () => {
  const word = fc.oneof(
    fc.anything({ withNullPrototype: true, withSparseArray: true, withBigInt: true }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('open', 'closed', SHA, PULL.html_url),
  );
  const keys = ['html_url', 'state', 'merged', 'merged_at', 'title', 'updated_at', 'head'];
  const pull = fc.oneof(
    word,
    fc.dictionary(fc.constantFrom(...keys), word),
    fc.dictionary(fc.constantFrom(...keys), word).map(change => ({ ...PULL, ...change })),
  );
  fc.assert(
    fc.property(pull, value => {
      return isFact(readPull(value)) && isFact(readPullEvent({ pull_request: value }));
    }),
    { numRuns: 2_000 },
  );
  fc.assert(fc.property(fc.anything(), payload => isFact(readPullEvent(payload))));
  fc.assert(fc.property(fc.string(), text => isFact(readPullEvent(parseBody(text)))));
});

function isFact(seen: PullObservation | undefined): boolean {
  if (seen === undefined) return true;
  const { pr_url, state, head_sha, title, updated_at = 0 } = seen;
  return (
    pr_url.length <= limits.pr_url_chars &&
    ['open', 'merged', 'closed'].includes(state) &&
    /^[0-9a-f]{40,64}$/.test(head_sha) &&
    title.length <= limits.label_chars &&
    title.isWellFormed() &&
    Number.isInteger(updated_at)
  );
}
