// The conditions of watches: when each fires, never early, once for each cause.
import t from 'tap';
import { brokersLook, timePasses } from '../../dsl/brokers-look.js';
import * as p from '../../dsl/events.js';
import { api, askNo, asks, closes, db, joins, msgNo, tells, web } from '../../dsl/events.js';
import { claims, jobNo, makesJob, updates } from '../../dsl/events-jobs.js';
import { bounds, uses } from '../../dsl/events-ledger.js';
import { watches, watchNo } from '../../dsl/events-watches.js';
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

t.test('peer.offline fires when a peer has been away for so long, once each time', async t => {
  const world = given(
    t,
    ...here,
    watches(1, web, web, { when: 'peer.offline', peer: api.peer, for_s: 300 }),
  );
  t.equal(fires(world, 10 * MINUTE), 0, 'not while it is here');
  world.and(p.disconnects(api));
  t.equal(fires(world, 5 * MINUTE - 1), 0, 'never early');
  t.equal(fires(world, 1), 1, 'at its time');
  t.equal(fires(world, 60 * MINUTE), 0, 'once');
  t.match(told(world), ['api has been offline for 5 min']);
  world.and(p.connects(api), p.disconnects(api));
  t.equal(fires(world, 5 * MINUTE), 1, 'each time it is away');
  world.and(p.connects(api));
  world.and(p.disconnects(api));
  fires(world, MINUTE);
  world.and(p.connects(api));
  t.equal(fires(world, 60 * MINUTE), 0, 'not when it is back before');
});

t.test(
  'a peer that retires while away goes on with the same absence; one here begins one',
  async t => {
    const world = given(
      t,
      ...here,
      watches(1, web, web, { when: 'peer.offline', peer: api.peer, for_s: 300 }),
      watches(2, web, web, { when: 'peer.offline', peer: db.peer, for_s: 300 }),
      p.disconnects(api),
    );
    t.equal(fires(world, 4 * MINUTE), 0);
    world.and(p.kills(api), p.leaves(db));
    t.equal(fires(world, MINUTE), 1);
    t.match(told(world), ['api is gone (killed), offline for 5 min']);
    t.equal(world.mesh.table.watches.get(watchNo(1))?.ended, 'over', 'nobody comes back from that');
    t.equal(fires(world, 4 * MINUTE), 1);
    t.match(told(world)[1], 'db is gone (left), offline for 5 min');
    t.equal(world.mesh.table.watches.get(watchNo(2))?.state, 'active', 'it may come back');
  },
);

t.test('who speaks without a connection is away once it was silent for a minute', async t => {
  const world = given(
    t,
    joins(web),
    p.joinsAway(api),
    watches(1, web, web, { when: 'peer.offline', peer: api.peer, for_s: 1 }),
  );
  t.equal(fires(world, MINUTE - 1), 0, 'as readers are told');
  world.and(tells(2, api, web, 'still here'));
  t.equal(fires(world, MINUTE - 1), 0, 'each word counts');
  t.equal(fires(world, 1), 1);
  world.and(tells(3, api, web, 'back'));
  t.equal(fires(world, 2 * MINUTE), 1, 'a new absence');
});

t.test(
  'ask.older_than fires for each ask that is open so long, together where at once',
  async t => {
    const world = given(
      t,
      ...here,
      watches(1, web, web, { when: 'ask.older_than', by_me: true, age_s: 600 }),
      asks(2, web, api),
      asks(3, web, db),
      asks(4, db, api),
    );
    fires(world, 9 * MINUTE);
    world.and(asks(5, web, api));
    t.equal(fires(world, MINUTE), 1);
    t.equal(told(world).length, 1, 'one message for two asks');
    t.match(told(world)[0], `- ${askNo(2)} is still open: web asked api 10 min ago\n- ${askNo(3)}`);
    world.and(closes(api, 5, 'replied', { text: 'yes' }));
    t.equal(fires(world, 60 * MINUTE), 0, 'not for one that was answered, nor twice');
  },
);

t.test('what waits between two fires is told together, and no sooner than it may be', async t => {
  const world = given(
    t,
    ...here,
    watches(1, web, web, { when: 'ask.older_than', peer: api.peer, age_s: 60, quiet_s: 600 }),
    asks(2, web, api),
    { later: 30_000 },
    asks(3, web, api),
    asks(4, web, api),
  );
  t.equal(fires(world, 30_000), 1);
  t.equal(fires(world, 10 * MINUTE - 1), 0, 'quiet');
  t.equal(fires(world, 1), 1);
  t.match(told(world)[1], /2 more|- .*\n- /, 'both at once');
  t.match(told(world)[1], 'due 9 min ago', 'and how late that is');
});

t.test('an ask that a watch has made is no cause of any watch', async t => {
  const older = { when: 'ask.older_than', age_s: 60, quiet_s: 1 } as const;
  const world = given(
    t,
    ...here,
    watches(1, web, api, { ...older, by_me: true, tell: 'ask' }),
    watches(2, web, web, { ...older, peer: api.peer }),
    asks(3, web, api),
  );
  fires(world, 60 * MINUTE);
  const fired = [1, 2].map(n => world.mesh.table.watches.get(watchNo(n))?.fired);
  t.same(fired, [1, 1]);
  const open = [...world.mesh.table.asks.open.values()];
  t.same(
    open.map(({ watch }) => watch),
    [undefined, watchNo(1)],
  );
});

