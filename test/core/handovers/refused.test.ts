// Who may take over from whom: nobody from who is there, from a person, or where it cannot speak.
import t, { type Test } from 'tap';
import { limits } from '../../../schemas/limits.js';
import { named } from '../../../schemas/uuid.js';
import * as p from '../../dsl/events.js';
import {
  asks,
  closes,
  connects,
  disconnects,
  joins,
  person,
  tells,
  web,
} from '../../dsl/events.js';
import { ann, boss, deputy, takesOver, third } from '../../dsl/events-handovers.js';
import * as j from '../../dsl/events-jobs.js';
import { given, later } from '../../dsl/given.js';

type Steps = Parameters<typeof given>[1][];

const here = (t: Test, ...did: Steps) =>
  given(t, ...[boss, deputy, third, ann, web].map(who => joins(who)), ...did);
const alone = (t: Test, ...did: Steps) => here(t, ...did, disconnects(boss));
const from = (who: { peer: string }) => ({ from: who.peer });

t.test('nobody takes over from who is there, but itself and a human that forces it', async t => {
  const world = here(t, asks(1, boss, web));
  world.when(deputy, 'orchestrator.handover', from(boss)).thenRefused('orchestrator_live');
  world.when(ann, 'orchestrator.handover', from(boss)).thenRefused('orchestrator_live');
  world
    .when(deputy, 'orchestrator.handover', { ...from(boss), force: true })
    .thenRefused('not_yours', undefined, /human/);
  here(t, asks(1, boss, web))
    .when(ann, 'orchestrator.handover', { ...from(boss), to: 'deputy', force: true })
    .thenEvent({ of: boss.peer, to: deputy.peer, force: true, things: [p.askNo(1)] });
  here(t, asks(1, boss, web))
    .when(boss, 'orchestrator.handover', { ...from(boss), to: 'deputy', note: 'home' })
    .thenEvent({ of: boss.peer, to: deputy.peer, note: 'home' });
});

t.test('who has just spoken without a connection is there for a while yet', async t => {
  alone(t)
    .and(later(1_000), p.turns(boss, 'idle'))
    .when(deputy, 'orchestrator.handover', from(boss))
    .thenRefused('orchestrator_live', { peer: boss.peer, retry_after_s: 60 })
    .and(later(limits.post_presence_ms))
    .when(deputy, 'orchestrator.handover', from(boss))
    .thenAnswer({ things: 0 });
});

t.test(
  'only an orchestrator is taken over from, only by one or by a human that is there',
  async t => {
    const world = alone(t, disconnects(web), disconnects(third));
    world
      .when(deputy, 'orchestrator.handover', from(web))
      .thenRefused('invalid', undefined, /no orchestrator/);
    world.when(deputy, 'orchestrator.handover', from(ann)).thenRefused('invalid');
    world
      .when(web, 'orchestrator.handover', from(boss))
      .thenRefused('invalid', undefined, /joined as/);
    world
      .when(web, 'orchestrator.handover', { ...from(boss), to: 'deputy' })
      .thenRefused('not_yours', undefined, /Only an orchestrator or a human/);
    world
      .when(deputy, 'orchestrator.handover', from(deputy))
      .thenRefused('invalid', undefined, /itself/);
    world
      .when(deputy, 'orchestrator.handover', { ...from(boss), to: third.peer })
      .thenRefused('orchestrator_away');
    world.when(deputy, 'orchestrator.handover', { from: 'nobody' }).thenRefused('peer_unknown');
    world.and(p.kills(boss));
    world.when(deputy, 'orchestrator.handover', from(boss)).thenRefused('peer_retired');
    alone(t, asks(1, boss, web))
      .when(ann, 'orchestrator.handover', from(boss))
      .thenAnswer({ things: 1 });
  },
);

t.test(
  'of two successors at once the first in the log has it, and the other is told who',
  async t => {
    const { mesh } = alone(t, asks(1, boss, web));
    const records = mesh.say(takesOver(deputy, boss), takesOver(third, boss)).records;
    t.same(
      records.map(({ void: reason }) => reason),
      [undefined, 'handed_over'],
    );
    t.equal(mesh.table.asks.get(p.askNo(1))?.from, deputy.peer);
    alone(t, asks(1, boss, web))
      .and(takesOver(deputy, boss))
      .when(third, 'orchestrator.handover', from(boss))
      .thenRefused('handed_over', { peer: deputy.peer, name: 'deputy', at: p.T0 });
  },
);

