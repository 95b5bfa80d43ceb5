// The rules of the reviews: one row in each circle, GitHub's word in its order, nothing twice.
import t from 'tap';
import { limits } from '../../../schemas/limits.js';
import {
  api,
  db,
  far,
  joins,
  leaves,
  makesToken,
  person,
  T0,
  tokenNo,
  web,
} from '../../dsl/events.js';
import { marks, observed, pull, pushes, requests, sha, touches } from '../../dsl/events-reviews.js';
import { given, later } from '../../dsl/given.js';

const crowd = [joins(web), joins(api), joins(db), joins(far)];
const bound = person('bound', { circle: 'elsewhere', token: tokenNo(91) });
const binding = makesToken(91, { circles: ['elsewhere'] });
const atHome = 'default';

t.test('who touched it stands in the order of their first touch, each once', async t => {
  given(t, ...crowd, touches(api, 1), touches(web, 1), touches(api, 1)).thenReview(
    atHome,
    pull(1),
    {
      touched_by: [api.peer, web.peer],
      state: 'unknown',
      head_sha: undefined,
    },
  );
});

t.test('the newest head and title that anybody named are the ones that count', async t => {
  given(t, ...crowd, touches(web, 1, { head_sha: sha(1), title: 'First' }))
    .thenReview(atHome, pull(1), { head_sha: sha(1), title: 'First' })
    .and(observed(1, 'open', { head_sha: sha(2), title: 'Second' }))
    .thenReview(atHome, pull(1), { head_sha: sha(2), title: 'Second', state: 'open' })
    .and(touches(web, 1, { head_sha: sha(3) }))
    .thenReview(atHome, pull(1), { head_sha: sha(3), title: 'Second' })
    .and(touches(web, 1, { head_sha: '3333333' }))
    .thenReview(atHome, pull(1), { head_sha: sha(3) });
});

t.test(
  'a request is one item in the inbox of who should review, renewed when repeated',
  async t => {
    const text = `Please review Fix it: ${pull(1)}`;
    given(t, ...crowd, requests(web, 1, api))
      .thenInbox(api, {
        kind: 'system',
        ref: pull(1),
        text: `Please review ${pull(1)}`,
        from: web.peer,
      })
      .and(touches(web, 1, { title: 'Fix it' }), requests(web, 2, api), requests(db, 1, api))
      .thenInbox(api, { ref: pull(2) }, { ref: pull(1), text, from: db.peer })
      .thenReview(atHome, pull(1), { requests: [{ of: api.peer, by: [web.peer, db.peer] }] });
  },
);

t.test(
  'a review takes the item out, and a peer’s newest review replaces its older one',
  async t => {
    const world = given(t, ...crowd, pushes(web, 1, 1), requests(web, 1, api), marks(api, 1));
    world.thenInbox(api);
    world.and(pushes(web, 1, 2), marks(api, 1), marks(db, 1, { sha: sha(1) }));
    const row = world.mesh.table.reviews.get(atHome, pull(1));
    t.match(row?.marks, [
      { peer: api.peer, sha: sha(2) },
      { peer: db.peer, sha: sha(1) },
    ]);
    t.equal(row?.marks.length, 2);
  },
);

t.test('what stands against sending to a peer stands against asking it to review', async t => {
  given(t, ...crowd, leaves(api), requests(web, 1, api)).thenVoid('peer_retired');
  given(t, joins(web), requests(web, 1, api)).thenVoid('peer_unknown');
});

t.test('a review of what nobody has spoken of is void, unless GitHub has', async t => {
  given(t, ...crowd, marks(api, 1)).thenVoid('review_unknown');
  given(t, ...crowd, observed(1, 'open', { head_sha: sha(1) }), marks(api, 1))
    .thenApplied()
    .thenReview(atHome, pull(1), { touched_by: [], head_sha: sha(1) });
  given(t, ...crowd, touches(far, 1), marks(api, 1)).thenVoid('review_unknown');
});

