// Who is killed, has left or whose token has ended is out: closed with 4001, and told nothing new.
import { type Test, test } from 'tap';
import {
  connect,
  type House,
  join,
  openBroker,
  openBrokers,
  type Person,
} from '../dsl/live-broker.js';
import { type Fields, type Guest, refusalOf, TurnedAway } from '../dsl/raw-client.js';

const OUT = 4001;

async function codeOf({ closed }: Guest): Promise<number> {
  return (await closed).code;
}

async function post(house: House, credential: string, method: string, params: Fields = {}) {
  const response = await fetch(`${house.ready.url}/rpc`, {
    method: 'POST',
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const said = (await response.json()) as { result?: Fields; error?: { data: Fields } };
  return { status: response.status, result: said.result, refusal: said.error?.data.refusal };
}

function kill({ guest }: Person, { peer }: Person): Promise<Fields> {
  return guest.command('peer.kill', { peer });
}

async function attached(t: Test, house: House, { peer, secret }: Person) {
  const guest = await connect(t, house);
  await guest.call('peer.attach', { peer, secret });
  return guest;
}

/** The status of an upgrade with this credential. */
async function statusOf(t: Test, house: House, credential: string): Promise<number> {
  const said = await connect(t, house, { credential }).catch((error: unknown) => error);
  return said instanceof TurnedAway ? said.status : 101;
}

test('every connection of a killed peer closes, on every broker', async t => {
  const { brokers } = await openBrokers(t, 2);
  const [here, there] = [brokers[0]!, brokers[1]!];
  const boss = await join(t, here, 'boss');
  const eve = await join(t, there, 'eve');
  const { credential } = eve;
  const guests = [eve.guest, await attached(t, here, eve), await connect(t, here, { credential })];
  for (const guest of guests) await guest.call('log.observe', { from: 'now' });
  const waits = guests.map(guest => guest.call('inbox.read', { wait_s: 60 }).catch(() => 'ended'));
  await kill(boss, eve);
  for (const guest of guests) t.equal(await codeOf(guest), OUT);
  t.strictSame(await Promise.all(waits), ['ended', 'ended', 'ended']);
  for (const house of [here, there]) {
    t.equal(await statusOf(t, house, credential), 401, 'its secret opens nothing');
    t.match(await post(house, credential, 'peer.list'), { status: 401 });
    const guest = await connect(t, house);
    const { peer, secret } = eve;
    t.equal(await refusalOf(guest.call('peer.attach', { peer, secret })), 'peer_retired');
    const again = { name: 'eve', peer, secret };
    t.equal(await refusalOf(guest.command('peer.join', again)), 'peer_retired');
  }
  t.match(await boss.guest.call('peer.whoami'), { name: 'boss' }, 'the others stay');
});

test('a killed peer is shown nothing that came after its end', async t => {
  const house = await openBroker(t);
  const boss = await join(t, house, 'boss');
  const eve = await join(t, house, 'eve');
  await eve.guest.call('log.observe', { from: 'now' });
  // All in one turn, so that they may share a commit.
  await Promise.all([kill(boss, eve), boss.guest.command('broadcast.send', { text: 'secret' })]);
  t.equal(await codeOf(eve.guest), OUT);
  t.notMatch(JSON.stringify(eve.guest.heard), /secret/);
});

test('who is killed while it waits by POST is refused at once', async t => {
  const house = await openBroker(t);
  const boss = await join(t, house, 'boss');
  const eve = await join(t, house, 'eve');
  const ask = await boss.ask('eve', 'well?');
  const api = await join(t, house, 'api');
  const foreign = await boss.ask('api', 'not for eve');
  const waits = [
    post(house, eve.credential, 'ask.wait', { ask, timeout_s: 60 }),
    post(house, eve.credential, 'ask.wait', { ask: foreign, timeout_s: 60 }),
  ];
  await post(house, eve.credential, 'inbox.read', { claim_s: 60 });
  waits.push(post(house, eve.credential, 'inbox.read', { wait_s: 60 }));
  // A call behind them on the same broker: they have begun to wait.
  await post(house, eve.credential, 'peer.whoami');
  await kill(boss, eve);
  await api.reply(foreign, 'between us');
  for (const said of await Promise.all(waits)) {
    t.match(said.refusal ?? said.status, /peer_retired|401/, 'refused');
    t.equal(said.result, undefined);
  }
});

test('who leaves is answered, then closed; its secret brings it back', async t => {
  const house = await openBroker(t);
  const ann = await join(t, house, 'ann');
  const second = await attached(t, house, ann);
  t.match(await ann.guest.command('peer.leave'), { verdict: 'applied' });
  t.equal(await codeOf(ann.guest), OUT);
  t.equal(await codeOf(second), OUT);
  t.equal(await statusOf(t, house, ann.credential), 401);
  const { peer, secret } = ann;
  const back = await join(t, house, 'ann', { peer, secret });
  t.match(await back.guest.call('peer.whoami'), { peer, name: 'ann' });
});

test('a page is who offered its code, and ends with it', async t => {
  const house = await openBroker(t);
  const boss = await join(t, house, 'boss');
  const eve = await join(t, house, 'eve');
  const headers = { origin: house.ready.url };
  const page = () => connect(t, house, { credential: '', headers });
  const first = await page();
  const offered = await eve.guest.call('session.offer');
  const { resume } = await first.call('session.start', { code: offered.code });
  t.match(await first.call('peer.whoami'), { peer: eve.peer, name: 'eve' });
  const { code } = await eve.guest.call('session.offer');
  await kill(boss, eve);
  t.equal(await codeOf(first), OUT);
  for (const old of [code, resume]) {
    const late = await page();
    t.equal(await refusalOf(late.call('session.start', { code: old })), 'unauthorized');
  }
});

test('a page does not make who offered it present', async t => {
  const house = await openBroker(t);
  const boss = await join(t, house, 'boss');
  const eve = await join(t, house, 'eve');
  const { code } = await eve.guest.call('session.offer');
  const page = await connect(t, house, {
    credential: '',
    headers: { origin: house.ready.url },
  });
  await page.call('session.start', { code });
  await boss.guest.call('log.observe', { from: 'now' });
  eve.guest.hangUp();
  await boss.guest.hear('log.records', ({ records }) =>
    JSON.stringify(records).includes('peer.disconnected'),
  );
  t.match(await boss.guest.call('peer.list'), { rows: [] });
});

test('a token that expires while nobody speaks closes its sockets', async t => {
  const house = await openBroker(t);
  const { bare, ann } = await connectedBriefly(t, house, 2);
  const wait = post(house, ann.credential, 'inbox.read', { wait_s: 60 });
  t.equal(await codeOf(bare), OUT);
  t.equal(await codeOf(ann.guest), OUT);
  // On a slow machine the token may have ended before the POST came.
  const { status, refusal } = await wait;
  t.ok(status === 401 || refusal === 'unauthorized', 'nor does anybody wait longer by POST');
  t.equal(await statusOf(t, house, ann.credential), 401);
});

/** Two sockets of a token that soon expires: later where the machine is too slow to connect. */
async function connectedBriefly(
  t: Test,
  house: House,
  seconds: number,
): Promise<{ bare: Guest; ann: Person }> {
  const operator = await connect(t, house);
  const all = { circles: ['*'], roles: ['agent'], verbs: ['observe', 'speak'] };
  const expires_at = `${seconds}s`;
  const made = await operator.command('token.create', {
    name: `brief-${seconds}`,
    ...all,
    expires_at,
  });
  const credential = String(made.secret);
  try {
    const bare = await connect(t, house, { credential });
    return { bare, ann: await join(t, house, `ann-${seconds}`, { credential }) };
  } catch (error) {
    if (seconds > 30 || (await statusOf(t, house, credential)) !== 401) throw error;
    return connectedBriefly(t, house, 4 * seconds);
  }
}

test('what a killed peer made for itself opens nothing', async t => {
  const house = await openBroker(t);
  const boss = await join(t, house, 'boss');
  const eve = await join(t, house, 'eve');
  const spare = { name: 'spare', circles: ['*'], roles: ['agent'], verbs: ['observe', 'speak'] };
  const { token, secret } = await eve.guest.command('token.create', spare);
  const bare = await connect(t, house, { credential: String(secret) });
  const { rows } = await boss.guest.call<{ rows: Fields[] }>('token.list');
  t.match(rows, [{ token, made_by: eve.peer }]);
  await kill(boss, eve);
  t.equal(await codeOf(bare), OUT);
  t.equal(await statusOf(t, house, String(secret)), 401);
});

test('nobody speaks for a peer whose token has ended, by any token', async t => {
  const house = await openBroker(t);
  const boss = await join(t, house, 'boss');
  const rights = { circles: ['*'], roles: ['agent'], verbs: ['speak'] };
  const { token, secret: credential } = await boss.guest.command('token.create', {
    name: 'eve',
    ...rights,
  });
  const eve = await join(t, house, 'eve', { credential: String(credential) });
  await boss.guest.command('token.revoke', { token });
  t.equal(await codeOf(eve.guest), OUT);
  const { peer, secret } = eve;
  const guest = await connect(t, house);
  t.equal(await refusalOf(guest.call('peer.attach', { peer, secret })), 'unauthorized');
  t.match(await guest.call('peer.list', { circle: '*' }), { rows: Array }, 'and stays who it was');
});