t.test('taken twice it has nothing left, but for what has come since', async t => {
  const world = alone(t, asks(1, boss, web)).and(takesOver(deputy, boss));
  world
    .when(deputy, 'orchestrator.handover', from(boss))
    .thenRefused('handed_over', { peer: deputy.peer, name: 'deputy', at: p.T0 }, /nothing/);
  world
    .and(tells(2, web, boss, 'late'))
    .when(deputy, 'orchestrator.handover', from(boss))
    .thenAnswer({ things: 1 });
  world.thenInbox(deputy, { ref: p.msgNo(2) }).thenInbox(boss, { kind: 'system' });
});

t.test('what has come since is its successor’s, unless it has been at work again', async t => {
  const late = [asks(1, boss, web), takesOver(deputy, boss), tells(2, web, boss, 'late')] as const;
  const [first, ...rest] = late;
  const world = alone(t, first);
  world
    .and(...rest)
    .when(third, 'orchestrator.handover', from(boss))
    .thenRefused('handed_over');
  world
    .and(later(1_000), connects(boss), asks(3, boss, web), disconnects(boss))
    .and(takesOver(third, boss))
    .thenApplied()
    .thenAsk(1, { from: deputy.peer })
    .thenAsk(3, { from: third.peer, handed_from: boss.peer });
});

t.test('it goes from one to the next and back, and each before is told who has it', async t => {
  const world = alone(t, asks(1, boss, web)).and(takesOver(deputy, boss));
  world
    .and(disconnects(deputy), takesOver(third, deputy))
    .thenAsk(1, { from: third.peer, handed_from: deputy.peer })
    .when(boss, 'ask.close', { ask: p.askNo(1), outcome: 'cancelled' })
    .thenRefused('not_yours', { peer: third.peer });
  world
    .and(connects(boss), disconnects(third), takesOver(boss, third))
    .thenApplied()
    .thenPeer(boss, { handed: undefined })
    .thenAsk(1, { from: boss.peer })
    .when(third, 'ask.close', { ask: p.askNo(1), outcome: 'cancelled' })
    .thenRefused('not_yours', { peer: boss.peer })
    .and(closes(boss, 1, 'cancelled'))
    .thenApplied();
});

t.test(
  'across circles both tokens must reach both, and the successor wherever its things do',
  async t => {
    const token = p.makesToken(1, { circles: ['default'] });
    const near = person('near', { role: 'orchestrator', token: p.tokenNo(1) });
    const far = person('far', { role: 'orchestrator', circle: 'elsewhere' });
    const mate = person('mate', { circle: 'elsewhere' });
    const base = [token, joins(near), joins(far), joins(mate)];
    given(t, ...base, disconnects(far))
      .when(near, 'orchestrator.handover', from(far))
      .thenRefused('peer_unknown');
    given(t, ...base, joins(deputy), disconnects(far))
      .when(deputy, 'orchestrator.handover', { ...from(far), to: near.peer })
      .thenRefused('circle_forbidden', undefined, /near cannot go on/);
    given(t, ...base, joins(boss), asks(11, boss, mate), disconnects(boss))
      .when(near, 'orchestrator.handover', from(boss))
      .thenRefused('circle_forbidden', undefined, /"elsewhere"/);
    given(t, ...base, asks(11, far, mate), disconnects(far), joins(deputy))
      .when(deputy, 'orchestrator.handover', { ...from(far) })
      .thenEvent({ circle: 'elsewhere', to: deputy.peer });
  },
);

t.test('the event names the things that its author knew of, each once', async t => {
  const world = alone(
    t,
    asks(1, boss, web),
    asks(2, web, boss),
    j.makesJob(3, boss),
    tells(4, web, boss, 'x'),
  );
  world.when(deputy, 'orchestrator.handover', from(boss)).thenEvent({
    things: [p.askNo(1), p.askNo(2), j.jobNo(3), p.msgNo(4)],
  });
  t.ok(named('handover', p.uuid(1)));
});
