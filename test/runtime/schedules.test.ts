// Planning and looking: what a command works out, what it answers, and what is told of the past.
import t from 'tap';
import { limits } from '../../schemas/limits.js';
import { methods } from '../../schemas/method.js';
import { OPERATOR } from '../../schemas/uuid.js';
import * as p from '../dsl/events.js';
import { api, db, far, joins, orch, person, T0, tokenNo, web } from '../dsl/events.js';
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
} from '../dsl/events-schedules.js';
import { type Given, given, later } from '../dsl/given.js';
import { reads } from '../dsl/reads.js';

const crowd = [joins(web), joins(api), joins(db)];
const untilDue = later(DUE - T0);
const HOUR = 60 * MINUTE;

const got = (world: Given, who: p.Person | string, n = 1) =>
  reads(world, who, 'schedule.get', { schedule: schedNo(n) });

async function listed(world: Given, who: p.Person | string, params: object = {}) {
  const { rows, next } = (await reads(world, who, 'schedule.list', params)) as {
    rows: { schedule: string }[];
    next?: string;
  };
  return { numbers: rows.map(({ schedule }) => numberOf(schedule)), rows, next };
}

const known = new Map<string, number>(Array.from({ length: 400 }, (_, n) => [schedNo(n), n]));
const numberOf = (schedule: string) => known.get(schedule);

t.test('a one-shot is due when it says, in every way to say it', async t => {
  for (const fire_at of ['10m', 'in 600s', DUE, new Date(DUE).toISOString()]) {
    given(t, ...crowd)
      .when(web, 'schedule.create', { id: p.uuid(1), to: 'api', text: 'x', fire_at })
      .thenAnswer({ schedule: schedNo(1), next_at: DUE })
      .thenRow(({ schedules }) => schedules.times.next(), DUE);
  }
});

t.test('a rule is due at its next time in its zone, up to the last it may have', async t => {
  const berlin = { to: 'api', text: 'x', zone: 'Europe/Berlin', id: p.uuid(1) };
  given(t, ...crowd)
    .when(web, 'schedule.cron', { ...berlin, cron: '0 12 * * mon-fri' })
    .thenAnswer({ schedule: schedNo(1), next_at: Date.UTC(2026, 0, 5, 11) });
  given(t, ...crowd)
    .when(web, 'schedule.cron', { ...berlin, cron: '@daily', until: '2026-01-05T23:00Z' })
    .thenAnswer({ next_at: Date.UTC(2026, 0, 5, 23) });
  given(t, ...crowd)
    .when(web, 'schedule.self', { text: 'x', cron: '0 0 29 2 *', id: p.uuid(1) })
    .thenAnswer({ next_at: Date.UTC(2028, 1, 29) })
    .thenRow(({ schedules }) => schedules.get(schedNo(1))?.row.to, web.peer);
});

t.test('what never fires is refused, and so is what nobody can read', async t => {
  const world = given(t, ...crowd);
  const to = { to: 'api', text: 'x' };
  const never = 'schedule_never_fires';
  world.when(web, 'schedule.create', { ...to, fire_at: T0 }).thenRefused(never);
  world.when(web, 'schedule.create', { ...to, fire_at: 'soon' }).thenRefused('invalid');
  world.when(web, 'schedule.self', { text: 'x', fire_at: T0 - 1 }).thenRefused(never);
  const refused = [
    [{ cron: '0 0 30 2 *' }, never],
    [{ cron: '@daily', until: '2h' }, never],
    [{ cron: '@daily', until: T0 - 1 }, never],
    [{ cron: '@daily', until: 'never' }, 'invalid'],
    [{ cron: '61 * * * *' }, 'invalid'],
    [{ cron: 'now and then' }, 'invalid'],
    [{ cron: '* * * * * *' }, 'invalid'],
    [{ cron: '@daily', zone: 'Mars/Olympus' }, 'invalid'],
    [{ cron: '@daily', zone: '+02:00' }, 'invalid'],
  ] as const;
  for (const [rule, refusal] of refused) {
    world.when(web, 'schedule.cron', { ...to, ...rule }).thenRefused(refusal);
    world.when(web, 'schedule.self', { text: 'x', ...rule }).thenRefused(refusal);
  }
});

