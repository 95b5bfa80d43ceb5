// The capabilities of peers: what a session says it can do, and what its senders are told of it.
import t from 'tap';
import { OPERATOR } from '../../../schemas/uuid.js';
import * as p from '../../dsl/events.js';
import { api, disconnects, joins, joinsAway, turns, web } from '../../dsl/events.js';
import { Given, given, later } from '../../dsl/given.js';
import { reads } from '../../dsl/reads.js';
import { Mesh } from '../../dsl/test-log.js';

const all = { drain: true, keep_going: true, wake_idle: true, steer: true };
const none = { drain: false, keep_going: false, wake_idle: false, steer: false };
const gemini = { ...all, wake_idle: false, steer: false };
const ask = { to: 'api', text: 'may I?' };

t.test('a sender is told when the session of the recipient sees it', async t => {
  const isTold = (...said: Parameters<typeof given>[1][]) => ({
    as: (answer: object) =>
      given(t, joins(web), joins(api, { runtime: 'Gemini CLI' }), ...said)
        .when(web, 'ask.open', ask)
        .thenAnswer({ delivery: 'offered', runtime: 'Gemini CLI', ...answer }),
  });
  isTold(turns(api, 'idle', { can: all })).as({ seen_when: 'wakes_now' });
  isTold(turns(api, 'idle', { can: gemini })).as({ seen_when: 'next_turn' });
  isTold(turns(api, 'working', { can: gemini })).as({ seen_when: 'next_step' });
  isTold(turns(api, 'awaiting_input', { can: all })).as({ seen_when: 'next_step' });
  isTold(turns(api, 'idle', { can: none })).as({ seen_when: 'when_it_reads' });
  isTold(turns(api, 'idle', { can: all }), disconnects(api)).as({
    delivery: 'queued',
    seen_when: 'when_back',
  });
});

t.test('of who has not said what it can do nothing is claimed', async t => {
  const quiet = { seen_when: undefined, runtime: undefined };
  const world = given(t, joins(web), joins(api, { runtime: 'Codex' }), turns(api, 'idle'));
  world.when(web, 'ask.open', ask).thenAnswer({ delivery: 'offered', ...quiet });
});

t.test('a notice is told of like an ask, but for one that nothing waits for', async t => {
  const world = given(t, joins(web), joins(api, { can: gemini }), turns(api, 'idle'));
  world.when(web, 'notify.send', ask).thenAnswer({ delivery: 'offered', seen_when: 'next_turn' });
  const dropped = { delivery: 'dropped', seen_when: undefined };
  world.and(disconnects(api));
  world.when(web, 'notify.send', { ...ask, backlog: 'drop' }).thenAnswer(dropped);
});

t.test('what nobody is connected for wakes nobody, and a turn of before says nothing', async t => {
  const world = given(t, joins(web), joinsAway(api, { can: all }), later(1));
  const list = async () => {
    const page = await reads(world, OPERATOR, 'peer.list', { peers: [api.peer] });
    return (page as { rows: object[] }).rows[0];
  };
  world.and(turns(api, 'working'));
  t.match(await list(), { can: { ...all, wake_idle: false }, seen_when: 'next_step' });
  world.and(joinsAway(api));
  t.match(await list(), { can: { ...all, wake_idle: false }, seen_when: 'next_turn' });
  world.and(joins(api));
  t.match(await list(), { can: all, seen_when: 'wakes_now' });
});

t.test(
  'a later join keeps what was said, unless it says otherwise; who leaves has none',
  async t => {
    const world = given(t, joins(web), joins(api, { can: all }));
    world.and(joins(api)).thenPeer(api, { can: all });
    world
      .and(joins(api, { can: { drain: true } }))
      .thenPeer(api, { can: { ...none, drain: true } });
    world.and(p.leaves(api)).thenPeer(api, { can: undefined });
  },
);

t.test('below level 3 nobody has said anything', async t => {
  const mesh = new Mesh();
  mesh.say(p.opened('log_1', { level: 2 }), p.started(p.GATEWAY, p.BOOT));
  new Given(t, mesh).and(joins(api, { can: all })).thenPeer(api, { can: undefined });
});

t.test('a trace says in whose inbox a thing waits, and for what', async t => {
  const world = given(t, joins(web), joins(api, { can: gemini, runtime: 'Gemini CLI' }));
  world.and(turns(api, 'idle'), p.asks(11, web, api), p.tells(12, web, api, 'hi'));
  const waits = async (ref: string) => {
    const told = await reads(world, web, 'message.trace', { ref });
    return (told as { waiting?: object[] }).waiting;
  };
  const said = { to: api.peer, to_name: 'api', seen_when: 'next_turn', runtime: 'Gemini CLI' };
  t.match(await waits(p.askNo(11)), [said]);
  world.and(p.handed(api, { session: 's1', refs: [p.askNo(11)] }));
  t.match(await waits(p.askNo(11)), [{ ...said, handed: true }]);
  t.match(await waits(p.msgNo(12)), [said]);
  world.and(p.sees(api, p.askNo(11), p.msgNo(12)));
  t.equal(await waits(p.msgNo(12)), undefined);
  world.and(disconnects(api), p.digests(13, web, api, 'one'), p.digests(14, web, api, 'two'));
  const away = { to: api.peer, seen_when: 'when_back' };
  t.match([await waits(p.msgNo(13)), await waits(p.msgNo(14))], [[away], [away]], 'in a digest');
});
