// Every refusal that PROTOCOL.md names, provoked by a client that does wrong.
import { type Test, test } from 'tap';
import { inEach } from '../dsl/each-encoding.js';
import { connect, join, openBroker } from '../dsl/live-broker.js';
import { type Encoding, type Fields, refusedBy, uuid } from '../dsl/raw-client.js';

/** The call ends in this refusal, with the code and the words that belong to it. */
async function refused(t: Test, answer: Promise<unknown>, name: string, code: number) {
  const { code: number, data, message } = await refusedBy(answer);
  t.match([data.refusal, number], [name, code], message);
  t.equal(data.retry, name === 'rate_limited' || name === 'unavailable', 'whether to try again');
  t.match(message, /^\S.{15,}[.…]$/s, 'a sentence');
  return data;
}

async function people(t: Test, encoding?: Encoding) {
  const house = await openBroker(t);
  const web = await join(t, house, 'web', encoding && { encoding });
  const api = await join(t, house, 'api', encoding && { encoding });
  const stray = await connect(t, house, encoding && { encoding });
  return { house, web, api, stray };
}

inEach('a malformed call is invalid', async (t, encoding) => {
  const { web, api, stray } = await people(t, encoding);
  const { guest } = web;
  const invalid = (answer: Promise<unknown>) => refused(t, answer, 'invalid', -32602);
  const ask = { to: 'api', text: 'x' };
  await invalid(guest.command('ask.open', { ...ask, foo: 1 }));
  await invalid(guest.command('ask.open', { ...ask, by: api.peer }));
  await invalid(guest.command('ask.open', { ...ask, question: { kind: 'riddle' } }));
  await invalid(guest.command('ask.open', { to: 'api' }));
  await invalid(guest.call('ask.open', ask));
  await invalid(guest.call('ask.open', { ...ask, id: 'not-a-uuid' }));
  await invalid(guest.call('ask.open', { ...ask, id: uuid(Date.now() + 120_000) }));
  await invalid(guest.command('ask.open', { to: 'web', text: 'myself' }));
  await invalid(stray.call('log.observe', { from: 'nonsense' }));
  for (const list of ['ask.list', 'peer.list', 'job.list', 'schedule.list', 'token.list']) {
    await invalid(stray.call(list, { after: 'zzz' }));
  }
  await invalid(stray.command('peer.join', { name: 'Not A Name' }));
  const id = uuid();
  await guest.call('notify.send', { id, ...ask });
  await invalid(guest.call('ask.open', { id, ...ask }));
  await refused(t, guest.call('no.such.method'), 'invalid', -32601);
  guest.send({ id: 77, method: 'peer.whoami' });
  t.match(await guest.stray(), { error: { code: -32600, data: { refusal: 'invalid' } } });
  guest.ws.send(encoding === 'json' ? '{"jsonrpc":' : Buffer.from([0xc1]));
  t.match(await guest.stray(), { id: null, error: { code: -32700 } });
  t.match(await guest.call('peer.whoami'), { name: 'web' }, 'and the socket stays');
});

test('nobody does what is not theirs', async t => {
  const { house, web, api, stray } = await people(t);
  const third = await join(t, house, 'third');
  const ask = await web.ask('api', 'yours?');
  await refused(t, third.close(ask, 'replied', 'mine'), 'not_yours', -32002);
  await refused(t, api.close(ask, 'cancelled'), 'not_yours', -32002);
  await refused(t, stray.command('notify.send', { to: 'api', text: 'x' }), 'forbidden', -32002);
  const { peer } = web;
  const secret = 'a-wrong-secret-of-some-length';
  const join2 = stray.command('peer.join', { name: 'web', peer, secret });
  await refused(t, join2, 'unauthorized', -32001);
  const attach = stray.call('peer.attach', { peer, secret });
  await refused(t, attach, 'unauthorized', -32001);
});

test('what is not there is unknown, with who comes near', async t => {
  const { web, stray } = await people(t);
  const nobody = web.guest.command('ask.open', { to: 'apis', text: 'x' });
  const near = await refused(t, nobody, 'peer_unknown', -32003);
  t.match(near.candidates, [{ name: 'api', circle: 'default', status: 'online', peer: String }]);
  const ask = `ask_${uuid()}`;
  await refused(t, web.close(ask, 'replied'), 'ask_unknown', -32003);
  await refused(t, web.guest.call('ask.get', { ask }), 'ask_unknown', -32003);
  await refused(t, web.wait(ask, 1), 'ask_unknown', -32003);
  await refused(t, web.guest.call('message.trace', { ref: ask }), 'ask_unknown', -32003);
  const message = `msg_${uuid()}`;
  const retract = web.guest.command('message.retract', { message });
  await refused(t, retract, 'message_unknown', -32003);
  const trace = web.guest.call('message.trace', { ref: message });
  await refused(t, trace, 'message_unknown', -32003);
  const token = `token_${uuid()}`;
  await refused(t, stray.command('token.revoke', { token }), 'token_unknown', -32003);
});

