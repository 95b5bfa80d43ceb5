// Tries what is read from GitHub's word of names: renamed, transferred, made anew; and no throw.
import fc from 'fast-check';
import t from 'tap';
import { readMove } from '../../broker/github/moves.js';
import { readDelivery } from '../../broker/github/webhook.js';
import { signedDelivery } from '../dsl/fake-github.js';

const repository = {
  id: 7,
  name: 'Shop',
  full_name: 'Acme/Shop',
  html_url: 'https://github.com/Acme/Shop',
  owner: { login: 'Acme' },
  updated_at: '2026-01-05T09:00:00Z',
};
const to = 'https://github.com/acme/shop';
const told = { to, repo: '7', moved_at: Date.UTC(2026, 0, 5, 9) };
const renamed = {
  action: 'renamed',
  changes: { repository: { name: { from: 'Store' } } },
  repository,
};

t.test('a renamed repository had another name under the same owner', async t => {
  const from = 'https://github.com/acme/store';
  t.same(readMove('repository', renamed), { ...told, from });
  const { id: _, updated_at: __, ...bare } = repository;
  t.same(readMove('repository', { ...renamed, repository: bare }), { from, to });
});

t.test('a transferred repository had another owner, a person or an organization', async t => {
  const from = 'https://github.com/umbra/shop';
  for (const kind of ['user', 'organization']) {
    const changes = { owner: { from: { [kind]: { login: 'Umbra' } } } };
    t.same(readMove('repository', { action: 'transferred', changes, repository }), {
      ...told,
      from,
    });
  }
});

t.test('a repository that was made has its name for itself', async t => {
  t.same(readMove('repository', { action: 'created', repository }), { ...told, from: to });
});

t.test('a renamed organization is another owner, on its own server', async t => {
  const say = (more: object) =>
    readMove('organization', {
      action: 'renamed',
      changes: { login: { from: 'Acme' } },
      organization: { login: 'Umbra', url: 'https://api.github.com/orgs/Umbra' },
      ...more,
    });
  const move = { from: 'https://github.com/acme', to: 'https://github.com/umbra' };
  t.same(say({}), move);
  t.same(say({ sender: { html_url: 'https://github.com/ann' } }), move);
  t.same(say({ organization: { login: 'Umbra' } }), move);
  const there = { login: 'Umbra', url: 'https://git.example/api/v3/orgs/Umbra' };
  t.match(say({ organization: there }), { to: 'https://git.example/umbra' });
});

t.test('what is no move, or cannot be read, is none', async t => {
  const odd: [string, object][] = [
    ['repository', { ...renamed, action: 'edited' }],
    ['repository', { ...renamed, changes: {} }],
    ['repository', { ...renamed, changes: { repository: { name: { from: 'a/b/c' } } } }],
    ['repository', { ...renamed, repository: { ...repository, html_url: 'javascript:1' } }],
    ['repository', { ...renamed, repository: null }],
    ['repository', { action: 'transferred', changes: { owner: {} }, repository }],
    ['organization', { action: 'member_added', organization: { login: 'x' } }],
    ['organization', { action: 'renamed', organization: { login: 'x' } }],
  ];
  for (const [event, payload] of odd) t.equal(readMove(event, payload), undefined);
});

t.test('nothing that is said makes the reading throw', async () => {
  const word = fc.anything({ withNullPrototype: true });
  fc.assert(
    fc.property(
      fc.constantFrom('repository', 'organization'),
      word,
      word,
      word,
      (event, a, b, c) => {
        readMove(event, a);
        readMove(event, { ...renamed, changes: a, repository: b, organization: c });
        readMove(event, { ...renamed, repository: { ...repository, html_url: a, owner: b } });
        readMove(event, {
          action: 'renamed',
          changes: { login: { from: a } },
          organization: { login: b },
        });
        return true;
      },
    ),
  );
});

t.test(
  'a signed delivery of a move is news; of anything else in a repository it is not',
  async t => {
    const read = (event: string, payload: object, delivery = 'd-1') => {
      const { headers, body } = signedDelivery({ secret: 's', event, delivery, payload });
      const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
      return readDelivery(Object.fromEntries(lower), Buffer.from(body), 's');
    };
    t.match(read('repository', renamed), { kind: 'news', delivery: 'd-1', news: { to } });
    t.match(read('repository', { ...renamed, action: 'archived' }), { kind: 'ignored' });
    t.match(read('organization', {}), { kind: 'ignored' });
    t.match(read('repository', renamed, 'no name'), {
      kind: 'flawed',
      flaw: 'delivery_unnamed',
    });
  },
);
