// Faults of our own: answered `internal` once, logged with their cause, and over with the call.
import t from 'tap';
import type { Call } from '../../broker/gateway/calls/caller.js';
import { Connection, type ConnectionParts } from '../../broker/gateway/calls/connection.js';
import { createHandlers } from '../../broker/gateway/calls/handlers.js';
import { readParams } from '../../broker/gateway/calls/params.js';
import { createTurns } from '../../broker/gateway/calls/write-buffer.js';
import { createFanout } from '../../broker/gateway/observe/fanout.js';
import { createCounters } from '../../broker/gateway/shared/counters.js';
import { methods } from '../../schemas/method.js';
import { OPERATOR } from '../../schemas/uuid.js';
import { bearer, house, post, UUID, visit } from '../dsl/gateway-house.js';
import { FakeDoor } from './fake-door.js';
import { FakeOutlet, until } from './fake-outlet.js';

const PEER = 'peer_01890000-0000-7000-8000-00000000000a';
const SECRET = 'the-secret-of-web-0123456789';
const INTERNAL = { code: -32603, data: { refusal: 'internal', retry: false } };
type Tap = Parameters<typeof visit>[0];

async function peerAtHome(t: Tap, more = {}) {
  const visited = await house(t, more);
  visited.door.addPeer(PEER, SECRET, 'operator');
  const guest = await visit(t, visited, bearer(`${PEER}.${SECRET}`));
  return { ...visited, guest };
}

const stumble = (): never => {
  throw new TypeError('a planted fault');
};

t.test('a handler that throws is answered, logged, and the next call is served', async t => {
  const { guest, door, logged } = await peerAtHome(t);
  const { onCommand, onRead } = door;
  Object.assign(door, { onCommand: stumble, onRead: stumble });
  t.match(await guest.call(1, 'mesh.info'), { id: 1, error: INTERNAL });
  t.match(await guest.call(2, 'peer.describe', { id: UUID, text: 'x' }), {
    id: 2,
    error: INTERNAL,
  });
  door.onRead = () => Promise.reject(new TypeError('a planted fault'));
  t.match(await guest.call(3, 'ask.list'), { id: 3, error: INTERNAL }, 'also a promise of it');
  t.equal(logged.filter(line => /a planted fault.*faults\.test/.test(line)).length, 3);
  door.onRead = () => Promise.reject(new DOMException('nobody waits', 'AbortError'));
  t.match(await guest.call(5, 'ask.list'), { error: { data: { refusal: 'unavailable' } } });
  t.notOk(
    logged.some(line => line.includes('nobody waits')),
    'who hung up is no fault',
  );
  Object.assign(door, { onCommand, onRead });
  t.match(await guest.call(4, 'mesh.info'), { id: 4, result: {} });
});

t.test('a call of a batch that fails spoils no other, by socket or by POST', async t => {
  const visited = await peerAtHome(t);
  const { guest, door } = visited;
  door.onRead = method => (method === 'mesh.stats' ? stumble() : { result: { method } });
  const batch = ['mesh.info', 'mesh.stats', 'mesh.info'].map((method, id) => {
    return { jsonrpc: '2.0', id, method };
  });
  const answers = [
    { id: 0, result: {} },
    { id: 1, error: INTERNAL },
    { id: 2, result: {} },
  ];
  guest.send(batch);
  // A slow machine may answer them in several turns, so in several frames.
  const told: unknown[] = [];
  while (told.length < batch.length) told.push(...[await guest.next()].flat());
  t.match(told, answers);
  t.match(await (await post(visited, batch)).json(), answers);
});

t.test('what fails after the answer, in the middle of a fold, harms nobody', async t => {
  const inbox = { subscribed: stumble, read: stumble, waitForAsk: stumble, close() {} };
  const { guest, door, logged } = await peerAtHome(t, { inbox });
  let fold = () => {};
  door.onCommand = ({ decided, done }) => {
    decided();
    fold = () => done({ result: { position: 1, verdict: 'applied', generation: 1 } });
  };
  guest.send({ jsonrpc: '2.0', id: 1, method: 'inbox.subscribe', params: {} });
  while (door.asked.length === 0) await new Promise(resolve => setImmediate(resolve));
  t.doesNotThrow(() => fold());
  t.match(await guest.next(), { id: 1, result: { generation: 1 } });
  t.match(logged.join(), /a call failed inside the broker/);
  t.match(await guest.call(2, 'inbox.read', {}), { id: 2, error: INTERNAL });
  t.match(await guest.call(3, 'ask.wait', { ask: `ask_${UUID}` }), { id: 3, error: INTERNAL });
});

