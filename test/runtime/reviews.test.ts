// The review queue as each caller sees it, where each command on a review belongs, and its asking.
import t from 'tap';
import { limits } from '../../schemas/limits.js';
import { isRefusal } from '../../schemas/refusal.js';
import type { ReviewRow } from '../../schemas/review.js';
import { OPERATOR } from '../../schemas/uuid.js';
import * as p from '../dsl/events.js';
import { api, db, far, joins, orch, person, tokenNo, web } from '../dsl/events.js';
import { marks, observed, pull, pushes, requests, sha, touches } from '../dsl/events-reviews.js';
import { given, later } from '../dsl/given.js';
import { answers, type World } from '../dsl/reads.js';

const ann = person('ann', { role: 'human' });
const svc = person('svc', { role: 'service' });
const bound = person('bound', { circle: 'elsewhere', token: tokenNo(91), role: 'orchestrator' });
const binding = p.makesToken(91, { circles: ['elsewhere'] });
const crowd = [joins(web), joins(api), joins(db), joins(far), joins(orch), joins(ann)];

type Learn = (urls: readonly string[]) => Promise<void>;

/** Asks for the queue as a person, or with a bare token. */
const asks = (world: World, who: p.Person | string, params: object = {}, learn?: Learn) =>
  answers(world, who, 'review.queue', params, learn);

async function queue(world: World, who: p.Person | string, params: object = {}, learn?: Learn) {
  const answer = await asks(world, who, params, learn);
  if (isRefusal(answer)) throw new Error(answer.message);
  return answer.result as { rows: ReviewRow[]; next?: string };
}

/** Which pull requests stand in a queue, in order, and what each wants. */
async function wants(world: World, who: p.Person | string, params: object = {}) {
  const { rows } = await queue(world, who, params);
  return rows.map(({ pr_url, my_action }) => [pr_url.split('/').at(-1), my_action].join(' '));
}

t.test('an agent or service sees what was requested of it or reviewed by it', async t => {
  const world = given(t, ...crowd, joins(svc), touches(web, 1), touches(web, 2), touches(web, 3));
  world.and(requests(web, 1, api), marks(api, 2), requests(web, 1, svc));
  t.strictSame(await wants(world, api), ['1 review-needed', '2 none-needed']);
  t.strictSame(await wants(world, svc), ['1 review-needed']);
  t.strictSame(await wants(world, db), []);
  t.strictSame(await wants(world, web), [], 'nor what it touched itself');
});

t.test('orchestrators and humans also see all that others touched, reviewed or not', async t => {
  const world = given(t, ...crowd, touches(web, 1), touches(far, 2), touches(orch, 3));
  world.and(touches(orch, 4), touches(web, 4), observed(5, 'open'), observed(2, 'merged'));
  world.and(requests(ann, 6, api));
  const others = ['4 review-needed', '1 review-needed', '2 merged-since-review'];
  t.strictSame(await wants(world, orch), others);
  t.strictSame(await wants(world, ann), [
    '4 review-needed',
    '3 review-needed',
    '1 review-needed',
    '2 merged-since-review',
  ]);
});

t.test('a row says all that is known, as the caller stands to it', async t => {
  const title = 'Fix it';
  const world = given(t, ...crowd, touches(web, 1, { title, head_sha: sha(1) }));
  world.and(requests(web, 1, api), requests(db, 1, api), requests(db, 1, orch));
  const known = { pr_url: pull(1), circle: 'default', title, touched_by: [web.peer] };
  const untold = { ...known, current_head_sha: sha(1), state: 'unknown' };
  const needed = { ...untold, my_action: 'review-needed' };
  const [row] = (await queue(world, api)).rows;
  const position = world.mesh.table.reviews.get('default', pull(1))?.position;
  const names = { touched_by_names: ['web'], requested_by_names: ['web', 'db'] };
  t.strictSame(row, { ...needed, requested_by: [web.peer, db.peer], ...names, position });
  world.and(marks(api, 1), observed(1, 'open', { head_sha: sha(2) }));
  const [told] = (await queue(world, api)).rows;
  t.match(told, {
    last_reviewed_sha: sha(1),
    last_reviewed_at: world.mesh.now,
    current_head_sha: sha(2),
    state: 'open',
    my_action: 're-review-suggested',
    observed_at: world.mesh.now,
  });
  const [theirs] = (await queue(world, orch)).rows;
  t.equal(theirs?.last_reviewed_sha, undefined, 'what another reviewed is not told as one’s own');
  t.strictSame(theirs?.requested_by, [db.peer]);
});

