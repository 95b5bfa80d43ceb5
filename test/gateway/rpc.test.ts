// Calls over a socket: what is refused before the broker sees it, and what each answer says.
import t from 'tap';
import { limits } from '../../schemas/limits.js';
import { bearer, house, UUID, visit } from '../dsl/gateway-house.js';

const PEER = 'peer_01890000-0000-7000-8000-00000000000a';
const SECRET = 'the-secret-of-web-0123456789';
type Tap = Parameters<typeof visit>[0];

/** A house and a guest that speaks for a peer. */
async function peerAtHome(t: Tap) {
  const visited = await house(t);
  visited.door.addPeer(PEER, SECRET, 'operator');
  const guest = await visit(t, visited, bearer(`${PEER}.${SECRET}`));
  return { ...visited, guest };
}

t.test('what is no request is answered -32600 under its id, or null', async t => {
  const { guest } = await peerAtHome(t);
  const wrong: [unknown, unknown][] = [
    [1, null],
    [null, null],
    ['text', null],
    [{}, null],
    [{ jsonrpc: '1.0', id: 1, method: 'mesh.info' }, 1],
    [{ jsonrpc: '2.0', id: 1 }, 1],
    [{ jsonrpc: '2.0', id: 1, method: 5 }, 1],
    [{ jsonrpc: '2.0', id: {}, method: 'mesh.info' }, null],
    [{ jsonrpc: '2.0', id: 'x'.repeat(300), method: 'mesh.info' }, 'x'.repeat(300)],
    [[], null],
  ];
  for (const [frame, id] of wrong) {
    guest.send(JSON.stringify(frame));
    const said = JSON.stringify(frame).slice(0, 60);
    t.match(
      await guest.next(),
      { id, error: { code: -32600, data: { refusal: 'invalid' } } },
      said,
    );
  }
  guest.send([1, [2], { jsonrpc: '2.0', id: 'a', method: 'mesh.info' }]);
  t.match(await guest.next(), [
    { id: null, error: { code: -32600 } },
    { id: null, error: { code: -32600 } },
    { id: 'a', result: {} },
  ]);
});

t.test('an unknown method is -32601', async t => {
  const { guest } = await peerAtHome(t);
  for (const method of ['ask.maybe', 'constructor', '__proto__', '']) {
    t.match(await guest.call(1, method), { error: { code: -32601, data: { retry: false } } });
  }
});

t.test('a refused parameter is named, with what it should be', async t => {
  const { guest, door } = await peerAtHome(t);
  const id = UUID;
  const cases: [string, unknown, RegExp, string][] = [
    ['ask.open', { id, to: 'api' }, /`text`.*string/, 'invalid'],
    ['ask.open', { id: 'x', to: 'api', text: 'x' }, /`id`.*uuid v7/, 'invalid'],
    ['ask.open', { id, to: 'api', text: 'x', by: PEER }, /`by`.*takes id, to/, 'invalid'],
    ['ask.open', { id, to: 'api', text: 'x'.repeat(200_000) }, /`text`.*196608/, 'too_large'],
    ['ask.open', [id, 'api', 'x'], /by name/, 'invalid'],
    ['ask.open', 'x', /object/, 'invalid'],
    ['mesh.info', { deep: true }, /no parameters/, 'invalid'],
    ['inbox.ack', { id, up_to: 1, refs: ['x'] }, /give up_to or refs/, 'invalid'],
    ['log.observe', { from: 'now', filter: { what: [] } }, /`what`.*`filter`/, 'invalid'],
    ['log.observe', { from: 5 }, /`from`.*string.*or.*object/, 'invalid'],
    ['peer.join', { id, name: 'Web' }, /`name`.*a-z/, 'invalid'],
  ];
  for (const [method, params, message, refusal] of cases) {
    const answer = await guest.call(1, method, params as object);
    t.match(answer.error, { message, data: { refusal, retry: false } }, String(message));
  }
  t.same(door.asked, [], 'the broker saw none of them');
});

t.test('parameters reach the broker with their defaults', async t => {
  const { guest, door } = await peerAtHome(t);
  await guest.call(1, 'peer.list');
  t.same(door.reads[0]?.params, { offline: false, self: false, max: 100 });
});

t.test('peer methods are forbidden before the connection speaks for a peer', async t => {
  const visited = await house(t);
  const guest = await visit(t, visited);
  t.match(await guest.call(1, 'inbox.reminders', {}), {
    error: { code: -32002, message: /peer.join/, data: { refusal: 'forbidden' } },
  });
  t.match(await guest.call(2, 'token.list'), { result: {} }, 'others need only a token');
});

