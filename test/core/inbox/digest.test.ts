// The digest: one inbox item for the messages that came while their peer was away.
import t from 'tap';
import { limits } from '../../../schemas/limits.js';
import * as p from '../../dsl/events.js';
import {
  api,
  digests,
  joins,
  joinsAway,
  msgNo,
  retracts,
  sees,
  tells,
  web,
} from '../../dsl/events.js';
import { given } from '../../dsl/given.js';

const away = [joins(web), joinsAway(api)];
const three = [1, 2, 3].map(n => digests(n, web, api, `news ${n}`));
const refs = (...ns: number[]) => ns.map(msgNo);

t.test('messages to who is away gather in one item under the newest’s ref', async t => {
  given(t, ...away, ...three).thenInbox(api, {
    kind: 'system',
    ref: msgNo(3),
    refs: refs(1, 2, 3),
    text: '3 messages while you were away:\n- web: news 1\n- web: news 2\n- web: news 3',
  });
});

t.test('a message to who is here, or one that expires, is an item of its own', async t => {
  given(t, joins(web), joins(api), ...three.slice(0, 1)).thenInbox(api, {
    kind: 'notify',
    refs: undefined,
  });
  const later = { backlog: 'digest', expires_at: p.T0 + 9_000 } as const;
  given(t, ...away, tells(1, web, api, 'soon', later)).thenInbox(api, { kind: 'notify' });
});

t.test('seeing the digest is seeing every message in it', async t => {
  given(t, ...away, ...three, sees(api, msgNo(3)))
    .thenInbox(api)
    .thenRow(table => [table.messages.live.size, table.messages.ended.size], [0, 3])
    .and(digests(4, web, api, 'news 4'))
    .thenInbox(api, { refs: refs(4), text: '1 message while you were away:\n- web: news 4' });
});

t.test('any one message can be taken back out of a digest, the newest too', async t => {
  const line = (n: number) => `- web: news ${n}`;
  for (const [out, ...rest] of [[1, 2, 3] as const, [2, 1, 3] as const, [3, 1, 2] as const]) {
    const text = `2 messages while you were away:\n${rest.map(line).join('\n')}`;
    given(t, ...away, ...three, retracts(web, out))
      .thenApplied()
      .thenInbox(api, { ref: msgNo(rest[1]!), refs: refs(...rest), text })
      .thenRow(table => table.messages.live.has(msgNo(out)), false)
      .and(retracts(web, rest[0]!), retracts(web, rest[1]!))
      .thenApplied()
      .thenInbox(api)
      .thenRow(table => table.inbox.boxes.get(api.peer)?.chars, 0);
  }
});

t.test('a message superseded in a digest is replaced there', async t => {
  const newer = { backlog: 'digest', supersedes: msgNo(3) } as const;
  given(t, ...away, ...three, tells(4, web, api, 'news 4', newer)).thenInbox(api, {
    ref: msgNo(4),
    refs: refs(1, 2, 4),
  });
});

t.test('a digest that loses a message keeps its place before newer items', async t => {
  const world = given(t, ...away, ...three, tells(4, web, api, 'later'), retracts(web, 2));
  world.thenInbox(api, { refs: refs(1, 3) }, { text: 'later' });
  const digest = world.mesh.table.inbox.boxes.get(api.peer)?.items.get(msgNo(3));
  world.and(p.acks(api, { up_to: digest?.position })).thenInbox(api, { text: 'later' });
});

t.test('the digest that was not seen takes in what comes at the next absence', async t => {
  given(
    t,
    ...away,
    ...three,
    p.connects(api),
    p.disconnects(api),
    digests(4, web, api, 'news 4'),
  ).thenInbox(api, { refs: refs(1, 2, 3, 4) });
});

t.test('a digest shows its first lines and counts them all', async t => {
  const count = limits.digest_lines + 5;
  const many = Array.from({ length: count }, (_, n) => digests(n, web, api, `news ${n}`));
  const world = given(t, ...away, ...many);
  const [digest] = world.mesh.table.inbox.boxes.get(api.peer)!.items.values();
  t.match(digest?.text, `${count} messages`);
  t.equal(digest?.text.split('\n').length, 1 + limits.digest_lines);
  world.and(retracts(web, count - 1), retracts(web, 0));
  world.thenInbox(api, { text: new RegExp(`^${count - 2} messages .*:\n- web: news 1\n`) });
});

t.test('a line is short, in one piece, and never cut through a character', async t => {
  const words = `a\nb ${'x'.repeat(limits.digest_line_chars - 5)}🚂`;
  const world = given(t, ...away, digests(1, web, api, words));
  const [digest] = world.mesh.table.inbox.boxes.get(api.peer)!.items.values();
  t.equal(digest?.text.split('\n')[1], `- web: a b ${'x'.repeat(limits.digest_line_chars - 5)}`);
});

t.test('a digest fills the inbox as its messages would', async t => {
  const world = given(t, ...away);
  const { inbox } = world.mesh.table;
  const box = inbox.box(api.peer);
  const many = Array.from({ length: limits.inbox_items - 1 }, (_, n) => msgNo(n));
  const item = { time: 0, kind: 'system', from: '', from_name: '', from_role: '' } as const;
  inbox.put(box, { ...item, position: 1, text: '', ref: msgNo(1), refs: many, offered: false });
  world.and(digests(20_000, web, api, 'one more')).thenVoid('inbox_full');
});
