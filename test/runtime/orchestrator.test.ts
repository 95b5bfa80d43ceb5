// Who orchestrates: whether one is present, which one it would be, and which others there are.
import t from 'tap';
import { limits } from '../../schemas/limits.js';
import { OPERATOR } from '../../schemas/uuid.js';
import * as p from '../dsl/events.js';
import { far, joins, joinsAway, orch, person, T0, tokenNo, web } from '../dsl/events.js';
import { given, later } from '../dsl/given.js';
import { reads, type World } from '../dsl/reads.js';

const role = 'orchestrator' as const;
const second = person('second', { role });
const abroad = person('abroad', { role, circle: 'elsewhere' });

const status = (world: World, who: p.Person | string, params: object = {}) =>
  reads(world, who, 'orchestrator.status', params);

t.test('where there is none, that is said, and of which circle', async t => {
  const none = { present: false, stale_after_s: 30, others: [] };
  const world = given(t, joins(web), joins(far));
  t.strictSame(await status(world, web), { circle: 'default', ...none });
  t.strictSame(await status(world, OPERATOR), { circle: '*', ...none });
  t.strictSame(await status(world, web, { circle: 'elsewhere' }), { circle: 'elsewhere', ...none });
});

t.test('a connected one is present, however long it has said nothing', async t => {
  const world = given(t, joins(web), joins(orch), later(3_600_000));
  t.match(await status(world, web), {
    circle: 'default',
    present: true,
    name: 'orch',
    peer: orch.peer,
    last_seen: T0 + 3_600_000,
  });
});

t.test('one that is away is named with when it was last seen, and is not present', async t => {
  const world = given(t, joins(web), joins(orch), later(5), p.disconnects(orch), later(5));
  const answer = { present: false, name: 'orch', last_seen: T0 + 5, others: [] };
  t.match(await status(world, web), answer);
});

t.test('one whose gateway has not been heard of is stale before it is lost', async t => {
  const world = given(t, p.started('gateway_b', 'boot_b'), joins(web), joinsAway(orch));
  world.and(p.connects(orch, 'boot_b'), later(limits.boot_lost_ms));
  t.match(await status(world, web), { present: true, last_seen: T0 });
  world.and(later(1));
  t.match(await status(world, web), { present: false, name: 'orch', last_seen: T0 });
});

t.test(
  'the online come before the offline, then who was seen last; the rest are others',
  async t => {
    const third = person('third', { role });
    const world = given(t, joins(web), joins(orch), joins(second), joins(third), later(5));
    world.and(p.disconnects(orch), later(5), p.disconnects(second), later(5));
    t.match(await status(world, web), {
      name: 'third',
      others: [{ name: 'second', peer: second.peer, last_seen: T0 + 10 }, { name: 'orch' }],
    });
  },
);

t.test('without a circle those elsewhere count too, after one’s own', async t => {
  const world = given(t, joins(web), joins(far), joins(abroad));
  t.match(await status(world, web), { circle: 'default', present: true, name: 'abroad' });
  world.and(joins(orch));
  t.match(await status(world, web), { name: 'orch', others: [{ name: 'abroad' }] });
  t.match(await status(world, far), { name: 'abroad', others: [{ name: 'orch' }] });
  t.match(await status(world, web, { circle: 'elsewhere' }), { name: 'abroad', others: [] });
  t.match(await status(world, web, { circle: '*' }), { others: { length: 1 } });
});

t.test('who left is not there, and no other role orchestrates', async t => {
  const human = person('human', { role: 'human' });
  const world = given(t, joins(web), joins(human), joins(orch), p.leaves(orch));
  t.match(await status(world, web), { present: false, peer: undefined, others: [] });
});

t.test('a bound token sees none outside its circles, and asks of none', async t => {
  const bound = person('bound', { circle: 'elsewhere', token: tokenNo(91) });
  const binding = p.makesToken(91, { circles: ['elsewhere'] });
  const world = given(t, binding, joins(orch), joins(bound));
  t.match(await status(world, bound), { circle: 'elsewhere', present: false, others: [] });
  t.match(await status(world, tokenNo(91)), { circle: '*', present: false, peer: undefined });
  const refused = await status(world, bound, { circle: 'default' });
  t.match(refused, { refusal: 'circle_forbidden' });
  world.and(joins(abroad));
  t.match(await status(world, bound), { present: true, name: 'abroad', others: [] });
});