t.test(
  'what GitHub says reaches the rows of every circle, heads of touches only their own',
  async t => {
    given(t, ...crowd, pushes(web, 1, 1), touches(far, 1))
      .thenReview('elsewhere', pull(1), { head_sha: undefined })
      .and(observed(1, 'merged', { head_sha: sha(2), title: 'Done' }))
      .thenReview(atHome, pull(1), { head_sha: sha(2), state: 'merged', title: 'Done' })
      .thenReview('elsewhere', pull(1), { head_sha: sha(2), state: 'merged', title: 'Done' });
  },
);

t.test('every row that GitHub’s word changes is a change to who watches', async t => {
  const { mesh } = given(t, ...crowd, touches(web, 1), touches(far, 1));
  const { changes } = mesh.one(observed(1, 'merged'));
  const keys = changes.map(({ view, key }) => `${view} ${key}`).sort();
  t.strictSame(keys, [`reviews default/${pull(1)}`, `reviews elsewhere/${pull(1)}`]);
});

t.test('what GitHub said before anybody touched it is known to who touches it then', async t => {
  given(t, ...crowd, observed(1, 'open', { head_sha: sha(1), title: 'Early' }))
    .thenReview(atHome, pull(1), undefined)
    .and(touches(web, 1))
    .thenReview(atHome, pull(1), { head_sha: sha(1), title: 'Early', state: 'open' });
});

t.test('a delivery that took effect is void the second time, whatever it says', async t => {
  const delivery = 'd-1';
  given(t, ...crowd, touches(web, 1), observed(1, 'open', { delivery }))
    .thenApplied()
    .and(observed(1, 'merged', { delivery }))
    .thenVoid('duplicate')
    .thenReview(atHome, pull(1), { state: 'open' });
});

t.test('deliveries are remembered up to their bound, the oldest let go first', async t => {
  const { reviews } = given(t, ...crowd).mesh.table;
  for (let n = 0; n <= limits.deliveries_ids; n++) reviews.remember(`d-${n}`);
  t.equal(reviews.deliveries.size, limits.deliveries_ids);
  t.notOk(reviews.deliveries.has('d-0'));
  t.ok(reviews.deliveries.has('d-1'));
});

t.test('deliveries that overtake each other end in what GitHub saw last', async t => {
  const at = (ms: number) => ({ updated_at: T0 + ms });
  const world = given(t, ...crowd, touches(web, 1), later(60_000));
  world.and(observed(1, 'closed', { head_sha: sha(2), ...at(20_000) }));
  world.and(observed(1, 'open', { head_sha: sha(1), ...at(10_000) })).thenVoid('stale');
  world.and(observed(1, 'open', { head_sha: sha(1), ...at(20_000) })).thenVoid('stale');
  world.thenReview(atHome, pull(1), { state: 'closed', head_sha: sha(2) });
  world.and(observed(1, 'open', { head_sha: sha(1), ...at(30_000) })).thenApplied();
});

t.test('a clock of GitHub’s ahead of ours does not silence what it says later', async t => {
  given(t, ...crowd, touches(web, 1), observed(1, 'open', { updated_at: T0 + 9_000_000_000 }))
    .and(later(10), observed(1, 'merged', { updated_at: T0 + 9_000_000 }))
    .thenApplied();
});

t.test('what is nothing new is void, until it is news that it still holds', async t => {
  const words = { head_sha: sha(1), title: 'Same' };
  given(t, ...crowd, touches(web, 1), observed(1, 'open', words))
    .and(later(1_000), observed(1, 'open', words))
    .thenVoid('stale')
    .and(later(limits.review_renew_ms), observed(1, 'open', words))
    .thenApplied()
    .thenReview(atHome, pull(1), { observed_at: T0 + 1_000 + limits.review_renew_ms });
});

t.test('GitHub corrects a touch that named a wrong head, once it has seen a change', async t => {
  const known = { head_sha: sha(1), updated_at: T0 };
  given(t, ...crowd, touches(web, 1), observed(1, 'open', known), pushes(web, 1, 2))
    .and(later(1_000), observed(1, 'open', known))
    .thenVoid('stale')
    .and(observed(1, 'open', { head_sha: sha(1), updated_at: T0 + 500 }))
    .thenApplied()
    .thenReview(atHome, pull(1), { head_sha: sha(1) });
});