t.test(
  'what wants something stands first, then the newest; pages go on where one ended',
  async t => {
    const world = given(t, ...crowd);
    for (let n = 1; n <= 7; n++) world.and(pushes(web, n, 1));
    world.and(marks(orch, 1), marks(orch, 2), marks(orch, 3, { sha: sha(9) }));
    world.and(observed(4, 'closed'), observed(5, 'merged'));
    world.and(touches(web, 8), marks(orch, 8), observed(8, 'open', { head_sha: sha(1) }));
    const all = [
      '7 review-needed',
      '6 review-needed',
      '3 re-review-suggested',
      '5 merged-since-review',
      '4 closed-since-review',
      '8 unknown',
      '2 none-needed',
      '1 none-needed',
    ];
    t.strictSame(await wants(world, orch), all);
    const paged: string[] = [];
    let after: string | undefined;
    do {
      const params = { max: 3, ...(after && { after }) };
      paged.push(...(await wants(world, orch, params)));
      after = (await queue(world, orch, params)).next;
    } while (after !== undefined);
    t.strictSame(paged, all);
    t.match(await asks(world, orch, { after: 'nonsense' }), { refusal: 'invalid' });
  },
);

t.test('another’s queue is seen as far as both may look', async t => {
  const world = given(t, binding, ...crowd, joins(bound), touches(web, 1), touches(far, 2));
  world.and(requests(web, 1, api), requests(web, 2, far));
  world.and(marks(orch, 2, { circle: 'elsewhere' }));
  t.strictSame(await wants(world, web, { peer: 'api' }), ['1 review-needed']);
  t.strictSame(await wants(world, web, { peer: api.peer }), ['1 review-needed']);
  t.strictSame(await wants(world, OPERATOR, { peer: 'orch' }), [
    '1 review-needed',
    '2 none-needed',
  ]);
  t.strictSame(await wants(world, bound, { peer: 'far' }), ['2 review-needed']);
  t.strictSame(await wants(world, orch, { peer: bound.peer }), ['2 review-needed']);
  for (const peer of [api.peer, 'api', 'nobody', person('nobody').peer]) {
    t.match(await asks(world, bound, { peer }), { refusal: 'peer_unknown' }, `${peer} is hidden`);
  }
});

t.test('a bound token sees no row of another circle, nor what was reviewed there', async t => {
  const world = given(t, binding, ...crowd, joins(bound), touches(web, 1), touches(far, 1));
  world.and(marks(orch, 1));
  const { rows } = await queue(world, bound);
  t.strictSame(
    rows.map(({ circle, my_action }) => [circle, my_action]),
    [['elsewhere', 'review-needed']],
  );
  const [seen] = (await queue(world, tokenNo(91))).rows;
  t.match(seen, { circle: 'elsewhere', my_action: 'review-needed' });
});

t.test('a bare token sees everybody’s queue, with the newest review of anybody', async t => {
  const world = given(t, ...crowd, pushes(web, 1, 1), touches(far, 2), requests(web, 3, api));
  world.and(observed(4, 'open'), marks(api, 1), marks(orch, 3));
  t.strictSame(await wants(world, OPERATOR), ['2 review-needed', '3 none-needed', '1 none-needed']);
  const { rows } = await queue(world, OPERATOR);
  t.match(rows[1], { requested_by: [web.peer], last_reviewed_at: Number });
});

t.test('one review counts in every circle that its reviewer may see', async t => {
  const world = given(t, ...crowd, pushes(far, 1, 1), touches(web, 1, { head_sha: sha(1) }));
  world.and(marks(orch, 1));
  t.strictSame(await wants(world, orch), ['1 none-needed', '1 none-needed']);
});

