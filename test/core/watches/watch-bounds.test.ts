// The bounds of watches: what their owners may see, how much one keeps, how many there may be.
import t from 'tap';
import { rights } from '../../../broker/core/rows/rights.js';
import { watchQueries } from '../../../broker/core/watches/queries.js';
import { limits } from '../../../schemas/limits.js';
import { timePasses } from '../../dsl/brokers-look.js';
import * as p from '../../dsl/events.js';
import { api, askNo, asks, db, far, joins, web } from '../../dsl/events.js';
import { boss, deputy, takesOver } from '../../dsl/events-handovers.js';
import { uses } from '../../dsl/events-ledger.js';
import { unwatches, watches, watchNo } from '../../dsl/events-watches.js';
import { type Given, given } from '../../dsl/given.js';

const MINUTE = 60_000;
const here = [joins(web), joins(api), joins(db)];

/** What the watches have told web, one text each. */
const told = ({ mesh }: Given) =>
  [...(mesh.table.inbox.boxes.get(web.peer)?.items.values() ?? [])]
    .filter(({ watch }) => watch !== undefined)
    .map(({ text }) => text);

/** Passes time, and how often a watch fired in it. */
const fires = ({ mesh }: Given, ms: number) =>
  timePasses(mesh, ms).filter(({ type }) => type === 'watch.fired').length;

t.test('what is beyond the token of its owner is told nobody, and ends the watch', async t => {
  const yon = p.person('yon', { circle: far.circle });
  const near = { ...deputy, token: p.tokenNo(50) };
  const nobody = { when: 'peer.offline', peer: far.peer, for_s: 60 } as const;
  const use = { when: 'budget.above', in_circle: far.circle, tokens: 1 } as const;
  const own = { when: 'peer.offline', peer: db.peer, for_s: 60 } as const;
  const world = given(
    t,
    ...here,
    joins(far),
    p.makesToken(50, { circles: ['default'] }),
    ...[joins(boss), joins(near), joins(yon), asks(9, far, yon)],
    watches(1, boss, boss, nobody),
    watches(2, boss, boss, use),
    watches(3, boss, boss, { when: 'ask.older_than', ask: askNo(9), age_s: 60 }),
    watches(4, boss, boss, own),
    ...[
      p.disconnects(boss),
      takesOver(near, boss),
      p.disconnects(far),
      p.disconnects(db),
      uses(far),
    ],
  ).thenApplied();
  t.equal(fires(world, MINUTE), 4);
  for (const n of [1, 2, 3]) {
    t.match(world.mesh.table.watches.get(watchNo(n)), { ended: 'unauthorized' });
  }
  world.thenInbox(near, { watch: watchNo(4), text: 'db has been offline for 60 s' });
});

t.test('of more than a watch keeps no exact number is told', async t => {
  const many = Array.from({ length: limits.watch_causes_items + 1 }, (_, n) =>
    asks(n + 2, web, api),
  );
  const older = { when: 'ask.older_than', by_me: true, age_s: 60 } as const;
  const world = given(t, ...here, watches(1, web, web, older), ...many);
  t.equal(fires(world, MINUTE), 1);
  t.match(told(world)[0], new RegExp(`and at least ${limits.watch_causes_items - 10} more$`));
});

t.test('one circle, however many its peers, leaves room for the watches of others', async t => {
  const crowd = Array.from({ length: 6 }, (_, n) => p.person(`crowd${n}`));
  const own = { when: 'budget.above', tokens: 1 } as const;
  const world = given(t, joins(far), ...crowd.map(who => joins(who)));
  for (let n = 0; n < limits.watches_circle_rows; n++) {
    const who = crowd[Math.floor(n / limits.watches_rows)]!;
    world.and(watches(n, who, who, { ...own, peer: who.peer }));
  }
  const [first, last] = [crowd[0]!, crowd[5]!];
  const more = (n: number, who: p.Person) => watches(n, who, who, { ...own, peer: who.peer });
  world.thenApplied().and(more(3_000, last)).thenVoid('inbox_full');
  world.and(more(3_001, far)).thenApplied();
  world.and(unwatches(first, 0), more(3_002, last)).thenApplied();
});

t.test('a page of watches goes on where the one before it has been forgotten', async t => {
  const older = { when: 'ask.older_than', by_me: true, age_s: 60 } as const;
  const made = [1, 2, 4].map(n => watches(n, web, web, older));
  const { table } = given(t, ...here, ...made, unwatches(web, 4)).mesh;
  const viewer = { table, author: web, held: rights(table, web.token, p.T0)! };
  const page = (after: number) =>
    watchQueries['watch.list'](viewer, { mine: true, max: 1, after: watchNo(after) });
  t.match(page(4), { rows: [{ watch: watchNo(2) }], next: watchNo(2) });
  t.match(page(3), { rows: [{ watch: watchNo(2) }] }, 'though it is not there');
  t.match(page(1), { rows: [] });
});

t.test('a cost below what is counted is no bound, which no use at all would reach', async t => {
  const cost = { when: 'budget.above', peer: web.peer } as const;
  const world = given(t, ...here, watches(1, web, web, { ...cost, cost_usd: 1e-7 }));
  world
    .thenVoid('malformed')
    .and(watches(2, web, web, { ...cost, cost_usd: 1e-6 }))
    .thenApplied();
  t.equal(fires(world, MINUTE), 0);
});
