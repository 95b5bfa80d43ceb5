// Mail by name for an orchestrator that is away goes to who took over from it, and not past it.
import t, { type Test } from 'tap';
import * as p from '../../dsl/events.js';
import { asks, connects, disconnects, joins, person, tells, web } from '../../dsl/events.js';
import { boss, deputy, takesOver, third } from '../../dsl/events-handovers.js';
import { assigns, jobNo } from '../../dsl/events-jobs.js';
import { marks, requests, touches } from '../../dsl/events-reviews.js';
import { given } from '../../dsl/given.js';

type Steps = Parameters<typeof given>[1][];

/** The deputy has taken over from an orchestrator that was cut off. */
const taken = (t: Test, ...did: Steps) =>
  given(t, ...[boss, deputy, third, web].map(who => joins(who)), ...did).and(
    disconnects(boss),
    takesOver(deputy, boss),
  );

t.test('what is sent to who is away goes to its successor, and its sender is told so', async t => {
  const world = taken(t);
  for (const to of ['boss', boss.peer]) {
    world
      .when(web, 'notify.send', { to, text: 'done' })
      .thenAnswer({ delivery: 'offered', successor: 'deputy' });
    world.when(web, 'ask.open', { to, text: 'next?' }).thenAnswer({ successor: 'deputy' });
  }
  const kinds = ['notify', 'ask', 'notify', 'ask'].map(kind => ({ kind, from: web.peer }));
  world.thenInbox(deputy, ...kinds).thenInbox(boss, { kind: 'system' });
  world
    .when(web, 'job.create', { title: 'look', to: 'boss' })
    .thenEvent({ to: deputy.peer })
    .when(web, 'schedule.cron', { to: 'boss', text: '!', cron: '@daily' })
    .thenEvent({ to: deputy.peer });
  world
    .when(web, 'notify.send', { to: 'deputy', text: 'hello' })
    .thenAnswer({ successor: undefined });
});

t.test('it is written to itself while it is here, or by who has its place', async t => {
  taken(t)
    .when(deputy, 'notify.send', { to: 'boss', text: 'rest well' })
    .thenEvent({ to: boss.peer })
    .and(connects(boss))
    .when(web, 'notify.send', { to: 'boss', text: 'welcome back' })
    .thenEvent({ to: boss.peer });
});

t.test('of several who took over one after the other the last has it', async t => {
  taken(t)
    .and(disconnects(deputy))
    .when(web, 'notify.send', { to: 'boss', text: 'x' })
    .thenEvent({ to: deputy.peer })
    .and(takesOver(third, deputy))
    .when(web, 'notify.send', { to: 'boss', text: 'x' })
    .thenEvent({ to: third.peer });
});

t.test('nobody is said to have taken over who has not', async t => {
  taken(t, asks(1, web, boss), assigns(2, web, boss))
    .when(boss, 'ask.close', { ask: p.askNo(1), outcome: 'cancelled' })
    .thenRefused('not_yours', undefined, /who asked may cancel/)
    .when(boss, 'job.cancel', { job: jobNo(2), reason: 'enough' })
    .thenRefused('not_yours', { peer: deputy.peer });
});

t.test('nobody is written to whom the token does not reach', async t => {
  const token = p.makesToken(1, { circles: ['default'] });
  const far = person('far', { role: 'orchestrator', circle: 'elsewhere' });
  const near = person('near', { token: p.tokenNo(1) });
  given(t, token, joins(boss), joins(far), joins(near), disconnects(boss), takesOver(far, boss))
    .when(near, 'notify.send', { to: 'boss', text: 'x' })
    .thenEvent({ to: boss.peer });
});

t.test('mail and reviews of a circle are given to nobody whom it is closed to', async t => {
  const token = p.makesToken(1, { circles: ['default'] });
  const near = person('near', { role: 'orchestrator', token: p.tokenNo(1) });
  const mate = person('mate', { circle: 'elsewhere' });
  const base = [token, joins(boss), joins(near), joins(mate)];
  const from = { from: boss.peer };
  for (const did of [
    [asks(11, boss, mate), p.closes(mate, 11, 'replied', { text: 'a secret of elsewhere' })],
    [touches(mate, 1), requests(mate, 1, boss, { circle: 'elsewhere' })],
    [touches(mate, 1), marks(boss, 1, { circle: 'elsewhere' })],
  ]) {
    given(t, ...base, ...did, disconnects(boss))
      .when(near, 'orchestrator.handover', from)
      .thenRefused('circle_forbidden', undefined, /"elsewhere"/);
  }
  given(t, ...base, tells(11, mate, boss, 'x'), disconnects(boss))
    .when(near, 'orchestrator.handover', from)
    .thenAnswer({ things: 1 });
});
