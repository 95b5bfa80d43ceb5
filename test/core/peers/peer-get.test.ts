// Peers asked for by id: also those that have left, with when each acted and what waits for it.
import t from 'tap';
import { limits } from '../../../schemas/limits.js';
import { OPERATOR } from '../../../schemas/uuid.js';
import * as p from '../../dsl/events.js';
import {
  api,
  asks,
  db,
  far,
  joins,
  joinsAway,
  person,
  T0,
  tokenNo,
  web,
} from '../../dsl/events.js';
import { given, later } from '../../dsl/given.js';
import { reads, type World } from '../../dsl/reads.js';

const get = (world: World, who: p.Person | string, ...peers: string[]) =>
  reads(world, who, 'peer.get', { peers });

const row = async (world: World, who: p.Person) => {
  const { rows } = (await get(world, OPERATOR, who.peer)) as { rows: object[] };
  return rows[0] as Record<string, unknown>;
};

t.test('peers come in the order asked for, once, whether or not they have left', async t => {
  const world = given(t, joins(web), joins(api), joins(db), p.leaves(api), p.kills(db));
  t.match(await get(world, web, db.peer, web.peer, api.peer, web.peer), {
    rows: [
      { name: 'db', reason: 'killed' },
      { name: 'web', status: 'online' },
      { name: 'api', reason: 'left' },
    ],
    unknown: [],
  });
});

t.test('an id that the caller may not see is as unknown as one that is none', async t => {
  const bound = person('bound', { token: tokenNo(1) });
  const binding = p.makesToken(1, { circles: ['elsewhere'], verbs: ['speak', 'observe'] });
  const world = given(t, binding, joins(web), joins(far), joins(bound));
  const strange = ['peer_nobody-', 'operator', 'constructor', '…'];
  t.match(await get(world, bound, web.peer, far.peer, ...strange), {
    rows: [{ name: 'far' }],
    unknown: [web.peer, ...strange],
  });
  t.match(await get(world, tokenNo(1), bound.peer), { rows: [], unknown: [bound.peer] });
});

t.test('a peer acts by its own events, void ones too, and not by those about it', async t => {
  const world = given(t, joins(web), later(5), joins(api), later(5));
  t.match(await row(world, web), { acted_at: T0, last_seen: T0 + 10 });
  world.and(p.turns(web, 'working'), later(5), p.renames(web, 'api')).thenVoid('not_yours');
  t.match(await row(world, web), { acted_at: T0 + 15 });
  world.and(later(5), asks(1, api, web), p.disconnects(web), later(5), p.kills(web));
  t.match(await row(world, web), { acted_at: T0 + 15, last_seen: T0 + 25 });
});

t.test('in a log below level 3 nobody has noted who acted', async t => {
  const world = given(t, joins(web));
  world.mesh.table.log.level = 2;
  world.and(joins(api), later(5), p.turns(api, 'idle'));
  t.notMatch(await row(world, api), { acted_at: Number });
});

t.test('what waits is told with since when its oldest waits', async t => {
  const world = given(t, joins(web), joinsAway(api), later(5));
  t.notMatch(await row(world, api), { queued_since: Number });
  world.and(p.tells(1, web, api, 'one'), later(5), asks(2, web, api));
  t.match(await row(world, api), { queued: 2, queued_since: T0 + 5 });
  world.and(p.sees(api, p.msgNo(1)));
  t.match(await row(world, api), { queued: 1, queued_since: T0 + 10 });
});

t.test('a digest waits since its first message, also when it is restored', async t => {
  const world = given(t, joins(web), joinsAway(api), later(5), p.digests(1, web, api, 'one'));
  world.and(later(5), p.digests(2, web, api, 'two'), later(5), p.digests(3, web, api, 'three'));
  t.match(await row(world, api), { queued: 1, queued_since: T0 + 5 });
  t.match(world.mesh.fold.toSnapshot().table.inbox, [{ items: [{ since: T0 + 5 }] }]);
});

t.test('an answer ends where it would be too long, and says where to go on', async t => {
  const people = Array.from({ length: 200 }, (_, n) => person(`p${n}`));
  const path = 'x'.repeat(limits.path_chars);
  const world = given(t, ...people.map(one => joins(one, { path })));
  const ids = people.map(({ peer }) => peer);
  const told: string[] = [];
  for (let next: string | undefined = ''; next !== undefined; ) {
    const rest = ids.slice(next === '' ? 0 : ids.indexOf(next) + 1);
    const page = (await get(world, OPERATOR, ...rest)) as {
      rows: { peer: string }[];
      next?: string;
    };
    told.push(...page.rows.map(({ peer }) => peer));
    next = page.next;
  }
  t.same(told, ids);
});