t.test('what no broker would write is malformed, and changes nothing', async t => {
  const world = given(t, ...crowd, touches(web, 1));
  const long = `https://example.com/${'x'.repeat(limits.pr_url_chars)}`;
  for (const draft of [
    touches(web, 1, { pr_url: '' }),
    touches(web, 1, { pr_url: long }),
    touches(web, 1, { head_sha: '' }),
    touches(web, 1, { head_sha: 'ABCDEF1' }),
    touches(web, 1, { title: 'x'.repeat(limits.label_chars + 1) }),
    requests(web, 1, api, { pr_url: long }),
    marks(web, 1, { pr_url: '' }),
    marks(web, 1, { sha: '123456' }),
    observed(1, 'unknown'),
    observed(1, 'constructor'),
    observed(1, 'open', { pr_url: long }),
    observed(1, 'open', { head_sha: 'not hex' }),
    observed(1, 'open', { title: 'x'.repeat(limits.label_chars + 1) }),
    observed(1, 'open', { delivery: 'x'.repeat(limits.webhook_delivery_chars + 1) }),
    observed(1, 'open', { observed_at: -1 }),
    observed(1, 'open', { updated_at: 0.5 }),
    observed(1, 'open', { updated_at: Number.MAX_VALUE }),
  ]) {
    world.and(draft).thenVoid('malformed');
  }
  world.thenReview(atHome, pull(1), { state: 'unknown', head_sha: undefined, title: undefined });
});

t.test('a token bound to circles marks and requests nothing outside them', async t => {
  given(t, ...crowd, binding, joins(bound), touches(web, 1))
    .and(marks(bound, 1, { circle: 'default' }))
    .thenVoid('circle_forbidden')
    .and(requests(bound, 1, api))
    .thenVoid('circle_forbidden');
});

t.test('the lists of a row have a bound, and the oldest entry makes room', async t => {
  const { mesh } = given(t, ...crowd);
  const peers = Array.from({ length: limits.review_peers_items + 1 }, (_, n) => person(`p${n}`));
  mesh.say(...peers.map(who => joins(who)).slice(0, 200));
  mesh.say(...peers.map(who => joins(who)).slice(200));
  mesh.say(...peers.map(who => touches(who, 1)).slice(0, 200));
  mesh.say(...peers.map(who => touches(who, 1)).slice(200));
  const row = mesh.table.reviews.get(atHome, pull(1));
  t.equal(row?.touched_by.length, limits.review_peers_items);
  t.equal(row?.touched_by[0], peers[1]?.peer);
});

t.test(
  'of too many rows the one that ended longest ago makes room, and watchers hear of it',
  async t => {
    const { mesh } = given(t, ...crowd, touches(web, 1), touches(web, 2), observed(2, 'closed'));
    const { reviews } = mesh.table;
    const first = reviews.get(atHome, pull(1))!;
    for (let n = 3; n <= limits.reviews_rows; n++) reviews.put({ ...first, pr_url: pull(n) });
    t.equal(reviews.size, limits.reviews_rows);
    const { changes } = mesh.one(touches(web, 20_001));
    t.match(changes, [{ row: {} }, { key: `default/${pull(2)}`, row: null }]);
    t.equal(reviews.get(atHome, pull(2)), undefined);
    t.equal(reviews.facts.get(pull(2)), undefined, 'what GitHub said goes with it');
    mesh.one(touches(web, 20_002));
    t.equal(reviews.get(atHome, pull(1)), undefined, 'then the one that changed longest ago');
    t.equal(reviews.size, limits.reviews_rows);
  },
);

t.test('of pull requests that nobody touched a bounded number is known', async t => {
  const { mesh } = given(t, ...crowd, touches(web, 1), observed(1, 'open'), observed(2, 'open'));
  const { facts } = mesh.table.reviews;
  const known = facts.get(pull(2))!;
  for (let n = 3; n <= limits.reviews_rows + 2; n++) facts.put({ ...known, pr_url: pull(n) });
  t.equal(facts.get(pull(2)), undefined, 'the oldest is forgotten');
  t.ok(facts.get(pull(1)), 'but not what has a row');
});
