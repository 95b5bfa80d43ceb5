// A repository under another name: one row with all that was said, found by every address it had.
import t, { type Test } from 'tap';
import { Fold } from '../../../broker/core/fold.js';
import type { EventOf } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import {
  api,
  broker,
  type Draft,
  db,
  far,
  joins,
  opened,
  orch,
  T0,
  web,
} from '../../dsl/events.js';
import { marks, moved, observed, requests, sha, site, touches } from '../../dsl/events-reviews.js';
import { type Given, given, later } from '../../dsl/given.js';
import { stateOf } from '../../dsl/state.js';

const crowd = [joins(web), joins(api), joins(db), joins(far), joins(orch), later(60_000)];
const at = (repo: string, n = 1) => ({ pr_url: `${site(repo)}/pull/${n}` });
const told = (repo: string, state: string, more: Partial<EventOf<'review.observed'>> = {}) =>
  observed(1, state, { ...at(repo), ...more });
const s = (seconds: number) => T0 + seconds * 1_000;

/** `repo#n` of every row, sorted. */
function rows({ mesh }: Given): string[] {
  const urls = [...mesh.table.reviews.all()].map(({ pr_url }) => pr_url);
  return urls.map(url => url.replace(site(''), '').replace('/pull/', '#')).sort();
}

function marked({ mesh }: Given, repo: string) {
  const row = mesh.table.reviews.get('default', at(repo).pr_url);
  return row?.marks.map(({ peer, sha }) => [peer, sha]);
}

function holds(t: Test, world: Given, ...expected: string[]): Given {
  t.same(rows(world), expected);
  return world;
}

const start = (t: Test, ...more: Draft[]) => given(t, ...crowd, ...more);

t.test('a renamed repository takes touch, request, mark and item along', async t => {
  const world = start(t, touches(web, 1, { ...at('acme/store'), head_sha: sha(1) }));
  world.and(requests(web, 1, api, at('acme/store')), marks(orch, 1, at('acme/store')));
  const { changes } = world.mesh.one(moved('acme/store', 'acme/shop'));
  const keys = [
    'default/https://github.com/acme/store/pull/1',
    'default/https://github.com/acme/shop/pull/1',
  ];
  t.match(changes, [
    { key: keys[0], row: null },
    { key: keys[1], row: { touched_by: [web.peer] } },
  ]);
  holds(t, world, 'acme/shop#1').thenReview('default', at('acme/shop').pr_url, {
    requests: [{ of: api.peer, by: [web.peer] }],
  });
  t.same(marked(world, 'acme/shop'), [[orch.peer, sha(1)]]);
  world.thenInbox(api, { ref: at('acme/store').pr_url });
  world
    .and(marks(api, 1, at('acme/shop')))
    .thenApplied()
    .thenInbox(api);
});

t.test('the address of before finds the row: touch, request, mark and GitHub’s word', async t => {
  const world = start(t, touches(web, 1, at('acme/store')), moved('acme/store', 'acme/shop'));
  const old = at('acme/store');
  world.and(touches(db, 1, { ...old, head_sha: sha(2) }), requests(web, 1, api, old));
  world.and(marks(orch, 1, old), told('acme/store', 'open', { title: 'Late', updated_at: s(1) }));
  holds(t, world, 'acme/shop#1').thenReview('default', at('acme/shop').pr_url, {
    touched_by: [web.peer, db.peer],
    head_sha: sha(2),
    title: 'Late',
    state: 'open',
  });
  world.thenInbox(api, { ref: at('acme/shop').pr_url });
  const touched = { ...old, title: 'More' };
  const { pr_url } = at('acme/shop');
  world.when(web, 'review.touch', touched).thenEvent({ pr_url });
  world.when(orch, 'review.mark', { pr_url: `${old.pr_url}/files` }).thenEvent({ pr_url });
});

t.test('asked again under the new name there is one item, not two', async t => {
  const world = start(t, requests(web, 1, api, at('acme/store')));
  world.and(moved('acme/store', 'acme/shop'), requests(web, 1, api, at('acme/shop')));
  world.thenInbox(api, { ref: at('acme/shop').pr_url });
});

t.test('where both names had a row there is one that knows what both did', async t => {
  const world = start(t, touches(web, 1, { ...at('acme/store'), head_sha: sha(1), title: 'Old' }));
  world.and(marks(orch, 1, at('acme/store')), marks(api, 1, at('acme/store')));
  world.and(requests(web, 1, api, at('acme/store')), requests(db, 1, db, at('acme/store')));
  world.and(
    touches(db, 1, { ...at('acme/shop'), head_sha: sha(2) }),
    touches(far, 1, at('acme/shop')),
  );
  world.and(requests(db, 1, api, at('acme/shop')), marks(api, 1, at('acme/shop')));
  world.and(told('acme/shop', 'open', { updated_at: s(1) }));
  world.and(told('acme/store', 'merged', { updated_at: s(2), head_sha: sha(2) }));
  world.and(moved('acme/store', 'acme/shop'));
  holds(t, world, 'acme/shop#1', 'acme/shop#1');
  world.thenReview('default', at('acme/shop').pr_url, {
    touched_by: [web.peer, db.peer],
    head_sha: sha(2),
    state: 'merged',
    requests: [
      { of: api.peer, by: [web.peer, db.peer] },
      { of: db.peer, by: [db.peer] },
    ],
  });
  t.same(marked(world, 'acme/shop'), [
    [orch.peer, sha(1)],
    [api.peer, sha(2)],
  ]);
  world.thenReview('elsewhere', at('acme/shop').pr_url, { state: 'merged' });
});

