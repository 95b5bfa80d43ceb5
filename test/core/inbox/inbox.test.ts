// The rules of the inboxes: what enters, who may acknowledge, what expires, what a leaver leaves.
import t from 'tap';
import { Fold } from '../../../broker/core/fold.js';
import { limits } from '../../../schemas/limits.js';
import * as p from '../../dsl/events.js';
import {
  acks,
  api,
  asks,
  db,
  joins,
  leaves,
  msgNo,
  sees,
  takes,
  tells,
  web,
} from '../../dsl/events.js';
import { given, later } from '../../dsl/given.js';

const two = [joins(web), joins(api)];

t.test('what is sent to a peer waits in its inbox in the order of the log', async t => {
  given(t, ...two, tells(1, web, api, 'one'), asks(2, web, api, 'two'), p.calls(3, web, 'three'))
    .thenInbox(
      api,
      { kind: 'notify', ref: msgNo(1), text: 'one', from: web.peer, from_role: 'agent' },
      { kind: 'ask', ref: p.askNo(2), text: 'two' },
      { kind: 'broadcast', ref: msgNo(3), text: 'three' },
    )
    .thenInbox(web);
});

t.test('up_to takes every item to that position and with it, and none after', async t => {
  const world = given(t, ...two, tells(1, web, api, '1'), tells(2, web, api, '2'));
  const second = world.mesh.table.inbox.boxes.get(api.peer)?.items.get(msgNo(2))?.position;
  world
    .and(tells(3, web, api, '3'))
    .when(api, 'inbox.ack', { up_to: second })
    .thenEvent({ type: 'inbox.acknowledged', up_to: second })
    .thenInbox(api, { ref: msgNo(3) })
    .and(acks(api, { up_to: 0 }))
    .thenInbox(api, { ref: msgNo(3) })
    .and(acks(api, { up_to: Number.MAX_SAFE_INTEGER }))
    .thenInbox(api);
});

t.test('refs take just those items; unknown ones, others’ and repeats take nothing', async t => {
  given(t, ...two, tells(1, web, api, '1'), tells(2, web, api, '2'), tells(3, api, web, '3'))
    .when(api, 'inbox.ack', { refs: [msgNo(2), msgNo(2), msgNo(3), 'nonsense'] })
    .thenEvent({ refs: [msgNo(2), msgNo(2), msgNo(3), 'nonsense'] })
    .thenInbox(api, { ref: msgNo(1) })
    .thenInbox(web, { ref: msgNo(3) });
});

t.test('whoever takes the inbox counts its generation on', async t => {
  given(t, ...two)
    .when(api, 'inbox.subscribe', {})
    .thenAnswer({ generation: 1 })
    .when(api, 'inbox.subscribe', {})
    .thenAnswer({ generation: 2 });
});

t.test('an older consumer may acknowledge nothing', async t => {
  const world = given(t, ...two, takes(api), tells(1, web, api, '1'), takes(api));
  world
    .when(api, 'inbox.ack', { refs: [msgNo(1)], generation: 1 })
    .thenRefused('generation_stale', { generation: 2 });
  world
    .and(acks(api, { refs: [msgNo(1)], generation: 1 }))
    .thenVoid('generation_stale')
    .thenInbox(api, { ref: msgNo(1) })
    .and(acks(api, { refs: [msgNo(1)], generation: 2 }))
    .thenInbox(api);
});

t.test('an ack that names no generation is anybody’s who speaks for the peer', async t => {
  given(t, ...two, takes(api), tells(1, web, api, '1'), takes(api), sees(api, msgNo(1)))
    .thenApplied()
    .thenInbox(api);
});

t.test('closing an ask takes its item along', async t => {
  given(t, ...two, asks(1, web, api), p.closes(api, 1, 'acknowledged')).thenInbox(api);
});

t.test('seeing an ask does not close it', async t => {
  given(t, ...two, asks(1, web, api), sees(api, p.askNo(1)))
    .thenInbox(api)
    .thenAsk(1, { state: 'open' });
});

t.test('an item is gone at the log time it expires at, and not a millisecond before', async t => {
  const at = p.T0 + 1_000;
  given(t, ...two, tells(1, web, api, '1', { expires_at: at }), later(999))
    .thenInbox(api, { ref: msgNo(1), expires_at: at })
    .and(later(1))
    .thenInbox(api)
    .thenRow(table => table.messages.live.size, 0);
});

t.test('items that expire together leave alike in whatever order they came', async t => {
  const at = { expires_at: p.T0 + 1_000 };
  const comings = [
    [tells(1, web, api, '1', at), tells(2, api, web, '2', at), tells(3, web, api, '3', at)],
    [tells(3, web, api, '3', at), tells(2, api, web, '2', at), tells(1, web, api, '1', at)],
  ];
  for (const coming of comings) {
    const { mesh } = given(t, ...two, ...coming).thenApplied();
    mesh.now += 1_000;
    const keys = mesh.say().changes.map(({ key }) => key);
    const inbox = (who: p.Person, n: number) => `${who.peer}/${msgNo(n)}`;
    t.same(keys, [inbox(api, 1), inbox(api, 3), inbox(web, 2)]);
  }
});

