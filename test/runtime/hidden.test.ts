// What a token may not see it cannot learn of: a real id answers as one that never was.
import t from 'tap';
import * as p from '../dsl/events.js';
import { api, asks, calls, joins, makesToken, person, tells, tokenNo, web } from '../dsl/events.js';
import { given } from '../dsl/given.js';

/** Bound by token 1 to the circle "elsewhere". */
const bound = person('bound', { circle: 'elsewhere', token: tokenNo(1) });
const near = person('near', { circle: 'elsewhere', token: tokenNo(1) });
const binding = makesToken(1, { circles: ['elsewhere'], roles: ['agent'] });
const crowd = [binding, joins(web), joins(api), joins(bound), joins(near)];

t.test('another circle’s ask is unknown to who would close it or answer it', async t => {
  const world = given(t, ...crowd, asks(11, web, api));
  for (const ask of [p.askNo(11), p.askNo(19)]) {
    world.when(bound, 'ask.close', { ask, outcome: 'cancelled' }).thenRefused('ask_unknown');
    world.when(bound, 'ask.close', { ask, outcome: 'replied' }).thenRefused('ask_unknown');
    const reply = { to: near.peer, text: 'yes', reply_to: ask };
    world.when(bound, 'ask.open', reply).thenRefused('ask_unknown');
  }
});

t.test('another circle’s message is unknown to who would retract it', async t => {
  const world = given(t, ...crowd, tells(11, web, api, 'x'), calls(12, web, 'y'));
  for (const n of [11, 12, 19]) {
    world.when(bound, 'message.retract', { message: p.msgNo(n) }).thenRefused('message_unknown');
  }
});

t.test('superseding another circle’s message says nothing of it', async t => {
  const world = given(t, ...crowd, tells(11, web, api, 'x'));
  for (const n of [11, 19]) {
    const params = { to: near.peer, text: 'z', supersedes: p.msgNo(n) };
    world.when(bound, 'notify.send', params).thenAnswer({ verdict: 'applied' });
  }
  world.thenInbox(api, { ref: p.msgNo(11) });
});

t.test('a wrong secret is told before the circle of the peer it was tried on', async t => {
  const params = { name: 'x', circle: 'elsewhere', peer: web.peer, secret: 'a-wrong-secret-000' };
  given(t, ...crowd)
    .when(bound, 'peer.join', params)
    .thenRefused('unauthorized');
});

t.test('an offline namesake is no match beside one that is here, alone it is', async t => {
  const away = person('svc-away', { name: 'svc', circle: 'x', role: 'service' });
  const here = person('svc-here', { name: 'svc', circle: 'y', role: 'service' });
  const text = '?';
  given(t, joins(web), joins(away), p.disconnects(away), joins(here))
    .when(web, 'ask.open', { to: 'svc', text })
    .thenEvent({ to: here.peer });
  given(t, joins(web), joins(away), p.disconnects(away))
    .when(web, 'ask.open', { to: 'svc', text })
    .thenEvent({ to: away.peer });
});

t.test('an acknowledgement by a generation that was never given is refused', async t => {
  given(t, joins(web), joins(api), tells(11, web, api, 'x'))
    .when(api, 'inbox.ack', { refs: [p.msgNo(11)], generation: 1 })
    .thenRefused('invalid', { generation: 0 });
});