test('a name that several bear is ambiguous, never a guess', async t => {
  const { house, web } = await people(t);
  await join(t, house, 'boss', { role: 'human', circle: 'red' });
  await join(t, house, 'boss', { role: 'orchestrator', circle: 'blue' });
  const asked = web.guest.command('ask.open', { to: 'boss', text: 'x' });
  const { candidates } = await refused(t, asked, 'peer_ambiguous', -32004);
  const circles = (candidates as Fields[]).map(({ circle }) => circle);
  t.strictSame(circles.sort(), ['blue', 'red']);
});

test('what is over cannot be acted on', async t => {
  const { house, web, api } = await people(t);
  const ask = await web.ask('api', 'x');
  await api.close(ask, 'acknowledged');
  await refused(t, api.close(ask, 'declined'), 'ask_closed', -32004);
  await api.takeInbox();
  await api.takeInbox();
  const ack = api.guest.command('inbox.ack', { up_to: 1, generation: 1 });
  await refused(t, ack, 'generation_stale', -32004);
  const gone = await join(t, house, 'gone');
  await gone.guest.command('peer.leave');
  await refused(t, web.notify(gone.peer, 'x'), 'peer_retired', -32004);
  await web.guest.command('peer.kill', { peer: api.peer });
  const back = { name: 'api', peer: api.peer, secret: api.secret };
  const guest = await connect(t, house);
  await refused(t, guest.command('peer.join', back), 'peer_retired', -32004);
});

test('a chain of causes ends at the 17th hop', async t => {
  const { web } = await people(t);
  let { message } = await web.notify('api', 'first');
  for (let hop = 1; hop <= 16; hop++) {
    ({ message } = await web.notify('api', `hop ${hop}`, { caused_by: message }));
  }
  const tooFar = web.notify('api', 'hop 17', { caused_by: message });
  await refused(t, tooFar, 'hop_limit', -32004);
});

test('what is too large, too much or too fast is refused', async t => {
  const { house, web } = await people(t);
  const long = 'x'.repeat(196_608);
  await refused(t, web.notify('api', `${long}x`), 'too_large', -32005);
  const sent = Array.from({ length: 172 }, () => web.notify('api', long));
  await Promise.allSettled(sent);
  const full = web.notify('api', long);
  const { retry_after_s } = await refused(t, full, 'inbox_full', -32005);
  t.equal(typeof retry_after_s, 'number');

  const made = await web.guest.command('token.create', {
    name: 'limited',
    circles: ['*'],
    roles: ['agent'],
    verbs: ['observe', 'speak'],
  });
  const credential = String(made.secret);
  const fast = await connect(t, house, { credential });
  const calls = Array.from({ length: 1_000 }, () => fast.call('mesh.info'));
  const refusal = (await Promise.allSettled(calls)).find(end => end.status === 'rejected')!;
  const limited = await refused(t, Promise.reject(refusal.reason), 'rate_limited', -32005);
  t.equal(typeof limited.retry_after_s, 'number');
});

test('a cursor of another history is refused before any record', async t => {
  const { house, stray } = await people(t);
  const other = await connect(t, await openBroker(t));
  const { head: foreign } = await other.call('mesh.info');
  const from = (cursor: unknown) => stray.call('log.observe', { from: cursor });
  await refused(t, from(foreign), 'cursor_foreign', -32006);
  const { head } = await stray.call('mesh.info');
  const [log, sequence, check] = String(head).split('.');
  const ahead = [log, Number(sequence) + 1_000, check].join('.');
  await refused(t, from(ahead), 'cursor_ahead', -32006);
  const forged = [log, sequence, check!.replace(/./g, d => (d === '0' ? '1' : '0'))].join('.');
  await refused(t, from(forged), 'cursor_diverged', -32006);
  t.strictSame(stray.heard, [], 'not one record');
  t.match(await from(head), { subscription: String });
  t.ok(house.ready.ws);
});