t.test('an item seen before it expires is not reported again when it would have', async t => {
  const at = { expires_at: p.T0 + 1_000 };
  const { mesh } = given(t, ...two, tells(1, web, api, '1', at), sees(api, msgNo(1)));
  mesh.now += 2_000;
  t.same(mesh.say().changes, []);
});

t.test('a message that expires must expire later than now', async t => {
  const world = given(t, ...two);
  const say = { to: 'api', text: 'x' };
  world.when(web, 'notify.send', { ...say, expires_at: p.T0 }).thenRefused('invalid');
  world.when(web, 'notify.send', { ...say, expires_at: 'soon' }).thenRefused('invalid');
  world.when(web, 'notify.send', { ...say, expires_at: '90s' }).thenEvent({
    expires_at: p.T0 + 90_000,
  });
});

t.test('a full inbox takes no more asks and messages until some are seen', async t => {
  const world = given(t, ...two, joins(db));
  const { inbox } = world.mesh.table;
  const box = inbox.box(api.peer);
  const item = { time: 0, kind: 'notify', from: '', from_name: '', from_role: '' } as const;
  for (let n = 0; n < limits.inbox_items; n++) {
    inbox.put(box, { ...item, position: n, text: '', ref: `r${n}`, offered: false });
  }
  world.when(web, 'ask.open', { to: 'api', text: '?' }).thenRefused('inbox_full');
  world.when(web, 'notify.send', { to: 'api', text: '!' }).thenRefused('inbox_full');
  world.and(asks(1, web, api)).thenVoid('inbox_full');
  world.and(tells(2, web, api, '!')).thenVoid('inbox_full');
  world
    .when(web, 'broadcast.send', { text: 'all' })
    .thenAnswer({ recipients: 1 })
    .thenInbox(db, { text: 'all' })
    .and(sees(api, 'r7'), tells(3, web, api, '!'))
    .thenApplied();
});

t.test('an inbox is also full by the text it holds, and empty again once that is seen', async t => {
  const world = given(t, ...two);
  const text = 'x'.repeat(limits.text_bytes);
  const fit = Math.floor(limits.inbox_chars / text.length);
  for (let n = 0; n < fit; n++) world.and(tells(n, web, api, text));
  world
    .thenApplied()
    .and(tells(9_000, web, api, text))
    .thenVoid('inbox_full');
  world.and(tells(9_001, web, api, 'short')).thenApplied();
  world.and(acks(api, { up_to: Number.MAX_SAFE_INTEGER }));
  world.thenRow(table => table.inbox.boxes.get(api.peer)?.chars, 0);
});

t.test('a leaver leaves an empty inbox and comes back to the same generations', async t => {
  given(t, ...two, takes(api), tells(1, web, api, '1'), leaves(api))
    .thenInbox(api)
    .thenRow(table => table.messages.live.size, 0)
    .and(joins(api))
    .when(api, 'inbox.subscribe', {})
    .thenAnswer({ generation: 2 });
});

t.test('what a leaver had sent still reaches the others', async t => {
  given(t, ...two, tells(1, web, api, 'bye'), leaves(web)).thenInbox(api, { text: 'bye' });
});

t.test('a message id that comes twice takes one place, the newer', async t => {
  const { inbox } = given(t, ...two).mesh.table;
  const box = inbox.box(api.peer);
  const item = { time: 0, kind: 'notify', from: '', from_name: '', from_role: '' } as const;
  for (const [position, ref] of [1, 2, 3].map(n => [n, n === 3 ? 'a' : 'ab'[n - 1]!] as const)) {
    inbox.put(box, { ...item, position, text: 'xy', ref, offered: false });
  }
  t.same([...box.items.keys()], ['b', 'a']);
  t.equal(box.chars, 4);
});

t.test(
  'a broadcast is one item that many inboxes refer to, in a restored snapshot too',
  async t => {
    const { mesh } = given(t, ...two, joins(p.orch), p.joinsAway(db), p.calls(1, web, 'hear'));
    const offered = { kind: 'broadcast', ref: msgNo(1), text: 'hear', offered: true };
    for (const { table } of [mesh, Fold.fromSnapshot(mesh.fold.toSnapshot())]) {
      const held = (who: p.Person) => table.inbox.boxes.get(who.peer)?.items.get(msgNo(1));
      t.match(held(api), offered);
      t.match(
        held(db),
        { ...offered, offered: false },
        'but it tells who is away from who is here',
      );
      t.equal(held(api), held(p.orch), 'the very same');
    }
  },
);
