// The rules of the messages: notify, broadcast, retract and supersede.
import t from 'tap';
import { LEVEL } from '../../../broker/core/levels.js';
import { MessageRows } from '../../../broker/core/rows/messages.js';
import { DROPPED, QUEUED } from '../../../broker/core/rows/receipt.js';
import { limits } from '../../../schemas/limits.js';
import type { Backlog } from '../../../schemas/message.js';
import * as p from '../../dsl/events.js';
import {
  api,
  calls,
  db,
  far,
  joins,
  leaves,
  msgNo,
  retracts,
  sees,
  tells,
  web,
} from '../../dsl/events.js';
import { given, later } from '../../dsl/given.js';
import { Mesh } from '../../dsl/test-log.js';

const three = [joins(web), joins(api), joins(db)];

t.test('a notify reaches one peer, offered when it is here, queued when it is away', async t => {
  given(t, ...three, p.disconnects(db))
    .when(web, 'notify.send', { id: p.uuid(1), to: 'api', text: 'built' })
    .thenAnswer({ message: msgNo(1), delivery: 'offered' })
    .thenInbox(api, { kind: 'notify', ref: msgNo(1), text: 'built', offered: true })
    .when(web, 'notify.send', { to: 'db', text: 'built' })
    .thenAnswer({ delivery: 'queued' });
});

t.test('a message is known by whatever id the log has it under', async t => {
  const odd = { message: 'x-1' };
  const world = given(t, ...three, tells(1, web, api, 'one', odd), tells(2, web, api, 'two', odd));
  world.thenVoid('invalid').thenInbox(api, { ref: 'x-1', text: 'one' });
  world.thenRow(
    ({ messages }) => {
      const kept = MessageRows.fromSnapshot(messages.toSnapshot());
      return [messages, kept].map(rows => rows.get('x-1')?.waiting);
    },
    [1, 1],
  );
});

t.test('a peer may notify itself', async t => {
  given(t, ...three, tells(1, web, web, 'remember')).thenInbox(web, { text: 'remember' });
});

t.test('a notify to nobody, to who left, or too far down a chain is refused', async t => {
  const world = given(t, ...three, leaves(db));
  world.when(web, 'notify.send', { to: 'nobody', text: 'x' }).thenRefused('peer_unknown');
  world.and(tells(1, web, far, 'x')).thenVoid('peer_unknown');
  world.when(web, 'notify.send', { to: db.peer, text: 'x' }).thenRefused('peer_retired');
  world.and(tells(2, web, db, 'x')).thenVoid('peer_retired');
  world.and(tells(3, web, api, 'x', { hops: limits.hops + 1 })).thenVoid('hop_limit');
  world.and(tells(4, web, api, 'x', { hops: limits.hops }));
  world
    .when(api, 'notify.send', { to: 'web', text: 'x', caused_by: msgNo(4) })
    .thenRefused('hop_limit');
});

t.test('a message of backlog "drop" is dropped while its peer is away', async t => {
  const drop = { backlog: 'drop' } as const;
  given(t, ...three, p.disconnects(api))
    .when(web, 'notify.send', { to: 'api', text: 'x', backlog: 'drop' })
    .thenAnswer({ delivery: 'dropped' })
    .thenInbox(api)
    .thenRow(table => [table.messages.live.size, table.messages.ended.size], [0, 1])
    .and(p.connects(api), tells(2, web, api, 'y', drop))
    .thenInbox(api, { text: 'y' });
});

t.test('a broadcast reaches every other peer of its circle, also the offline ones', async t => {
  given(t, ...three, joins(far), p.disconnects(db))
    .when(web, 'broadcast.send', { id: p.uuid(1), text: 'hear' })
    .thenAnswer({ message: msgNo(1), recipients: 2 })
    .thenInbox(api, { kind: 'broadcast', ref: msgNo(1) })
    .thenInbox(db, { ref: msgNo(1), offered: false })
    .thenInbox(web)
    .thenInbox(far);
});

t.test('a broadcast may name another circle, and nobody hears one to an empty circle', async t => {
  given(t, ...three, joins(far))
    .when(web, 'broadcast.send', { text: 'hear', circle: 'elsewhere' })
    .thenAnswer({ recipients: 1 })
    .thenInbox(far, { text: 'hear' })
    .thenInbox(api)
    .when(web, 'broadcast.send', { text: 'hear', circle: 'empty' })
    .thenAnswer({ recipients: 0 });
});

t.test('who left or moved its name is not in the circle any more', async t => {
  given(t, ...three, p.renames(api, 'anew'), leaves(db), calls(1, web, 'hear'))
    .thenInbox(api, { text: 'hear' })
    .thenInbox(db);
});

t.test('a message can be taken back by its sender while somebody has not seen it', async t => {
  given(t, ...three, calls(1, web, 'hear'), sees(api, msgNo(1)))
    .when(api, 'message.retract', { message: msgNo(1) })
    .thenRefused('not_yours')
    .and(retracts(api, 1))
    .thenVoid('not_yours')
    .when(web, 'message.retract', { message: msgNo(1) })
    .thenEvent({ type: 'message.retracted' })
    .thenInbox(db);
});

t.test('what was seen, expired, retracted or never sent cannot be taken back', async t => {
  const at = { expires_at: p.T0 + 1_000 };
  const world = given(t, ...three, tells(1, web, api, '1'), sees(api, msgNo(1)));
  world.and(tells(2, web, api, '2', at), later(1_000), tells(3, web, api, '3'), retracts(web, 3));
  for (const n of [1, 2, 3, 4]) {
    world.when(web, 'message.retract', { message: msgNo(n) }).thenRefused('message_unknown');
    world.and(retracts(web, n)).thenVoid('message_unknown');
  }
});

