// The order of one connection's calls, whom it speaks for, and how its answers leave.
import { once } from 'node:events';
import t from 'tap';
import { closeCodes } from '../../schemas/frame.js';
import { bearer, type Guest, house, UUID, visit } from '../dsl/gateway-house.js';
import type { Asked, FakeDoor } from './fake-door.js';

const PEER = 'peer_01890000-0000-7000-8000-00000000000a';
const SECRET = 'the-secret-of-web-0123456789';
type Tap = Parameters<typeof visit>[0];

const send = (guest: Guest, id: number, method: string, params: object = {}) =>
  guest.send({ jsonrpc: '2.0', id, method, params });
const describe = (guest: Guest, id: number, text: string) =>
  send(guest, id, 'peer.describe', { id: UUID, text });
const join = { id: UUID, name: 'web', peer: PEER, secret: SECRET };
const applied = { result: { position: 1, verdict: 'applied' } };

/** Commands wait at the door until the test lets them go on. */
function hold(door: FakeDoor): { next(): Promise<Asked> } {
  let read = 0;
  let wake = () => {};
  door.onCommand = () => wake();
  return {
    async next() {
      while (read >= door.asked.length) {
        await new Promise<void>(resolve => {
          wake = resolve;
        });
      }
      return door.asked[read++]!;
    },
  };
}

async function peerAtHome(t: Tap) {
  const visited = await house(t);
  visited.door.addPeer(PEER, SECRET, 'operator');
  const guest = await visit(t, visited, bearer(`${PEER}.${SECRET}`));
  return { ...visited, guest, held: hold(visited.door) };
}

t.test('15: a command behind an undecided one waits, reads wait behind it too', async t => {
  const { guest, door, held } = await peerAtHome(t);
  describe(guest, 1, 'first');
  describe(guest, 2, 'second');
  send(guest, 3, 'mesh.info');
  const first = await held.next();
  t.match(first.command.params, { text: 'first' });
  t.equal(door.asked.length, 1);
  t.equal(door.reads.length, 0);
  first.decided();
  const second = await held.next();
  t.match(second.command.params, { text: 'second' });
  second.decided();
  t.match(await guest.next(), { id: 3 }, 'a read needs no answer before it');
  second.done(applied);
  t.match(await guest.next(), { id: 2 });
  first.done(applied);
  t.match(await guest.next(), { id: 1 });
});

t.test('a refusal without a decision lets the next command follow', async t => {
  const { guest, held } = await peerAtHome(t);
  describe(guest, 1, 'first');
  describe(guest, 2, 'second');
  (await held.next()).done({ refusal: 'peer_retired', message: 'gone' });
  t.match(await guest.next(), { id: 1, error: { code: -32004 } });
  t.match((await held.next()).command.params, { text: 'second' });
});

t.test('a slow read and a long wait hold nothing up', async t => {
  const { guest, door } = await peerAtHome(t);
  let finish = (_answer: typeof applied) => {};
  door.onRead = method =>
    method === 'ask.list'
      ? new Promise(resolve => {
          finish = resolve;
        })
      : { result: { method } };
  send(guest, 1, 'ask.list');
  send(guest, 2, 'mesh.info');
  t.match(await guest.next(), { id: 2 });
  finish(applied);
  t.match(await guest.next(), { id: 1 });
});

t.test('what stands behind a join waits for it and is the peer’s', async t => {
  const visited = await house(t);
  const { door } = visited;
  door.addPeer(PEER, SECRET, 'operator');
  const held = hold(door);
  const guest = await visit(t, visited);
  guest.send([
    { jsonrpc: '2.0', id: 1, method: 'peer.join', params: join },
    { jsonrpc: '2.0', id: 2, method: 'peer.describe', params: { id: UUID, text: 'x' } },
  ]);
  const joining = await held.next();
  t.same(joining.command.author, { token: 'operator' });
  t.equal(joining.command.connected, true);
  joining.decided();
  await new Promise(setImmediate);
  t.equal(door.asked.length, 1, 'decided is not enough');
  joining.done({ result: { position: 1, verdict: 'applied', peer: PEER } });
  t.match((await held.next()).command.author, { token: 'operator', peer: PEER });
  t.match(await guest.next(), { id: 1, result: { peer: PEER } });
  t.same(door.attached, [PEER]);

  guest.ws.close();
  await guest.closed;
  await visited.gateway.close();
  t.same(door.detached, [PEER]);
});

t.test('a join that is refused or void leaves the connection as it was', async t => {
  const visited = await house(t);
  const { door } = visited;
  door.addPeer(PEER, SECRET, 'operator');
  const held = hold(door);
  const guest = await visit(t, visited);
  for (const answer of [
    { refusal: 'unauthorized' as const, message: 'no' },
    { result: { position: 1, verdict: 'void', reason: 'unauthorized', peer: PEER } },
  ]) {
    send(guest, 1, 'peer.join', join);
    (await held.next()).done(answer);
    await guest.next();
    t.match(await guest.call(2, 'inbox.reminders', {}), { error: { code: -32002 } });
  }
  t.same(door.attached, []);
});

