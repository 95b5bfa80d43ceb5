// Counting the mesh: how much there is in the circles the caller may see, and no more.
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
  tells,
  tokenNo,
  web,
} from '../../dsl/events.js';
import { given, later } from '../../dsl/given.js';
import { reads } from '../../dsl/reads.js';

const bound = person('bound', { circle: 'elsewhere', token: tokenNo(91) });

const mesh = (t: Parameters<typeof given>[0]) =>
  given(t, p.makesToken(91, { circles: ['elsewhere'] }), joins(web), joins(api), joinsAway(db))
    .and(joins(far), joins(bound), p.turns(api, 'working'))
    .and(asks(1, web, api), asks(2, api, web), p.closes(web, 2, 'declined'), asks(3, web, bound))
    .and(tells(4, web, far, 'hi'), later(limits.post_presence_ms));

t.test('everything is counted by its state', async t => {
  const world = mesh(t);
  t.strictSame(await reads(world, OPERATOR, 'mesh.stats'), {
    time: p.T0 + limits.post_presence_ms,
    commits: world.mesh.fold.sequence,
    malformed: 0,
    brokers: 1,
    peers: { online: 3, busy: 1, offline: 1 },
    asks: { open: 2, closed: 1 },
    jobs: {},
    schedules: {},
    inbox: { waiting: 4 },
  });
});

t.test('who has left is counted no more, and what has left the tail still is', async t => {
  const world = mesh(t).and(p.leaves(api));
  world.mesh.table.asks.closed.clear();
  world.mesh.table.asks.dropped = 2;
  t.match(await reads(world, OPERATOR, 'mesh.stats'), {
    peers: { online: 3, busy: 0, offline: 1 },
    asks: { open: 1, closed: 2 },
  });
});

t.test('a bound token counts what is in its circles, and nothing of the mesh', async t => {
  const world = mesh(t);
  for (const who of [bound, tokenNo(91)]) {
    t.match(await reads(world, who, 'mesh.stats'), {
      brokers: 0,
      peers: { online: 2, busy: 0, offline: 0 },
      asks: { open: 1, closed: 0 },
      inbox: { waiting: 2 },
    });
  }
});
