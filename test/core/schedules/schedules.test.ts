// The rules of the schedules, cell by cell: what each event does in each state, and who may.
import t from 'tap';
import { limits } from '../../../schemas/limits.js';
import type { ScheduleRow } from '../../../schemas/schedule.js';
import * as p from '../../dsl/events.js';
import {
  api,
  db,
  far,
  joins,
  leaves,
  makesToken,
  orch,
  person,
  tokenNo,
  web,
} from '../../dsl/events.js';
import {
  callsOff,
  DUE,
  fires,
  MINUTE,
  pauses,
  plans,
  plansMinutely,
  resumes,
  schedNo,
  skips,
} from '../../dsl/events-schedules.js';
import { type Given, given, later } from '../../dsl/given.js';

const crowd = [joins(web), joins(api), joins(db), joins(orch)];
const untilDue = later(DUE - p.T0);

function row({ mesh }: Given, n = 1): ScheduleRow | undefined {
  return mesh.table.schedules.get(schedNo(n))?.row;
}

/** Each state of a minutely schedule, and how it got there; its next time has come. */
const states = {
  none: [untilDue],
  active: [plansMinutely(1, web, api), untilDue],
  paused: [plansMinutely(1, web, api), pauses(web, 1), untilDue],
  done: [plans(1, web, api), untilDue, fires(1, 2)],
  cancelled: [plansMinutely(1, web, api), callsOff(web, 1), untilDue],
};
type State = keyof typeof states;

/** Whatever may be proposed of it, and what becomes of that: the new state, or why it is void. */
const next = DUE + MINUTE;
const events = {
  created: [plansMinutely(1, web, api, { id: p.uuid(9) }), 'active', 'invalid', 'invalid'],
  paused: [pauses(web, 1), 'schedule_unknown', 'paused', 'invalid'],
  resumed: [
    resumes(web, 1, next, { skipped: 1, skipped_to: DUE }),
    'schedule_unknown',
    'invalid',
    'active',
  ],
  cancelled: [callsOff(web, 1), 'schedule_unknown', 'cancelled', 'cancelled'],
  fired: [fires(1, 3, DUE, { next_at: next }), 'stale', 'active', 'stale'],
  'fired of its revision': [
    fires(1, 3, DUE, { next_at: next, revision: 1 }),
    'stale',
    'stale',
    'stale',
  ],
  'fired for the last time': [fires(1, 3), 'stale', 'done', 'stale'],
  skipped: [skips(1, 'missed', DUE, { next_at: next }), 'stale', 'early', 'stale'],
  left: [leaves(web), undefined, 'cancelled', 'cancelled'],
} as const;

for (const [name, [event, none, active, paused]] of Object.entries(events)) {
  const ended = name === 'created' ? 'invalid' : none === 'stale' ? 'stale' : 'schedule_unknown';
  const over = name === 'left' ? undefined : ended;
  const cells = { none, active, paused, done: over, cancelled: over };
  t.test(`a schedule of every state is ${name}`, async t => {
    for (const [state, wanted] of Object.entries(cells)) {
      const world = given(t, ...crowd, ...states[state as State]);
      const before = row(world)?.state;
      world.and(event);
      if (wanted === undefined || /^(active|paused|done|cancelled)$/.test(wanted)) {
        t.equal(row(world)?.state, wanted ?? before, `${state}: ${name}`);
        world.thenApplied();
      } else {
        t.equal(row(world)?.state, before, `${state} stays as it is`);
        world.thenVoid(wanted);
      }
    }
  });
}

t.test('who made it, an orchestrator and a human may change a schedule, nobody else', async t => {
  const human = person('human', { role: 'human' });
  for (const who of [web, orch, human]) {
    given(t, ...crowd, joins(human), plansMinutely(1, web, api))
      .when(who, 'schedule.pause', { schedule: schedNo(1) })
      .thenEvent({ type: 'schedule.paused', circle: 'default' })
      .when(who, 'schedule.resume', { schedule: schedNo(1) })
      .thenEvent({ type: 'schedule.resumed', next_at: DUE })
      .when(who, 'schedule.cancel', { schedule: schedNo(1) })
      .thenEvent({ type: 'schedule.cancelled' });
  }
  for (const who of [api, db]) {
    const world = given(t, ...crowd, plansMinutely(1, web, api));
    for (const method of ['schedule.pause', 'schedule.cancel'] as const) {
      world.when(who, method, { schedule: schedNo(1) }).thenRefused('not_yours');
    }
    world.and(pauses(who, 1)).thenVoid('not_yours');
    world.and(callsOff(who, 1)).thenVoid('not_yours');
    t.equal(row(world)?.state, 'active');
  }
});

t.test('what a token may not see is unknown, whoever holds it', async t => {
  const bound = person('bound', { circle: 'elsewhere', token: tokenNo(1), role: 'human' });
  const binding = makesToken(1, { circles: ['elsewhere'] });
  const world = given(t, ...crowd, binding, joins(bound), plans(2, web, api));
  for (const n of [2, 8]) {
    for (const method of ['schedule.pause', 'schedule.resume', 'schedule.cancel'] as const) {
      world.when(bound, method, { schedule: schedNo(n) }).thenRefused('schedule_unknown');
    }
  }
  world.and({ ...callsOff(bound, 2), circle: 'elsewhere' } as p.Draft).thenVoid('not_yours');
});

