// The table of events: what is read off a row of it.
import t from 'tap';
import { idShown } from '../../client/terminal/events.js';
import {
  type EventType,
  eventRow,
  eventTypes,
  madeBy,
  makersOf,
  refsOf,
  type SignalEvent,
} from '../../schemas/event.js';
import { named } from '../../schemas/uuid.js';

const ID = '01a2041f-98ea-74b9-b7d6-359e243eba96';
const envelope = { v: 1, id: ID, by: 'peer_web', circle: 'default' } as const;
const said = (type: EventType, data: object) => ({ ...envelope, type, ...data }) as SignalEvent;
const ask = named('ask', ID);
const fired = ['schedule.fired', 'watch.fired'];

t.test('only a broker’s event settles what was due', async t => {
  const timed = eventTypes.filter(type => eventRow(type).timed);
  t.equal(timed.length, 9);
  for (const type of timed) t.equal(eventRow(type).by, 'broker', type);
});

t.test('a fan-out is about its group and its asks, and makes them', async t => {
  const event = said('ask.fanned_out', { group: ask, to: ['peer_a', 'peer_b'], text: '?' });
  t.same(refsOf(event), [ask, `${ask}.1`, `${ask}.2`]);
  t.same(madeBy(event, 'ask'), refsOf(event));
  t.same(madeBy(event, 'msg'), []);
  t.equal(idShown(event), ask);
});

t.test('what a schedule says bears the id of the fire, and a run that of its due', async t => {
  const fired = said('schedule.fired', { schedule: named('sched', ID) });
  t.same(refsOf(fired), [named('sched', ID), named('msg', ID), ask]);
  t.same(madeBy(fired, 'ask'), [ask]);
  t.equal(idShown(fired), named('sched', ID), 'what a person would type');
  t.same(madeBy(said('job.due', { job: 'job_old' }), 'job'), [named('job', ID)]);
});

t.test('what makes something of a noun is read off the table', async t => {
  t.same(makersOf('ask'), ['ask.opened', 'ask.fanned_out', ...fired]);
  t.same(makersOf('msg'), ['message.notified', 'message.broadcast', ...fired]);
  t.same(makersOf('job'), ['job.created', 'job.due']);
  t.same(makersOf('sched'), ['schedule.created']);
});

t.test('of an event from a newer broker nothing can be told, and nothing throws', async t => {
  const newer = { ...envelope, type: 'choir.sung', ask } as unknown as SignalEvent;
  t.same([refsOf(newer), madeBy(newer, 'ask'), idShown(newer)], [[], [], undefined]);
  t.equal(idShown(said('review.touched', { pr_url: 'https://x/pull/1' })), undefined);
});