t.test('a notification is carried out and not answered', async t => {
  const { guest, door } = await peerAtHome(t);
  guest.send({ jsonrpc: '2.0', method: 'mesh.info' });
  guest.send({ jsonrpc: '2.0', method: 'ask.open', params: {} });
  t.match(await guest.call(1, 'mesh.info'), { id: 1 });
  t.equal(door.reads.length, 2);
});

t.test('a refusal is an error with its code, and tells whether to try again', async t => {
  const { guest, door } = await peerAtHome(t);
  door.onCommand = ({ decided, done }) => {
    decided();
    done({ refusal: 'unavailable', message: 'Try again.', data: { retry_after_s: 1 } });
  };
  t.same(await guest.call(1, 'peer.describe', { id: UUID, text: 'x' }), {
    jsonrpc: '2.0',
    id: 1,
    error: {
      code: -32007,
      message: 'Try again.',
      data: { refusal: 'unavailable', retry: true, retry_after_s: 1 },
    },
  });
});

t.test('a read that fails is answered unavailable and logged', async t => {
  const { guest, door, logged } = await peerAtHome(t);
  door.onRead = () => Promise.reject(new Error('the log is away'));
  t.match(await guest.call(1, 'ask.list', {}), { error: { code: -32007 } });
  t.match(logged.join(), /a call could not be answered/);
});

t.test('the inbox delivery hears of a subscription after its answer was queued', async t => {
  const { guest, door, delivered } = await peerAtHome(t);
  door.onCommand = ({ decided, done }) => {
    decided();
    done({ result: { position: 1, verdict: 'applied', generation: 4 } });
  };
  guest.send({ jsonrpc: '2.0', id: 1, method: 'inbox.subscribe', params: {} });
  t.match(await guest.next(), { id: 1, result: { generation: 4 } });
  const [name, outlet, generation] = delivered[0] ?? [];
  t.equal(name, 'subscribed');
  t.equal(generation, 4);
  const { author, encoding } = outlet as { author: object; encoding: string };
  t.same({ author, encoding }, { author: { token: 'operator', peer: PEER }, encoding: 'json' });
  door.onCommand = ({ decided, done }) => {
    decided();
    done({ result: { position: 2, verdict: 'void', reason: 'peer_retired' } });
  };
  await guest.call(2, 'inbox.subscribe', {});
  t.equal(delivered.length, 1, 'a void one takes nothing');
});

t.test('observing goes to the fan-out, with this connection as the outlet', async t => {
  const { guest, delivered } = await peerAtHome(t);
  t.match(await guest.call(1, 'log.observe', { from: 'now' }), {
    result: { subscription: 'sub_1' },
  });
  const outlet = delivered[0]?.[1] as { send(message: object): void };
  outlet.send({ jsonrpc: '2.0', method: 'log.records', params: {} });
  t.match(await guest.next(), { method: 'log.records' });
  t.match(await guest.call(2, 'log.unobserve', { subscription: 'sub_1' }), { result: {} });
  t.match(await guest.call(3, 'log.unobserve', { subscription: 'sub_2' }), {
    error: { data: { refusal: 'invalid' } },
  });
});

t.test('waits go to the inbox delivery as the peer', async t => {
  const { guest, delivered } = await peerAtHome(t);
  const ask = `ask_${UUID}`;
  t.match(await guest.call(1, 'inbox.read', { wait_s: 5 }), { result: { items: [] } });
  t.match(await guest.call(2, 'ask.wait', { ask }), { result: { ask, state: 'open' } });
  const author = { token: 'operator', peer: PEER };
  t.match(delivered, [
    ['read', author, { wait_s: 5, max: 20, claim_s: 30 }],
    ['wait', author, { ask, timeout_s: 60 }],
  ]);
});

t.test('a token that is revoked while a call arrives is unauthorized', async t => {
  const visited = await house(t);
  const token = visited.door.addToken('soon-revoked-0123456789');
  const guest = await visit(t, visited, bearer('soon-revoked-0123456789'));
  visited.door.table.tokens.rows.delete(token);
  t.match(await guest.call(1, 'mesh.info'), { error: { code: -32001 } });
});

t.test('waits under way on one connection are bounded', async t => {
  const visited = await house(t, { inbox: neverInbox });
  visited.door.addPeer(PEER, SECRET, 'operator');
  const guest = await visit(t, visited, bearer(`${PEER}.${SECRET}`));
  const wait = { jsonrpc: '2.0', id: 1, method: 'ask.wait', params: { ask: `ask_${UUID}` } };
  guest.send(Array.from({ length: limits.socket_waits + 1 }, (_, id) => ({ ...wait, id })));
  t.match(await guest.next(), {
    id: limits.socket_waits,
    error: { data: { refusal: 'rate_limited', retry_after_s: 1 } },
  });
});

const never = () => new Promise<never>(() => {});
const neverInbox = { subscribed() {}, read: never, waitForAsk: never, close() {} };