t.test('a peer whose socket closed while it joined is not left connected', async t => {
  const visited = await house(t);
  const { door } = visited;
  door.addPeer(PEER, SECRET, 'operator');
  const held = hold(door);
  const guest = await visit(t, visited);
  send(guest, 1, 'peer.join', join);
  const joining = await held.next();
  guest.ws.terminate();
  await guest.closed;
  await visited.gateway.close();
  joining.done({ result: { position: 1, verdict: 'applied', peer: PEER } });
  t.same(door.attached, [PEER]);
  t.same(door.detached, [PEER]);
});

t.test('a connection speaks for one peer; the same join may come again', async t => {
  const { guest, door, held } = await peerAtHome(t);
  const other = { ...join, peer: 'peer_01890000-0000-7000-8000-00000000000b' };
  for (const [method, params] of [
    ['peer.join', other],
    ['peer.join', { id: UUID, name: 'web' }],
    ['peer.attach', { peer: other.peer, secret: SECRET }],
  ] as const) {
    t.match(await guest.call(1, method, params), { error: { message: /open another/ } });
  }
  send(guest, 2, 'peer.join', join);
  const again = await held.next();
  t.same(again.command.author, { token: 'operator' }, 'as the token, like the first time');
  again.done({ result: { position: 1, verdict: 'applied', peer: PEER } });
  t.match(await guest.next(), { id: 2, result: {} });
  t.same(door.attached, [PEER], 'attached once');
});

t.test('a join answered again speaks for nobody whose secret it does not know', async t => {
  const visited = await house(t);
  const { door } = visited;
  door.addPeer(PEER, SECRET, 'operator');
  door.onCommand = ({ decided, done }) => {
    decided();
    done({ result: { position: 1, verdict: 'applied', peer: PEER } });
  };
  const guest = await visit(t, visited);
  for (const secret of ['a-wrong-secret-0123456', undefined]) {
    const answer = await guest.call(1, 'peer.join', { ...join, secret });
    const isChosen = secret !== undefined;
    const told = { error: { data: { refusal: 'unauthorized' } } };
    t.match(answer, isChosen ? told : { result: { peer: PEER } });
    t.match(await guest.call(2, 'inbox.reminders', {}), { error: { code: -32002 } });
  }
  t.same(door.attached, []);
});

t.test('peer.attach speaks for the peer once it is answered', async t => {
  const visited = await house(t);
  const { door } = visited;
  door.addPeer(PEER, SECRET, 'operator');
  door.onRead = method => Promise.resolve({ result: { method, peer: PEER } });
  const guest = await visit(t, visited);
  send(guest, 1, 'peer.attach', { peer: PEER, secret: SECRET });
  describe(guest, 2, 'x');
  t.match(await guest.next(), [
    { id: 1, result: { peer: PEER } },
    { id: 2, result: {} },
  ]);
  t.same(door.asked[0]?.command.author, { token: 'operator', peer: PEER });
  t.same(door.attached, [PEER]);
});

t.test('the answers of one turn leave as one frame', async t => {
  const { guest, held } = await peerAtHome(t);
  const asked: Asked[] = [];
  for (let n = 0; n < 3; n++) {
    describe(guest, n, 'x');
    asked[n] = await held.next();
    asked[n]?.decided();
  }
  for (const { done } of asked) done(applied);
  t.match(await guest.next(), [{ id: 0 }, { id: 1 }, { id: 2 }]);
});

t.test('a huge batch does not keep the others waiting', async t => {
  const visited = await house(t);
  const busy = await visit(t, visited);
  const other = await visit(t, visited);
  const call = { jsonrpc: '2.0', id: 1, method: 'mesh.info' };
  busy.send(Array.from({ length: 15_000 }, () => call));
  await busy.next();
  t.match(await other.call(1, 'mesh.info'), { id: 1 });
  const answered = () => busy.frames.flat().length;
  t.ok(answered() < 15_000, `answered after ${answered()} of 15000`);
  while (answered() < 15_000) await once(busy.ws, 'message');
});

t.test('a closing gateway lets answers out and says 1012', async t => {
  const { guest, held, gateway } = await peerAtHome(t);
  describe(guest, 1, 'x');
  (await held.next()).done(applied);
  const closed = gateway.close();
  t.match(await guest.next(), { id: 1, result: {} });
  t.equal((await guest.closed).code, closeCodes.restart);
  await closed;
});

t.test('a broker that fenced itself off says 1012 to who is there, and to who comes', async t => {
  const visited = await house(t);
  const guest = await visit(t, visited);
  visited.door.fencing.abort('fenced itself off');
  t.equal((await guest.closed).code, closeCodes.restart);
  t.equal((await (await visit(t, visited)).closed).code, closeCodes.restart);
  t.equal((await fetch(`${visited.gateway.url}/livez`)).status, 200, 'it can still be asked why');
});
