// Who gets in and who is shown out: upgrades, close codes, tokens and POST, as PROTOCOL.md says.
import { type Test, test } from 'tap';
import { inEach } from '../dsl/each-encoding.js';
import { connect, type House, join, openBroker } from '../dsl/live-broker.js';
import { type Fields, refusalOf, TurnedAway, uuid } from '../dsl/raw-client.js';
import { Watch } from '../dsl/watch.js';

const MIB = 1_048_576;

type More = Parameters<typeof connect>[2];

/** With which HTTP status the upgrade is turned away. */
async function statusOf(t: Test, house: House, more: More): Promise<number | undefined> {
  const error = await connect(t, house, more).catch((thrown: unknown) => thrown);
  return error instanceof TurnedAway ? error.status : undefined;
}

test('an upgrade without a right token, Host or Origin is answered in plain HTTP', async t => {
  const house = await openBroker(t);
  const status = (more: More) => statusOf(t, house, more);
  t.equal(await status({ credential: 'wrong' }), 401);
  t.equal(await status({ credential: '' }), 401);
  t.equal(await status({ credential: 'peer_0000-0000.wrong-wrong-wrong' }), 401);
  t.equal(await status({ headers: { host: 'evil.example' } }), 403);
  t.equal(await status({ headers: { origin: 'http://evil.example' } }), 403);
});

inEach('frames that break the rules close the socket with their code', async (t, encoding) => {
  const house = await openBroker(t);
  const wrongType = await connect(t, house, { encoding });
  wrongType.ws.send(encoding === 'json' ? Buffer.from([0x80]) : '{}');
  t.equal((await wrongType.closed).code, 1003);
  const huge = await connect(t, house, { encoding });
  const bytes = Buffer.alloc(MIB + 1, 0x20);
  huge.ws.send(encoding === 'json' ? String(bytes) : bytes);
  t.equal((await huge.closed).code, 1009);
});

test('a token sees and touches only its circles, and ends with 4001', async t => {
  const house = await openBroker(t);
  const operator = await connect(t, house);
  const made = await operator.command('token.create', {
    name: 'red-only',
    circles: ['red'],
    roles: ['agent'],
    verbs: ['observe', 'speak'],
  });
  const credential = String(made.secret);
  const ann = await join(t, house, 'ann', { credential, circle: 'red' });
  const bob = await join(t, house, 'bob', { circle: 'blue' });
  const cid = await join(t, house, 'cid', { circle: 'red' });
  t.equal(await refusalOf(ann.notify('bob', 'x', { circle: 'blue' })), 'circle_forbidden');
  t.equal(await refusalOf(ann.notify(bob.peer, 'x')), 'peer_unknown');
  const watch = new Watch();
  await watch.follow(ann.guest);
  await bob.guest.command('broadcast.send', { text: 'among the blue' });
  await ann.notify(cid.peer, 'among the red');
  await watch.line(event => event.text === 'among the red');
  t.ok(watch.lines.every(([, , event]) => event.circle === 'red'));
  const { rows } = await ann.guest.call<{ rows: Fields[] }>('peer.list', { circle: '*' });
  t.strictSame(
    rows.map(({ name }) => name),
    ['cid'],
  );
  t.equal(await refusalOf(ann.guest.call('token.list')), 'forbidden');
  const guest = await connect(t, house, { credential });
  const human = guest.command('peer.join', { name: 'dot', circle: 'red', role: 'human' });
  t.equal(await refusalOf(human), 'forbidden');
  const blue = guest.command('peer.join', { name: 'dot', circle: 'blue' });
  t.equal(await refusalOf(blue), 'circle_forbidden');

  await operator.command('token.revoke', { token: made.token });
  t.equal((await ann.guest.closed).code, 4001, 'the sockets of its peers close');
  t.equal((await guest.closed).code, 4001);
  t.equal(await statusOf(t, house, { credential }), 401);
  t.equal(await statusOf(t, house, { credential: ann.credential }), 401);
});

test('a token without a verb may not do what needs it', async t => {
  const house = await openBroker(t);
  const operator = await connect(t, house);
  const credentialWith = async (verb: string) => {
    const rights = { name: verb, circles: ['*'], roles: ['agent'], verbs: [verb] };
    return String((await operator.command('token.create', rights)).secret);
  };
  const watcher = await connect(t, house, {
    credential: await credentialWith('observe'),
  });
  t.equal(await refusalOf(watcher.command('peer.join', { name: 'ann' })), 'forbidden');
  const speaker = await connect(t, house, {
    credential: await credentialWith('speak'),
  });
  t.equal(await refusalOf(speaker.call('log.observe', { from: 'start' })), 'forbidden');
  const rights = { name: 'x', circles: ['*'], roles: [], verbs: ['operate'] };
  t.equal(await refusalOf(speaker.command('token.create', rights)), 'forbidden');
});

function post({ ready }: House, credential: string, body: unknown): Promise<Response> {
  return fetch(`${ready.url}/rpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${credential}` },
    body: JSON.stringify(body),
  });
}

test('the same methods answer by POST, for a token and for a peer', async t => {
  const house = await openBroker(t);
  const ann = await join(t, house, 'ann');
  const bob = await join(t, house, 'bob');
  const call = (id: number, method: string, params: Fields) => ({
    jsonrpc: '2.0',
    id,
    method,
    params,
  });
  const said = call(1, 'notify.send', { id: uuid(), to: 'bob', text: 'by post' });
  const answer = await post(house, ann.credential, said);
  t.match(await answer.json(), { id: 1, result: { verdict: 'applied', delivery: 'offered' } });
  const batch = await post(house, bob.credential, [
    call(1, 'inbox.read', {}),
    call(2, 'no.such', {}),
  ]);
  const answers = (await batch.json()) as { id: number }[];
  t.match(
    answers.sort((a, b) => a.id - b.id),
    [
      { id: 1, result: { items: [{ text: 'by post' }] } },
      { id: 2, error: { code: -32601 } },
    ],
  );
  t.equal((await post(house, 'wrong', said)).status, 401);
  const token = await post(house, house.token, call(1, 'inbox.read', {}));
  t.match(await token.json(), { error: { data: { refusal: 'forbidden' } } });
});

test('a page opens a session with its one-time code, and only by its first frame', async t => {
  const house = await openBroker(t);
  const operator = await connect(t, house);
  const origin = house.ready.url;
  const page = () => connect(t, { ...house, token: '' }, { headers: { origin } });
  const { code } = await operator.call('session.offer');
  const first = await page();
  t.match(await first.call('session.start', { code }), { resume: String, cursor: String });
  t.match(await first.call('peer.list', {}), { rows: [] });
  const second = await page();
  t.equal(await refusalOf(second.call('session.start', { code })), 'unauthorized', 'one time');
  t.equal((await second.closed).code, 1008);
  const third = await page();
  third.send({ jsonrpc: '2.0', id: 1, method: 'peer.list', params: {} });
  t.equal((await third.closed).code, 1008);
});

test('a broker that stops says 1012, so that clients come again', async t => {
  const house = await openBroker(t);
  const guest = await connect(t, house);
  await house.broker.close();
  t.equal((await guest.closed).code, 1012);
});