t.test('a newer message takes the place of the one it supersedes', async t => {
  given(t, ...three, tells(1, web, api, '40 %'))
    .when(web, 'notify.send', { id: p.uuid(2), to: 'api', text: '80 %', supersedes: msgNo(1) })
    .thenEvent({ supersedes: msgNo(1) })
    .thenInbox(api, { ref: msgNo(2), text: '80 %' })
    .and(sees(api, msgNo(2)), tells(3, web, api, 'done', { supersedes: msgNo(2) }))
    .thenApplied()
    .thenInbox(api, { text: 'done' });
});

const replaces = (n: number, text: string, former: number, more: { backlog?: Backlog } = {}) =>
  tells(n, web, api, text, { supersedes: msgNo(former), ...more });

t.test('whichever of a chain of replacements is named, only the newest waits', async t => {
  const world = given(t, ...three, tells(1, web, api, '1'), replaces(2, '2', 1));
  world.and(replaces(3, '3', 1)).thenInbox(api, { text: '3' });
  world.and(replaces(4, '4', 2)).thenInbox(api, { text: '4' });
  world.and(sees(api, msgNo(4)), replaces(5, '5', 4), replaces(6, '6', 1));
  world.thenInbox(api, { text: '6' });
  world.and(retracts(web, 6), replaces(7, '7', 6), replaces(8, '8', 3));
  world.thenInbox(api, { text: '8' });
  world.and(tells(9, web, api, 'another chain')).thenInbox(api, { text: '8' }, { ref: msgNo(9) });
});

t.test('replacing what expired, was seen, dropped or never known leaves one waiting', async t => {
  const at = { expires_at: p.T0 + 1_000 };
  const world = given(t, ...three, tells(1, web, api, '1', at), later(1_000));
  world.and(replaces(2, '2', 1), replaces(3, '3', 1)).thenInbox(api, { text: '3' });
  world
    .and(replaces(4, 'a', 500), replaces(5, 'b', 500))
    .thenInbox(api, { text: '3' }, { text: 'b' });
  world.and(tells(6, db, api, 'of db', { supersedes: msgNo(500) }));
  world.thenInbox(api, { text: '3' }, { text: 'b' }, { text: 'of db' });
});

t.test('a replacement for another peer takes the former one back where it waits', async t => {
  given(t, ...three, tells(1, web, api, 'you'), tells(2, web, db, 'you', { supersedes: msgNo(1) }))
    .thenInbox(api)
    .thenInbox(db, { ref: msgNo(2) });
});

t.test('a replacement inside a digest leaves the digest’s other messages', async t => {
  const digest = { backlog: 'digest' } as const;
  given(t, ...three, p.disconnects(api), tells(1, web, api, '1', digest))
    .and(tells(2, web, api, '2', digest), replaces(3, '3', 1, digest), replaces(4, '4', 1, digest))
    .thenInbox(api, { refs: [msgNo(2), msgNo(4)] });
});

t.test('below level 3 a replacement takes only the one it names', async t => {
  const mesh = new Mesh();
  mesh.say(p.opened('log_1', { level: 2 }), p.started(p.GATEWAY, p.BOOT), ...three);
  const gone = p.disconnects(db);
  const drop = { backlog: 'drop' } as const;
  mesh.say(tells(1, web, api, '1'), replaces(2, '2', 1), replaces(3, '3', 1), gone);
  t.equal(mesh.table.inbox.boxes.get(api.peer)?.items.size, 2);
  t.equal(mesh.one(tells(4, web, db, 'x', drop)).receipt, QUEUED);
  mesh.say(p.broker('log.leveled', { level: LEVEL }));
  t.equal(mesh.one(tells(5, web, db, 'x', drop)).receipt, DROPPED);
});

t.test('nobody supersedes another peer’s message', async t => {
  const world = given(t, ...three, tells(1, web, api, 'mine'));
  world
    .when(db, 'notify.send', { to: 'api', text: 'not', supersedes: msgNo(1) })
    .thenRefused('not_yours');
  world.and(tells(2, db, api, 'not', { supersedes: msgNo(1) })).thenVoid('not_yours');
  world.thenInbox(api, { text: 'mine' });
});

t.test('superseding a broadcast replaces it for the one peer told', async t => {
  given(t, ...three, calls(1, web, 'all'), tells(2, web, api, 'you', { supersedes: msgNo(1) }))
    .thenInbox(api, { text: 'you' })
    .thenInbox(db, { text: 'all' })
    .thenRow(table => table.messages.live.get(msgNo(1))?.waiting, 1);
});

t.test('a message that exists is never sent over, whoever reuses its id', async t => {
  given(t, ...three, tells(1, web, api, 'mine'))
    .and({ ...tells(1, db, api, 'stolen'), id: p.uuid(2) })
    .thenVoid('invalid')
    .and({ ...calls(1, db, 'stolen'), id: p.uuid(3) })
    .thenVoid('invalid')
    .thenInbox(api, { from: web.peer, text: 'mine' });
});

t.test('a message counts who has yet to see it, and is kept a while once nobody has', async t => {
  const counts = (table: ReturnType<typeof given>['mesh']['table']) => [
    table.messages.live.get(msgNo(1))?.waiting,
    table.messages.ended.get(msgNo(1))?.waiting,
  ];
  given(t, ...three, calls(1, web, 'all'))
    .thenRow(counts, [2, undefined])
    .and(sees(api, msgNo(1)))
    .thenRow(counts, [1, undefined])
    .and(sees(db, msgNo(1)))
    .thenRow(counts, [undefined, 0]);
});
