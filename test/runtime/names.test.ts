// Names beside ids: every row that shows a peer says what it is called, also when it has left.
import t from 'tap';
import { OPERATOR } from '../../schemas/uuid.js';
import * as p from '../dsl/events.js';
import { api, asks, db, far, joins, orch, person, tells, tokenNo, web } from '../dsl/events.js';
import { given } from '../dsl/given.js';
import { reads } from '../dsl/reads.js';

const URL = 'https://github.com/acme/api/pull/7';

const world = given(t, joins(web), joins(api), joins(db), joins(far), joins(orch));
world.and(asks(1, web, api), p.closes(api, 1, 'replied', { text: 'yes' }), tells(2, web, api, '!'));
world.when(web, 'job.create', { id: p.uuid(3), title: 'x', to: 'api' }).thenEvent({});
world.when(api, 'job.claim', {}).thenEvent({});
world.when(api, 'schedule.create', { to: 'web', text: 'x', fire_at: '1h' }).thenEvent({});
world.when(api, 'review.touch', { pr_url: URL }).thenEvent({});
world.when(api, 'review.request', { pr_url: URL, of: 'web' }).thenEvent({});
world.and({ ...p.makesToken(4), by: api.peer }, p.leaves(api)).thenApplied();

const rows = async (method: Parameters<typeof reads>[2], params: object = {}, who = web) =>
  ((await reads(world, who, method, params)) as { rows: object[] }).rows;

t.test('a thread, its reply and its trace name who has left', async t => {
  const thread = { from_name: 'web', to_name: 'api', reply: { text: 'yes', by_name: 'api' } };
  t.match(await reads(world, web, 'ask.get', { ask: p.askNo(1) }), thread);
  t.match(await rows('ask.list'), [thread]);
  t.match(await reads(world, web, 'message.trace', { ref: p.msgNo(2) }), {
    stages: [
      { stage: 'accepted', by_name: 'web' },
      { stage: 'offered', by_name: 'api' },
    ],
  });
});

t.test('jobs, schedules, reviews and tokens name who has left', async t => {
  const job = `job_${p.uuid(3)}`;
  t.match(await rows('job.list'), [{ from_name: 'web' }]);
  t.match(await reads(world, web, 'job.get', { job }), { attempts: [{ by_name: 'api' }] });
  t.match(await rows('schedule.list'), [{ by_name: 'api', to_name: 'web' }]);
  t.match(await rows('review.queue'), [{ touched_by_names: ['api'], requested_by_names: ['api'] }]);
  const { rows: tokens } = (await reads(world, OPERATOR, 'token.list')) as { rows: object[] };
  t.match(tokens, [{ token: tokenNo(4), made_by_name: 'api' }]);
});

t.test('who has left is named to who asks for it by its id, and listed no more', async t => {
  const gone = { peer: api.peer, name: 'api', status: 'offline', reason: 'left' };
  t.match(await rows('peer.list', { peers: [api.peer] }), [gone]);
  t.match(await rows('peer.list', { peers: [web.peer, far.peer] }), [
    { name: 'web' },
    { name: 'far' },
  ]);
  const names = (await rows('peer.list', { offline: true })).map(row => (row as p.Person).name);
  t.notOk(names.includes('api'));
});

t.test(
  'a token bound to circles learns no name from outside, but of who it deals with',
  async t => {
    const bound = person('bound', { circle: 'elsewhere', token: tokenNo(1) });
    const binding = p.makesToken(1, { circles: ['elsewhere'], verbs: ['speak', 'observe'] });
    const narrow = given(t, binding, joins(web), joins(far), joins(bound));
    narrow.and(asks(2, web, far), asks(3, web, bound));
    const seen = (ask: number) => reads(narrow, bound, 'ask.get', { ask: p.askNo(ask) });
    t.match(await seen(2), { from: web.peer, from_name: undefined, to_name: 'far' });
    t.match(await seen(3), { from_name: 'web', to_name: 'bound' });
    const asked = { peers: [web.peer], circle: '*' };
    t.match(await reads(narrow, bound, 'peer.list', asked), { rows: [] });
  },
);

t.test('a text that reads like an id names nobody', async t => {
  const bound = person('bound', { circle: 'elsewhere', token: tokenNo(1) });
  const binding = p.makesToken(1, { circles: ['elsewhere'], verbs: ['speak', 'observe'] });
  const narrow = given(t, binding, joins(web), joins(bound));
  narrow.when(bound, 'job.create', { id: p.uuid(5), title: web.peer }).thenEvent({});
  narrow.when(bound, 'job.create', { id: p.uuid(6), title: bound.peer }).thenEvent({});
  const job = (n: number, who: p.Person) =>
    reads(narrow, who, 'job.get', { job: `job_${p.uuid(n)}` });
  t.match(await job(5, bound), { title: web.peer, from_name: 'bound', title_name: undefined });
  t.match(await job(6, bound), { from_name: 'bound', title_name: undefined });
});