t.test('a result that cannot be encoded is a fault like any other', async t => {
  const visited = await peerAtHome(t);
  const { guest, door, logged } = visited;
  door.onRead = method => ({ result: method === 'mesh.stats' ? { odd: 1n } : {} });
  const batch = ['mesh.info', 'mesh.stats'].map((method, id) => ({ jsonrpc: '2.0', id, method }));
  const answers = [
    { id: 0, result: {} },
    { id: 1, error: INTERNAL },
  ];
  guest.send(batch);
  t.match(await guest.next(), answers);
  t.match(await (await post(visited, batch)).json(), answers);
  t.match(logged.join(), /could not be encoded/);
});

t.test('parameters whose reading throws are invalid', async t => {
  const { params } = methods['session.start'];
  const { safeParse } = params;
  t.teardown(() => Object.assign(params, { safeParse }));
  Object.assign(params, { safeParse: stumble });
  t.match(readParams('session.start', {}), { refusal: 'invalid', message: /cannot be read/ });
});

t.test('what each form of a parameter wants is said without the validator’s own words', t => {
  const result = { id: UUID, job: `job_${UUID}`, attempt: 1, outcome: 'completed', summary: 's' };
  const read = readParams('job.finish', { ...result, result: 1 });
  t.match(read, { refusal: 'invalid', message: /expected record.*, or expected string/ });
  t.end();
});

t.test('an observer that cannot be told of the log is hung up on, and learns of it so', async t => {
  const faults: unknown[] = [];
  const door = new FakeDoor();
  Object.assign(door, { replay: stumble });
  const fanout = createFanout(door, 1_000, error => faults.push(error));
  t.teardown(() => fanout.close());
  const outlet = new FakeOutlet();
  t.match(await fanout.observe(outlet, { from: 'start' }), { subscription: 'sub_1' });
  await until(() => outlet.isClosed);
  t.equal(faults.length, 1);
  t.equal(fanout.stats().subscriptions, 0);
});

t.test('a task of a turn that fails keeps no other from running', async t => {
  const faults: unknown[] = [];
  const turns = createTurns(error => faults.push(error));
  turns.atEnd(stumble);
  await new Promise<void>(resolve => turns.atEnd(resolve));
  t.equal(faults.length, 1);
});

t.test('a join that ends after its socket did enters nobody', async t => {
  const entered: unknown[] = [];
  const door = new FakeDoor();
  const wire = { encoding: 'json', send() {}, buffered: () => 0, terminate() {}, close() {} };
  const parts = {
    door,
    run: () => {},
    counters: createCounters(),
    turns: { atEnd() {} },
    firstFrameMs: 1_000,
    identified: (_: unknown, author: unknown) => entered.push(author),
    closed() {},
  };
  const connection = new Connection(wire as never, undefined, parts as unknown as ConnectionParts);
  connection.closed(1006);
  connection.identified({ token: 'operator' });
  t.same(entered, []);
});

t.test('log.verify ends with its socket, and leaves nothing on one that stays', async t => {
  const door = new FakeDoor();
  const signals: AbortSignal[] = [];
  let settle = (_: object): void => {};
  const verify = (_: unknown, __: unknown, signal: AbortSignal) => {
    signals.push(signal);
    return new Promise(resolve => (settle = resolve));
  };
  Object.assign(door, { audit: { facts: () => ({ sequence: 3 }), verify } });
  const outlet = new FakeOutlet();
  const caller = { author: { token: OPERATOR }, channel: { outlet }, reads: 0 };
  const run = createHandlers({ door } as never);
  const ask = () =>
    new Promise(answer => {
      const rest = { caller, pass() {}, guard: (work: () => void) => work(), fail: t.fail, answer };
      run({ method: 'log.verify', params: { from: 0 }, ...rest } as unknown as Call);
    });
  const answered = ask();
  t.equal(outlet.waiting, 1);
  settle({ ok: true, from: 1, to: 3, events: 2, signed: {} });
  t.match(await answered, { result: { ok: true, checked: 2 } });
  t.same([outlet.waiting, signals[0]?.aborted], [0, false]);
  void ask();
  outlet.close();
  t.equal(signals[1]?.aborted, true);
});