t.test('every spelling of a pull request’s address is one row', async t => {
  given(t, ...crowd)
    .when(web, 'review.touch', { pr_url: 'https://GitHub.com/Acme/App/pull/1/files#diff-1' })
    .thenEvent({ pr_url: pull(1), circle: 'default' })
    .when(web, 'review.request', { pr_url: `${pull(1)}.diff`, of: 'api' })
    .thenEvent({ pr_url: pull(1), of: api.peer })
    .when(api, 'review.mark', { pr_url: `${pull(1)}/commits?x=1`, sha: 'ABCDEF1' })
    .thenEvent({ pr_url: pull(1), sha: 'abcdef1' });
});

t.test('what is no address of a pull request is invalid', async t => {
  const world = given(t, ...crowd, touches(web, 1));
  const none = ['acme/app#1', 'https://example.com/1', pull(1).replace('//', '//me:pw@')];
  for (const pr_url of [...none, 'https://github.com/acme/app/issues/1']) {
    world.when(web, 'review.touch', { pr_url }).thenRefused('invalid', undefined, /\/pull\/7/);
    world.when(web, 'review.request', { pr_url, of: 'api' }).thenRefused('invalid');
    world.when(web, 'review.mark', { pr_url }).thenRefused('invalid');
  }
});

t.test('an address of before that is no pull request stays the name of its row', async t => {
  const pr_url = 'https://example.com/review?id=3';
  given(t, ...crowd, touches(web, 1, { pr_url }))
    .when(api, 'review.mark', { pr_url })
    .thenEvent({ pr_url });
});

t.test('a touch belongs to the peer’s circle, a request to that of who should review', async t => {
  given(t, ...crowd, touches(far, 1))
    .when(web, 'review.touch', { pr_url: pull(1), head_sha: sha(1) })
    .thenEvent({ circle: 'default', head_sha: sha(1) })
    .when(web, 'review.request', { pr_url: pull(1), of: far.peer })
    .thenEvent({ circle: 'elsewhere', of: far.peer })
    .when(web, 'review.request', { pr_url: pull(1), of: 'nobody' })
    .thenRefused('peer_unknown')
    .when(web, 'review.request', { pr_url: pull(1), of: 'far', circle: 'elsewhere' })
    .thenEvent({ of: far.peer });
});

t.test('a review belongs where its pull request is known, at home first', async t => {
  const world = given(t, binding, ...crowd, joins(bound), pushes(far, 1, 1));
  world
    .when(web, 'review.mark', { pr_url: pull(1) })
    .thenEvent({ circle: 'elsewhere', sha: sha(1) });
  world.and(pushes(api, 1, 2));
  world.when(web, 'review.mark', { pr_url: pull(1) }).thenEvent({ circle: 'default', sha: sha(2) });
  world.when(far, 'review.mark', { pr_url: pull(1) }).thenEvent({ circle: 'elsewhere' });
  world.and(touches(db, 2));
  for (const n of [2, 3]) {
    world.when(bound, 'review.mark', { pr_url: pull(n) }).thenRefused('review_unknown');
  }
});

t.test('what only GitHub has spoken of may be reviewed by who may see all circles', async t => {
  const world = given(
    t,
    binding,
    ...crowd,
    joins(bound),
    observed(1, 'open', { head_sha: sha(1) }),
  );
  world.when(bound, 'review.mark', { pr_url: pull(1) }).thenRefused('review_unknown');
  world.when(web, 'review.mark', { pr_url: pull(1) }).thenEvent({ circle: 'default' });
  t.match((await queue(world, web)).rows, [
    { my_action: 'none-needed', last_reviewed_sha: sha(1) },
  ]);
});

t.test(
  'GitHub is asked about what it has not said lately, and its answer is in the queue',
  async t => {
    const world = given(t, ...crowd, touches(web, 1), touches(web, 2), touches(web, 3));
    world.and(touches(web, 4), observed(3, 'merged'), observed(2, 'open'));
    world.and(later(limits.github_fresh_ms), observed(4, 'open'));
    const asked: string[][] = [];
    const learn = async (urls: readonly string[]) => {
      asked.push([...urls]);
      world.and(observed(1, 'closed'));
    };
    const { rows } = await queue(world, orch, {}, learn);
    t.strictSame(asked, [[pull(1), pull(2)]], 'neither what is merged nor what was just told');
    t.equal(rows.find(({ pr_url }) => pr_url === pull(1))?.my_action, 'closed-since-review');
    await queue(world, api, {}, learn);
    t.equal(asked.length, 1, 'an empty queue asks nothing');
  },
);