t.test('a repeat is told the first next time, though it has fired meanwhile', async t => {
  const { answerTo } = await import('../../broker/core/answer.js');
  const world = given(t, ...crowd);
  const params = { id: p.uuid(1), to: 'api', text: 'x', cron: '* * * * *' };
  const first = { schedule: schedNo(1), next_at: T0 + MINUTE };
  world.when(web, 'schedule.cron', params).thenAnswer(first);
  const receipt = world.mesh.table.commands.find(p.uuid(1))?.receipt;
  world.and(later(MINUTE), fires(1, 2, T0 + MINUTE, { next_at: T0 + 2 * MINUTE })).thenApplied();
  const context = {
    table: world.mesh.table,
    cursor: () => '',
    now: () => 0,
    secretFor: () => '',
  };
  const asked = { method: 'schedule.cron' as const, id: p.uuid(1), params, isRepeat: true };
  t.match(answerTo(context, asked, { position: 1, receipt }), first);
});

t.test('a resume counts what has passed, goes on after now, and says where', async t => {
  const world = given(t, ...crowd, plansMinutely(1, web, api), untilDue, pauses(web, 1));
  world
    .and(later(HOUR + 7))
    .when(web, 'schedule.resume', { schedule: schedNo(1) })
    .thenEvent({ next_at: DUE + 61 * MINUTE, skipped: 61, skipped_to: DUE + HOUR });
  t.match(await got(world, web), {
    history: [{ nominal_at: DUE, to_at: DUE + HOUR, count: 61, reason: 'paused' }],
    skipped: 61,
  });
  given(t, ...crowd, plansMinutely(1, web, api), pauses(web, 1))
    .when(web, 'schedule.resume', { schedule: schedNo(1) })
    .thenAnswer({ schedule: schedNo(1), next_at: DUE });
  given(t, ...crowd, plans(1, web, api), pauses(web, 1))
    .when(web, 'schedule.resume', { schedule: schedNo(1) })
    .thenAnswer({ next_at: DUE });
});

t.test('a very long pause is counted to a bound, and its end is exact', async t => {
  const world = given(t, ...crowd, plansMinutely(1, web, api), pauses(web, 1));
  const days = 30;
  world
    .and(later(days * 24 * HOUR))
    .when(web, 'schedule.resume', { schedule: schedNo(1) })
    .thenEvent({
      skipped: limits.schedule_passed_items,
      skipped_to: T0 + days * 24 * HOUR,
      next_at: T0 + days * 24 * HOUR + MINUTE,
    });
});

t.test('what has nothing left to come is done when it is resumed, with its reason', async t => {
  const plansToEnd = [plans(1, web, api), plansMinutely(1, web, api, { until: DUE + MINUTE })];
  for (const plan of plansToEnd) {
    const world = given(t, ...crowd, plan, pauses(web, 1), later(HOUR));
    world.when(web, 'schedule.resume', { schedule: schedNo(1) }).thenEvent({});
    t.match(await got(world, web), {
      state: 'done',
      upcoming: [],
      history: [{ nominal_at: DUE, outcome: 'skipped', reason: 'paused' }],
    });
  }
});

t.test('a cancel leaves a reason for the times that had come and did not fire', async t => {
  const world = given(t, ...crowd, plansMinutely(1, web, api), later(DUE - T0 + 2 * MINUTE));
  world
    .when(web, 'schedule.cancel', { schedule: schedNo(1) })
    .thenEvent({ skipped: 3, skipped_to: DUE + 2 * MINUTE });
  t.match(await got(world, api), { history: [{ count: 3, reason: 'cancelled' }], skipped: 3 });
});

t.test('pausing a paused, resuming an active and touching an ended one is refused', async t => {
  const world = given(t, ...crowd, plansMinutely(1, web, api));
  const it = { schedule: schedNo(1) };
  world.when(web, 'schedule.resume', it).thenRefused('invalid');
  world.when(web, 'schedule.pause', it).thenEvent({});
  world.when(web, 'schedule.pause', it).thenRefused('invalid');
  world.when(web, 'schedule.cancel', it).thenEvent({});
  for (const method of ['schedule.pause', 'schedule.resume', 'schedule.cancel'] as const) {
    world.when(web, method, it).thenRefused('schedule_unknown', { state: 'cancelled' });
  }
});