t.test(
  'job.silent fires once for each silence of an attempt, a lapsed lease within it',
  async t => {
    const world = given(
      t,
      ...here,
      watches(1, web, web, { when: 'job.silent', owner: web.peer, for_s: 600 }),
      makesJob(2, web, { lease_s: 300 }),
      { later: 20 * MINUTE },
      claims(api, 2),
      { later: MINUTE },
      updates(api, 2),
    );
    t.equal(fires(world, 10 * MINUTE - 1), 0, 'counted from its last word');
    t.equal(fires(world, 1), 1);
    t.match(told(world)[0], /job 1 .*no word of api for 10 min, attempt 1, its lease ran out/);
    t.equal(fires(world, 60 * MINUTE), 0);
    world.and(claims(db, 2));
    t.equal(fires(world, 10 * MINUTE), 1, 'another attempt');
    t.match(told(world)[1], /no word of db/);
  },
);

t.test('a watch of one job ends with it, and cannot be made of one that has ended', async t => {
  given(
    t,
    ...here,
    makesJob(2, web),
    watches(1, web, web, { when: 'job.silent', job: jobNo(2), for_s: 600 }),
    p.says(web, 'job.cancelled', { job: jobNo(2), reason: 'no' }),
  )
    .thenRow(table => table.watches.get(watchNo(1))?.ended, 'over')
    .when(web, 'watch.create', { when: 'job.silent', job: jobNo(2), for_s: 60 })
    .thenRefused('job_state');
});

t.test('queue.deeper_than fires at each crossing upwards, after a while if so wanted', async t => {
  const deep = { when: 'queue.deeper_than', queue: 'inbox', peer: api.peer, quiet_s: 1 } as const;
  const world = given(
    t,
    ...here,
    watches(1, web, web, { ...deep, depth: 1 }),
    watches(2, web, web, { ...deep, depth: 1, for_s: 120 }),
    tells(3, web, api, 'one'),
  );
  t.equal(fires(world, 0), 0, 'as many is not more');
  world.and(tells(4, web, api, 'two'), tells(5, web, api, 'three'));
  t.equal(fires(world, 0), 1, 'once, however deep');
  t.match(told(world), [/in the inbox of api wait 3 \(more than 1\)/]);
  world.and(p.sees(api, msgNo(3), msgNo(4)));
  t.equal(fires(world, 10 * MINUTE), 0, 'the other was no more in time');
  world.and(tells(6, web, api, 'again'));
  t.equal(fires(world, 2 * MINUTE), 2, 'armed anew');
});

t.test('jobs that wait in a circle are a queue, of one kind or of all', async t => {
  const world = given(
    t,
    ...here,
    watches(1, web, web, {
      when: 'queue.deeper_than',
      queue: 'jobs',
      kind: 'review',
      in_circle: 'default',
      depth: 0,
    }),
    makesJob(2, web),
  );
  t.equal(fires(world, 0), 0);
  world.and(makesJob(3, web, { kind: 'review' }));
  t.equal(fires(world, 0), 1);
  t.match(told(world)[0], 'jobs of kind "review" in circle default that nobody has claimed: 1');
});

t.test('budget.above fires once a day, and again where the budget was raised', async t => {
  const world = given(
    t,
    ...here,
    bounds(api, { tokens_per_day: 1_000 }),
    watches(1, web, web, { when: 'budget.above', peer: api.peer, percent: 80 }),
    uses(api, { input_tokens: 799, output_tokens: 0 }),
  );
  t.equal(fires(world, 0), 0);
  world.and(uses(api, { input_tokens: 1, output_tokens: 0 }));
  t.equal(fires(world, 0), 1, 'at 80 %');
  t.match(told(world)[0], /api used 800 tokens, .* \(UTC\), 80 % of the budget or more/);
  world.and(uses(api));
  t.equal(fires(world, 30 * MINUTE), 0);
  world.and(bounds(api, { tokens_per_day: 1_000_000 }), bounds(api, { tokens_per_day: 1_000 }));
  t.equal(fires(world, 0), 1, 'fallen below, and reached again');
  t.equal(fires(world, 24 * 60 * MINUTE), 0);
  world.and(uses(api, { input_tokens: 900, output_tokens: 0 }));
  t.equal(fires(world, 0), 1, 'another day');
});

t.test(
  'of two brokers that propose a fire one is heard, and of one late nothing is lost',
  async t => {
    const world = given(
      t,
      ...here,
      watches(1, web, web, { when: 'ask.older_than', by_me: true, age_s: 60 }),
      asks(2, web, api),
      { later: 48 * 60 * MINUTE },
    );
    t.match(brokersLook(world.mesh), { applied: [{ type: 'watch.fired' }], voids: ['stale'] });
    t.match(told(world), [/asked api 2 days ago \(due 47 h ago\)/]);
    t.same(brokersLook(world.mesh), { applied: [], voids: [] });
  },
);
