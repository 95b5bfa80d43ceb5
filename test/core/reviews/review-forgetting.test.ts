// Forgetting a pull request: who may, what goes with it, and that a later touch begins anew.
import t from 'tap';
import { OPERATOR } from '../../../schemas/uuid.js';
import {
  api,
  db,
  far,
  joins,
  makesToken,
  opened,
  orch,
  person,
  tokenNo,
  web,
} from '../../dsl/events.js';
import {
  forgets,
  marks,
  moved,
  observed,
  pull,
  requests,
  sha,
  touches,
} from '../../dsl/events-reviews.js';
import { type Given, given } from '../../dsl/given.js';

const bound = person('bound', { circle: 'elsewhere', role: 'orchestrator', token: tokenNo(91) });
const binding = makesToken(91, { circles: ['elsewhere'], roles: ['agent', 'orchestrator'] });
const crowd = [binding, joins(web), joins(api), joins(db), joins(far), joins(orch), joins(bound)];
const params = { pr_url: `${pull(1)}/files` };

const touched = (...more: Parameters<typeof given>[1][]) =>
  given(t, ...crowd, touches(web, 1, { head_sha: sha(1) }), requests(web, 1, api), ...more);
const gone = (world: Given) => world.thenReview('default', pull(1), undefined).thenInbox(api);

t.test('who touched it, who leads and a person may forget it; nobody else', async () => {
  gone(
    touched()
      .when(web, 'review.forget', params)
      .thenEvent({ pr_url: pull(1) }),
  );
  gone(touched().when(orch, 'review.forget', params).thenEvent({ circle: 'default' }));
  const ada = person('ada', { role: 'human' });
  gone(touched().and(joins(ada)).when(ada, 'review.forget', params).thenEvent({}));
  for (const other of [api, db]) {
    const refused = touched().when(other, 'review.forget', params);
    refused.thenRefused('not_yours', undefined, /orchestrator, a human or the operator/);
  }
  touched().and(forgets(db, 1)).thenVoid('not_yours');
});

t.test('the operator may without a peer, another token may not', async () => {
  gone(touched().when(OPERATOR, 'review.forget', params).thenEvent({ by: OPERATOR }));
  const speaker = makesToken(92, { circles: ['*'], verbs: ['observe', 'speak'] });
  touched().and(speaker).when(tokenNo(92), 'review.forget', params).thenRefused('not_yours');
});

t.test('what nobody has spoken of cannot be forgotten, nor what is out of sight', async () => {
  const world = touched();
  world.when(web, 'review.forget', { pr_url: pull(2) }).thenRefused('review_unknown');
  world.when(bound, 'review.forget', params).thenRefused('review_unknown');
  world.when(web, 'review.forget', { pr_url: 'acme/app#1' }).thenRefused('invalid');
  world.and(forgets(web, 1), forgets(web, 1)).thenVoid('review_unknown');
});

t.test('it leaves every circle where its forgetter may, and no other', async () => {
  const world = touched().and(touches(far, 1), forgets(orch, 1));
  gone(world).thenReview('elsewhere', pull(1), undefined);
  const own = touched().and(touches(far, 1), forgets(web, 1));
  gone(own).thenReview('elsewhere', pull(1), { touched_by: [far.peer] });
  const near = touched().and(touches(far, 1), forgets(bound, 1, { circle: 'elsewhere' }));
  near.thenReview('elsewhere', pull(1), undefined);
  near.thenReview('default', pull(1), { touched_by: [web.peer] });
});

t.test('a later touch begins anew, with what GitHub has said', async t => {
  const said = observed(1, 'open', { head_sha: sha(2), title: 'Known' });
  const world = touched(said, marks(api, 1), marks(orch, 1), forgets(web, 1));
  world.and(observed(1, 'closed', { head_sha: sha(3) })).thenApplied();
  gone(world).and(touches(db, 1));
  world.thenReview('default', pull(1), {
    touched_by: [db.peer],
    requests: [],
    marks: [],
    head_sha: sha(3),
    title: 'Known',
    state: 'closed',
  });
  t.equal(world.mesh.table.reviews.size, 1);
});

t.test('it is forgotten under a name of before, with the item of then', async () => {
  const world = touched(moved('acme/app', 'acme/shop'));
  world.when(web, 'review.forget', params).thenEvent({ pr_url: pull(1).replace('app', 'shop') });
  gone(world).thenReview('default', pull(1).replace('app', 'shop'), undefined);
});

t.test('below level 3 nothing is forgotten', async () => {
  const world = given(t, ...crowd);
  world.mesh.say(opened('log_2', { level: 2, replaces: 'log_1' }));
  world.and(touches(web, 1), forgets(web, 1)).thenVoid('malformed');
});