t.test('a schedule is told with its next times, its past and why', async t => {
  const world = given(t, ...crowd, plansMinutely(1, web, api), untilDue);
  world.and(fires(1, 2, DUE, { next_at: DUE + MINUTE }));
  const told = (await got(world, api)) as Record<string, unknown>;
  t.match(told, {
    state: 'active',
    by: web.peer,
    to: api.peer,
    upcoming: [1, 2, 3, 4, 5].map(n => DUE + n * MINUTE),
    history: [{ nominal_at: DUE, outcome: 'fired', ref: p.msgNo(2) }],
    last: { nominal_at: DUE, outcome: 'fired' },
  });
  t.doesNotThrow(() => methods['schedule.get'].result.parse(told));
  world.and(pauses(web, 1));
  t.match(await got(world, web), { state: 'paused', upcoming: [], next_at: undefined });
  world.and(resumes(web, 1, DUE + MINUTE));
  t.match(await got(world, web), { next_at: DUE + MINUTE, revision: 2 });
});

t.test('what is hidden answers as what never was', async t => {
  const bound = person('bound', { circle: 'elsewhere', token: tokenNo(91) });
  const binding = p.makesToken(91, { circles: ['elsewhere'] });
  const world = given(t, ...crowd, joins(far), binding, joins(bound));
  world.and(plans(1, web, api), plans(2, far, bound));
  t.match(await got(world, bound, 1), { refusal: 'schedule_unknown' });
  t.match(await got(world, bound, 9), { refusal: 'schedule_unknown' });
  t.match(await got(world, bound, 2), { schedule: schedNo(2) });
  t.same((await listed(world, bound, { mine: false })).numbers, [2]);
  t.same((await listed(world, tokenNo(91))).numbers, [2]);
});

t.test('the list is newest first, in pages, of one state, mine or everybody’s', async t => {
  const world = given(t, ...crowd, joins(orch));
  for (let n = 1; n <= 5; n++) world.and(plans(n, web, api));
  world.and(plans(6, db, orch), callsOff(web, 2), pauses(web, 3));
  t.same((await listed(world, web)).numbers, [5, 4, 3, 2, 1]);
  t.same((await listed(world, api)).numbers, [5, 4, 3, 2, 1], 'those sent to me too');
  t.same((await listed(world, db)).numbers, [6]);
  t.same((await listed(world, db, { mine: false })).numbers, [6, 5, 4, 3, 2, 1]);
  t.same((await listed(world, OPERATOR)).numbers, [6, 5, 4, 3, 2, 1]);
  t.same((await listed(world, web, { state: 'cancelled' })).numbers, [2]);
  t.same((await listed(world, web, { state: 'paused' })).numbers, [3]);
  t.same((await listed(world, web, { state: 'active' })).numbers, [5, 4, 1]);
  const page = await listed(world, web, { max: 2 });
  t.same(page.numbers, [5, 4]);
  t.same((await listed(world, web, { max: 2, after: page.next })).numbers, [3, 2]);
  for (const row of page.rows) methods['schedule.list'].result.shape.rows.element.parse(row);
});

t.test('what has left the table is told from the log, its past too', async t => {
  const long = { text: 'x'.repeat(limits.text_bytes) };
  const world = given(t, ...crowd, plansMinutely(1, web, api, { text: 'old' }), untilDue);
  world.and(fires(1, 399, DUE, { next_at: DUE + MINUTE }), callsOff(web, 1));
  const count = Math.ceil(limits.schedules_ended_chars / limits.text_bytes) + 1;
  for (let n = 2; n < 2 + count; n++) world.and(plans(n, web, api, long), callsOff(web, n));
  const { schedules } = world.mesh.table;
  t.equal(schedules.get(schedNo(1)), undefined, 'it has fallen off');
  t.ok(schedules.dropped > 0);
  const told = await got(world, web);
  t.match(told, {
    state: 'cancelled',
    text: 'old',
    history: [{ nominal_at: DUE, outcome: 'fired' }],
  });
  t.match(await got(world, web, 390), { refusal: 'schedule_unknown' });
  t.same((await listed(world, web, { after: schedNo(3), max: 5 })).numbers, [2, 1]);
});