t.test('a move goes through the rows in one order, whether or not a broker started anew', t => {
  const news = { updated_at: s(1) };
  const world = start(t, touches(web, 1, at('acme/store')), touches(web, 2, at('acme/store', 2)));
  world.and(
    told('acme/store', 'open', news),
    told('acme/store', 'open', { ...at('acme/store', 2) }),
  );
  // The row made first is the one that changed last.
  world.and(touches(db, 1, at('acme/store')));
  // The row of another circle ends by what was said of the name before.
  world.and(touches(far, 3, at('acme/shop', 3)));
  world.and(told('acme/store', 'merged', { ...news, ...at('acme/store', 3) }));
  sameAnew(t, world, moved('acme/store', 'acme/shop'), touches(web, 4));
  t.end();
});

/** What comes next has the same state on a broker that starts with a snapshot of now. */
function sameAnew(t: Test, { mesh }: Given, ...drafts: Draft[]): void {
  for (const draft of drafts) {
    const anew = Fold.fromSnapshot(mesh.fold.toSnapshot());
    mesh.one(draft);
    anew.commit(mesh.log.at(-1)!);
    t.equal(stateOf(anew), stateOf(mesh.fold), draft.type);
  }
  t.equal(stateOf(Fold.fromSnapshot(mesh.fold.toSnapshot())), stateOf(mesh.fold), 'at the end');
}

t.test('through several names, whatever their order, all lead to the last', async t => {
  const touched = () => start(t, touches(web, 1, at('acme/a')));
  const [ab, bc] = [{ moved_at: s(1) }, { moved_at: s(2) }];
  const inOrder = touched().and(moved('acme/a', 'acme/b'), moved('acme/b', 'acme/c'));
  const byTime = touched().and(moved('acme/b', 'acme/c', bc), moved('acme/a', 'acme/b', ab));
  const byId = touched().and(moved('acme/b', 'acme/c', { repo: '7' }));
  byId.and(moved('acme/a', 'acme/b', { repo: '7' }));
  const around = touched().and(moved('acme/a', 'umbra/a'), moved('umbra', 'corp'));
  around.and(moved('corp/a', 'corp/c'), moved('corp', 'acme'));
  for (const world of [inOrder, byTime, byId, around]) {
    world.and(touches(db, 1, at('acme/a')), touches(api, 1, at('acme/c')));
    holds(t, world, 'acme/c#1');
  }
  inOrder.and(moved('acme/c', 'acme/a'), touches(api, 1, at('acme/b')));
  holds(t, inOrder, 'acme/a#1');
});

t.test('what comes back to a name it had lies there again', async t => {
  const world = start(t, touches(web, 1, at('acme/a')), moved('acme/a', 'umbra/a'));
  world.and(moved('umbra', 'acme'), touches(db, 1, at('acme/a')), touches(db, 1, at('umbra/a')));
  holds(t, world, 'acme/a#1');
});

t.test('an owner’s new name moves all that is below it, and nothing beside it', async t => {
  const world = start(t, touches(web, 1, at('acme/app')), touches(web, 2, at('acme/web', 2)));
  world.and(touches(web, 1, at('acme-two/app')), moved('acme', 'umbra'));
  holds(t, world, 'acme-two/app#1', 'umbra/app#1', 'umbra/web#2');
  world.and(touches(db, 3, at('acme/never-seen', 3)));
  holds(t, world, 'acme-two/app#1', 'umbra/app#1', 'umbra/never-seen#3', 'umbra/web#2');
});

t.test('a rename that nobody told of shows by the id of the repository', async t => {
  const world = start(t, touches(web, 1, at('acme/store')), marks(orch, 1, at('acme/store')));
  world.and(told('acme/store', 'open', { repo: '7', updated_at: s(1) }));
  world.and(told('acme/shop', 'merged', { repo: '7', updated_at: s(2) }));
  holds(t, world, 'acme/shop#1').thenReview('default', at('acme/shop').pr_url, {
    state: 'merged',
  });
  t.match(marked(world, 'acme/shop'), [[orch.peer]]);
  world.and(touches(db, 1, at('acme/store')));
  holds(t, world, 'acme/shop#1');
});