t.test('a schedule to who is unknown, gone or oneself by an ask is refused', async t => {
  const world = given(t, ...crowd, leaves(db));
  const params = { text: 'x', fire_at: '10m' };
  world.when(web, 'schedule.create', { to: 'nobody', ...params }).thenRefused('peer_unknown');
  world.when(web, 'schedule.create', { to: db.peer, ...params }).thenRefused('peer_retired');
  world
    .when(web, 'schedule.create', { to: 'web', kind: 'ask', ...params })
    .thenRefused('invalid')
    .when(web, 'schedule.create', { to: 'web', ...params })
    .thenEvent({ kind: 'notify', to: web.peer, next_at: p.T0 + 600_000 });
  world.and(plans(7, web, far)).thenVoid('peer_unknown');
  world.and(plans(8, web, db)).thenVoid('peer_retired');
});

t.test('words no broker would write are malformed', async t => {
  const world = given(t, ...crowd, plansMinutely(1, web, api));
  const odd = [
    { kind: 'shout' },
    { catch_up: 'some' },
    { overlap: 'maybe' },
    { fire_at: DUE + 1 },
    { until: DUE },
    { zone: 'UTC' },
    { next_at: 1.5, fire_at: 1.5 },
    { next_at: -1, fire_at: -1 },
    { cron: '@daily' },
    { cron: '@daily', zone: 'UTC', fire_at: DUE },
    { cron: '@daily', zone: 'UTC', until: DUE - 1 },
  ];
  for (const [n, more] of odd.entries())
    world.and(plans(10 + n, web, api, more as never)).thenVoid('malformed');
  world.and(untilDue);
  const next_at = DUE + MINUTE;
  const acts = [
    fires(1, 3, DUE, { next_at: DUE }),
    fires(1, 3, DUE, { next_at: DUE + 0.5 }),
    fires(1, 3, DUE, { next_at, id: 'no-uuid' }),
    skips(1, 'mood', DUE, { next_at }),
    skips(1, 'constructor', DUE, { next_at }),
    skips(1, 'missed', DUE, { next_at: DUE }),
    skips(1, 'missed', DUE, { to_at: DUE - 1, next_at }),
    skips(1, 'missed', DUE, { to_at: DUE + 1, next_at }),
    skips(1, 'missed', DUE, { count: 0, next_at }),
    skips(1, 'missed', DUE, { count: 1.5, next_at }),
    skips(1, 'missed', DUE, { count: 1_001, to_at: DUE, next_at }),
    skips(1, 'overlap', DUE, { count: 2, to_at: DUE + 1, next_at: DUE + 2 }),
    skips(1, 'recipient_retired', DUE, { next_at }),
    callsOff(web, 1, { skipped: 1 }),
    callsOff(web, 1, { skipped: 0, skipped_to: DUE }),
    callsOff(web, 1, { skipped: 1, skipped_to: DUE - 1 }),
  ];
  for (const act of acts) world.and(act).thenVoid('malformed');
  world.and(pauses(web, 1));
  const skipped = { skipped: 1, skipped_to: DUE };
  for (const resume of [
    resumes(web, 1, DUE, skipped),
    resumes(web, 1, next_at),
    resumes(web, 1, 0.5, skipped),
    resumes(web, 1, next_at, { skipped: 1 }),
    resumes(web, 1, next_at, { ...skipped, skipped_to: DUE - 1 }),
  ]) {
    world.and(resume).thenVoid('malformed');
  }
  t.match(row(world), { state: 'paused', fired: 0, skipped: 0 });
});

t.test('a one-shot has no second time, and no rule goes past its until', async t => {
  const world = given(
    t,
    ...crowd,
    plans(1, web, api),
    plansMinutely(2, web, api, { until: DUE }),
    untilDue,
  );
  world.and(fires(1, 3, DUE, { next_at: DUE + MINUTE })).thenVoid('malformed');
  world.and(fires(2, 4, DUE, { next_at: DUE + MINUTE })).thenVoid('malformed');
  world.and(fires(1, 5)).thenApplied();
  world.and(fires(2, 6)).thenApplied();
  t.equal(row(world, 1)?.state, 'done');
  t.equal(row(world, 2)?.state, 'done');
});

t.test('whoever makes too many schedules, or too long ones, is stopped', async t => {
  const long = 'x'.repeat(limits.text_bytes);
  const count = Math.floor(limits.schedules_chars / limits.text_bytes);
  const many = Array.from({ length: count }, (_, n) => plans(100 + n, web, api, { text: long }));
  const world = given(t, ...crowd, ...many).thenApplied();
  world.and(plans(1, web, api, { text: long })).thenVoid('inbox_full');
  world
    .when(web, 'schedule.create', { to: 'api', text: long, fire_at: '1h' })
    .thenRefused('inbox_full', { retry_after_s: 60 });
  world.and(plans(2, db, api, { text: long })).thenApplied();
  world.and(callsOff(web, 100), plans(3, web, api, { text: long })).thenApplied();
});

t.test(
  'what a leaving peer had planned ends, and leaves a reason for a time that had come',
  async t => {
    for (const goes of [leaves(web), p.kills(web)]) {
      const world = given(
        t,
        ...crowd,
        plansMinutely(1, web, api),
        plans(2, web, web, { next_at: DUE + 5 }),
        plansMinutely(3, api, web),
        untilDue,
        goes,
      );
      t.match(row(world, 1), {
        state: 'cancelled',
        next_at: undefined,
        last: { nominal_at: DUE, outcome: 'skipped', reason: 'creator_retired' },
      });
      t.match(row(world, 2), { state: 'cancelled', last: undefined, skipped: 0 });
      t.match(row(world, 3), { state: 'active' }, 'what is sent to it waits for its next time');
      t.same([...world.mesh.table.schedules.madeBy(web.peer)], []);
    }
  },
);
