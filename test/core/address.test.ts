// Addressing: an id, a name nearby, or a name known everywhere; never a guess.
import t from 'tap';
import type { Rights } from '../../broker/core/rows/rights.js';
import { resolvePeer } from '../../broker/core/shared/address.js';
import { limits } from '../../schemas/limits.js';
import * as p from '../dsl/events.js';
import { api, db, far, joins, joinsAway, orch, person, web } from '../dsl/events.js';
import { given } from '../dsl/given.js';

const all: Rights = { token: 'operator', circles: ['*'], roles: [], verbs: [] };
const bound: Rights = { ...all, circles: ['default'] };

const farApi = person('far-api', { name: 'api', circle: 'elsewhere' });
const service = person('service', { name: 'search', circle: 'elsewhere', role: 'service' });
const human = person('human-1', { name: 'ann', circle: 'elsewhere', role: 'human' });

const { mesh } = given(t, joins(web), joins(api), joins(db), joins(farApi), joins(service));
mesh.say(joins(human), joinsAway(far), joins(orch));

const me = { token: '', peer: web.peer };
const LATER = p.T0 + limits.post_presence_ms;

/** As web, an agent, means it. */
const to = (name: string, circle?: string, held = all) =>
  resolvePeer({ table: mesh.table, held, author: me, now: LATER }, name, circle);

t.test('an id is that peer, in whatever circle the token covers', async t => {
  t.match(to(farApi.peer), { peer: farApi.peer });
  t.match(to(farApi.peer, undefined, bound), { refusal: 'peer_unknown' });
  t.match(to('peer_nobody00'), { refusal: 'peer_unknown' });
});

t.test('a name is first of all one in the caller’s circle, or in the circle it names', async t => {
  t.match(to('api'), { peer: api.peer });
  t.match(to('api', 'elsewhere'), { peer: farApi.peer });
  t.match(to('api', 'nowhere'), { refusal: 'peer_unknown' });
});

t.test('services, humans and orchestrators are known everywhere, agents are not', async t => {
  t.match(to('search'), { peer: service.peer });
  t.match(to('ann'), { peer: human.peer });
  t.match(to('far'), { refusal: 'peer_unknown' });
  t.match(to('search', 'default'), { refusal: 'peer_unknown' }, 'unless a circle is named');
});

t.test(
  'a circle outside the token is forbidden, and its peers are as if they were not',
  async t => {
    t.match(to('api', 'elsewhere', bound), { refusal: 'circle_forbidden' });
    t.same(to('search', undefined, bound), {
      refusal: 'peer_unknown',
      message: 'No "search" in circle "default"; see peer.list.',
      data: { candidates: [] },
    });
  },
);

t.test('several live matches are told as candidates, and none is chosen', async t => {
  const world = given(t, joins(api), joins(person('api-desk', { ...service, name: 'api' })));
  world.when(api, 'ask.open', { to: 'api', text: '?' }).thenRefused('peer_ambiguous', {
    candidates: [
      { peer: api.peer, name: 'api', circle: 'default', status: 'online' },
      { peer: service.peer, name: 'api', circle: 'elsewhere', status: 'online' },
    ],
  });
});

t.test(
  'who misspells is shown who comes near: the same name elsewhere, else a like one',
  async t => {
    t.match(to('far'), {
      data: { candidates: [{ peer: far.peer, circle: 'elsewhere', status: 'offline' }] },
    });
    t.match(to('or'), { data: { candidates: [{ peer: orch.peer }] } });
    t.match(to('webs'), { data: { candidates: [{ peer: web.peer }] } });
    t.match(to('zzz'), { data: { candidates: [] } });
  },
);

t.test('no more than five candidates are shown', async t => {
  const many = Array.from({ length: 9 }, (_, n) => joins(person(`worker-${n}`)));
  const { mesh } = given(t, joins(web), ...many);
  const found = resolvePeer({ table: mesh.table, held: all, author: me, now: LATER }, 'worker');
  t.match(found, { data: { candidates: { length: 5 } } });
});

t.test('a name that was left or changed addresses nobody', async t => {
  const world = given(t, joins(web), joins(api), p.renames(api, 'anew'), joins(db), p.leaves(db));
  world.when(web, 'ask.open', { to: 'api', text: '?' }).thenRefused('peer_unknown', {
    candidates: [],
  });
  world.when(web, 'ask.open', { to: 'db', text: '?' }).thenRefused('peer_unknown');
  world.when(web, 'ask.open', { to: 'anew', text: '?' }).thenEvent({ to: api.peer });
});

t.test('an orchestrator, a service, a human or a bare token means the mesh', async t => {
  const world = given(t, joins(web), joins(orch), joins(service), joins(human), joins(far));
  for (const who of [orch, service, human]) {
    world.when(who, 'notify.send', { to: 'far', text: '!' }).thenEvent({ to: far.peer });
    world.when(who, 'ask.open', { to: 'web', text: '?' }).thenEvent({ to: web.peer });
    world.when(who, 'ask.fan_out', { to: ['web', 'far'], text: '?' }).thenEvent({ circle: '*' });
    world.when(who, 'job.create', { title: 'x', to: 'far' }).thenEvent({ to: far.peer });
    world.when(who, 'job.create', { title: 'x', owner: 'far' }).thenEvent({ owner: far.peer });
    world.when(who, 'schedule.create', { to: 'far', text: 'x', fire_at: '1h' }).thenEvent({});
    const review = { pr_url: 'https://github.com/acme/api/pull/7', of: 'far' };
    world.when(who, 'review.request', review).thenEvent({ of: far.peer });
    const narrow = { to: 'far', circle: 'default', text: '!' };
    world.when(who, 'notify.send', narrow).thenRefused('peer_unknown');
  }
  world.when(web, 'notify.send', { to: 'far', text: '!' }).thenRefused('peer_unknown');
  world.when(web, 'peer.kill', { peer: 'far' }).thenRefused('peer_unknown');
  world.when(orch, 'peer.kill', { peer: 'far' }).thenEvent({ peer: far.peer });
  world.when('operator', 'peer.kill', { peer: 'web' }).thenEvent({ peer: web.peer });
});

t.test('a name of several circles is nobody’s guess to who means the mesh', async t => {
  const world = given(t, joins(orch), joins(api), joins(farApi));
  const candidates = [api, farApi].map(({ peer, circle }) => {
    return { peer, name: 'api', circle, status: 'online' };
  });
  world.when(orch, 'ask.open', { to: 'api', text: '?' }).thenRefused('peer_ambiguous', {
    candidates,
  });
  const there = { to: 'api', circle: 'elsewhere', text: '?' };
  world.when(orch, 'ask.open', there).thenEvent({ to: farApi.peer });
  world.when('operator', 'peer.kill', { peer: 'api' }).thenRefused('peer_ambiguous');
});

t.test('who means the mesh means it as far as its token reaches', async t => {
  const boss = person('boss', { role: 'human', token: p.tokenNo(1) });
  const binding = p.makesToken(1, { circles: ['default'], verbs: ['speak'] });
  const world = given(t, binding, joins(boss), joins(api), joins(farApi), joins(far));
  world.when(boss, 'ask.open', { to: 'api', text: '?' }).thenEvent({ to: api.peer });
  world.when(boss, 'ask.open', { to: 'far', text: '?' }).thenRefused('peer_unknown');
});