t.test('what comes late under an old name is told of the new one', async t => {
  const world = start(t, told('acme/shop', 'open', { repo: '7', updated_at: s(5) }));
  world.and(touches(web, 1, at('acme/shop')));
  world
    .and(told('acme/store', 'open', { repo: '7', updated_at: s(2), title: 'x' }))
    .thenVoid('stale');
  world.and(moved('acme/shop', 'acme/mall', { repo: '7', moved_at: s(9) }));
  world.and(told('acme/shop', 'closed', { repo: '7', updated_at: s(8), action: 'closed' }));
  holds(t, world, 'acme/mall#1').thenReview('default', at('acme/mall').pr_url, { state: 'closed' });
  world.and(told('acme/shop', 'open', { repo: '7', updated_at: s(12), action: 'reopened' }));
  holds(t, world, 'acme/shop#1');
});

t.test('a new repository under an old name has its own pull requests', async t => {
  const before = () => {
    const world = start(t, touches(web, 1, at('acme/store')), marks(orch, 1, at('acme/store')));
    const known = told('acme/store', 'merged', { repo: '7', updated_at: s(1), head_sha: sha(1) });
    return world.and(known, moved('acme/store', 'acme/shop', { repo: '7' }));
  };
  const fresh = { repo: '8', updated_at: s(20), head_sha: sha(2), action: 'opened' };
  const { repo: _, ...nameless } = fresh;
  const ways: Draft[] = [
    told('acme/store', 'open', fresh),
    told('acme/store', 'open', nameless),
    moved('acme/store', 'acme/store', { repo: '8' }),
    moved('acme/depot', 'acme/store', { repo: '8' }),
  ];
  for (const way of ways) {
    const world = before().and(way).thenApplied();
    world.and(
      touches(db, 1, at('acme/store')),
      told('acme/store', 'open', { ...fresh, title: 'N' }),
    );
    holds(t, world, 'acme/shop#1', 'acme/store#1');
    world.thenReview('default', at('acme/shop').pr_url, { state: 'merged', head_sha: sha(1) });
    world.thenReview('default', at('acme/store').pr_url, {
      state: 'open',
      head_sha: sha(2),
      marks: [],
    });
  }
});

t.test('another repository in the place of one is not what that one was', async t => {
  const world = start(t, touches(web, 1, at('acme/app')));
  world.and(told('acme/app', 'merged', { repo: '7', updated_at: s(1), head_sha: sha(1) }));
  world.and(told('acme/app', 'open', { repo: '8', updated_at: s(9), head_sha: sha(2) }));
  world.thenReview('default', at('acme/app').pr_url, { state: 'open', head_sha: sha(2) });
  world.and(told('acme/app', 'merged', { repo: '7', updated_at: s(2) })).thenVoid('stale');
});

t.test('a move is told once, and what none would write is malformed', async t => {
  const world = start(t, moved('acme/store', 'acme/shop', { delivery: 'd-1' })).thenApplied();
  world.and(moved('acme/store', 'acme/shop', { delivery: 'd-1' })).thenVoid('duplicate');
  world.and(moved('acme/store', 'acme/shop')).thenVoid('stale');
  world.and(moved('acme/fresh', 'acme/fresh')).thenVoid('stale');
  const long = 'x'.repeat(limits.pr_url_chars);
  for (const draft of [
    moved('acme', 'acme/app'),
    moved('acme/app', long),
    moved('acme/app', 'acme/b', { delivery: long }),
    moved('acme/app', 'acme/b', { moved_at: -1 }),
    moved('acme/app', 'acme/b', { repo: long }),
    broker('review.moved', { from: '', to: site('acme/b') }),
    broker('review.moved', { from: site('acme/b'), to: 'https://github.com/' }),
  ]) {
    world.and(draft).thenVoid('malformed');
  }
});

t.test('names are bounded, and a restored table knows them', async t => {
  const world = start(t, touches(web, 1, at('acme/store')), moved('acme/store', 'acme/shop'));
  world.and(told('acme/shop', 'open', { repo: '7' }));
  const fold = Fold.fromSnapshot(structuredClone(world.mesh.fold.toSnapshot()));
  t.equal(fold.table.reviews.names.current(at('acme/store').pr_url), at('acme/shop').pr_url);
  t.match(fold.table.reviews.names.known('github.com 7'), { address: site('acme/shop') });
  const { names } = world.mesh.table.reviews;
  for (let n = 0; n <= limits.review_moves_rows; n++) {
    names.move(site(`acme/from-${n}`), site(`acme/to-${n}`), 0);
    if (n % 100 === 0) names.learn(`id ${n}`, site(`acme/to-${n}`), 0);
  }
  t.equal(names.current(at('acme/store').pr_url), at('acme/store').pr_url, 'the oldest is let go');
  t.equal(names.toSnapshot().moves.length, limits.review_moves_rows);
});

t.test('below level 3 nothing moves', async t => {
  const world = start(t);
  world.mesh.say(opened('log_2', { level: 2, replaces: 'log_1' }));
  world.and(touches(web, 1, at('acme/store')), told('acme/store', 'open', { repo: '7' }));
  world.and(moved('acme/store', 'acme/shop')).thenVoid('malformed');
  world.and(
    told('acme/shop', 'open', { repo: '7', updated_at: s(50) }),
    touches(web, 1, at('acme/shop')),
  );
  holds(t, world, 'acme/shop#1', 'acme/store#1');
});
