// A client that knows only PROTOCOL.md: it joins, asks, replies, observes, and comes back.

import { test } from 'tap';
import { inEach } from '../dsl/each-encoding.js';
import { connect, join, openBroker, Person } from '../dsl/live-broker.js';
import { type Fields, refusedBy, uuid } from '../dsl/raw-client.js';
import { readLog, Watch } from '../dsl/watch.js';

test('joining gives an identity that any connection can speak for', async t => {
  const house = await openBroker(t);
  const web = await join(t, house, 'web');
  t.match(web.joined, { verdict: 'applied', name: 'web', generation: 0, cursor: String });
  t.equal(typeof web.joined.time, 'number');
  const twin = await join(t, house, 'web');
  t.match([twin.name, twin.joined.renamed], ['web-2', true]);

  const guest = await connect(t, house);
  const bare = await guest.call('peer.join', { id: uuid(), name: 'told-once' });
  t.match(bare, { secret: String, peer: /^peer_/ }, 'the broker makes what was left out');

  const attached = await connect(t, house);
  const { peer, secret } = web;
  t.match(await attached.call('peer.attach', { peer, secret }), { peer, name: 'web' });
  const direct = await connect(t, house, { credential: web.credential });
  t.match(await direct.call('peer.whoami'), { peer, name: 'web', status: 'online' });
  const back = await join(t, house, 'other', { peer, secret });
  t.equal(back.name, 'web', 'a known peer keeps its name');
});

test('who has seen more of the log is told where it ends, by socket and by POST', async t => {
  const house = await openBroker(t, { durability: 'os' });
  const web = await join(t, house, 'web');
  const { peer, secret } = web;
  const min_position = Number(web.joined.position);
  const guest = await connect(t, house);
  await guest.call('peer.whoami', { min_position });
  const beyond = { min_position: min_position + 4_096_000 };
  for (const [method, params] of [
    ['peer.whoami', {}],
    ['peer.attach', { peer, secret }],
  ] as const) {
    const refusal = await refusedBy(guest.call(method, { ...params, ...beyond }));
    t.match(refusal, { refusal: 'unavailable', data: { retry: true, head: Number } }, method);
    t.ok(Number(refusal.data.head) >= min_position, 'the head is where it may go on');
  }
  t.match(await guest.call('peer.attach', { peer, secret, min_position }), { peer });
  const post = async (header: string) => {
    const response = await fetch(`${house.ready.url}/rpc`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${house.token}`,
        'content-type': 'application/json',
        'x-signalbox-min-position': header,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'mesh.info' }),
    });
    await response.body?.cancel();
    return response.status;
  };
  t.equal(await post(String(min_position)), 200);
  t.equal(await post(String(beyond.min_position)), 503);
  for (const odd of ['-1', '1.5', 'x', '9'.repeat(17), '9007199254740993']) {
    t.equal(await post(odd), 400, odd);
  }
});

inEach('an ask is delivered, seen, answered, and traced', async (t, encoding) => {
  const house = await openBroker(t);
  const web = await join(t, house, 'web', { encoding });
  const api = await join(t, house, 'api', { encoding });
  t.match(await api.takeInbox(), { generation: 1, verdict: 'applied' });
  const opened = await web.guest.command('ask.open', { to: 'api', text: 'may I?' });
  t.match(opened, { ask: /^ask_/, delivery: 'offered', verdict: 'applied' });
  const ask = String(opened.ask);
  const item = await api.item(ask);
  t.match(item, { kind: 'ask', from: web.peer, from_name: 'web', from_role: 'agent', ref: ask });
  t.equal(item.position, opened.position);
  const waiting = web.wait(ask);
  await api.guest.command('inbox.ack', { up_to: item.position, generation: 1 });
  const closed = await api.reply(ask, 'you may');
  t.match(await waiting, { state: 'closed', outcome: 'replied', position: closed.position });
  const read = await web.guest.call<{ items: Fields[] }>('inbox.read', {});
  t.match(read.items, [{ kind: 'reply', ref: ask, text: 'you may', from: api.peer }]);
  const { stages } = await web.guest.call<{ stages: Fields[] }>('message.trace', { ref: ask });
  t.strictSame(
    stages.map(({ stage }) => stage),
    ['accepted', 'offered', 'seen', 'closed'],
  );
  t.match(await web.guest.call('ask.list'), { rows: [{ ask, state: 'closed' }] });
});

test('a repeated id gives the first answer and takes effect once', async t => {
  const house = await openBroker(t);
  const web = await join(t, house, 'web');
  const api = await join(t, house, 'api');
  const said = { id: uuid(), to: 'api', text: 'once' };
  const first = await web.guest.call('notify.send', said);
  t.strictSame(await web.guest.call('notify.send', said), first);
  const later = await connect(t, house, { credential: web.credential });
  t.strictSame(await later.call('notify.send', said), first, 'on another connection too');
  t.match(await api.guest.call('inbox.read', {}), { items: { length: 1 }, remaining: 0 });
});

inEach('an observer resumes by its cursor without gap or repeat', async (t, encoding) => {
  const house = await openBroker(t);
  const web = await join(t, house, 'web', { encoding });
  const watch = new Watch();
  const first = await connect(t, house, { encoding });
  await watch.follow(first);
  const say = async (text: string) => {
    const { position } = await web.guest.command('peer.describe', { text });
    return position;
  };
  const seen = await say('seen');
  await watch.line((_, [position]) => position === seen);
  first.hangUp();
  await say('missed');
  const second = await connect(t, house, { encoding });
  await watch.follow(second);
  const last = await say('live again');
  await watch.line((_, [position]) => position === last);
  const whole = await readLog(await connect(t, house, { encoding }));
  t.strictSame(watch.lines, whole.slice(0, watch.lines.length));
  const texts = watch.lines.flatMap(([, , event]) => event.text ?? []);
  t.strictSame(texts, ['seen', 'missed', 'live again']);
});

inEach('a filter lets through what it names and nothing else', async (t, encoding) => {
  const house = await openBroker(t);
  const web = await join(t, house, 'web', { encoding });
  const api = await join(t, house, 'api', { encoding });
  const watch = new Watch();
  const guest = await connect(t, house, { encoding });
  await watch.follow(guest, 'start', { types: ['ask.opened', 'ask.closed'], peers: [api.peer] });
  await web.notify('api', 'not this');
  const ask = await web.ask('api', 'but this');
  await api.close(ask, 'declined', 'and this');
  await watch.until(() => watch.lines.length === 2);
  t.strictSame(
    watch.lines.map(([, , event]) => event.type),
    ['ask.opened', 'ask.closed'],
  );
});

inEach('a batch is answered as one, in order', async (t, encoding) => {
  const house = await openBroker(t);
  const web = await join(t, house, 'web', { encoding });
  const call = (id: number, method: string, params: Fields = {}) => ({
    jsonrpc: '2.0',
    id,
    method,
    params,
  });
  const texts = Array.from({ length: 10 }, (_, n) => `turn ${n}`);
  web.guest.send(texts.map((text, n) => call(1_000 + n, 'peer.describe', { id: uuid(), text })));
  const positions: number[] = [];
  for (const text of texts) {
    const { id, result } = await web.guest.stray();
    if (id !== 1_000 + positions.length) t.fail(`${text} was answered out of turn`);
    positions.push(Number((result as Fields).position));
  }
  t.strictSame(
    positions,
    [...positions].sort((a, b) => a - b),
    'in the order they were sent',
  );
});

test('what comes behind a join waits for it', async t => {
  const house = await openBroker(t);
  const guest = await connect(t, house);
  const joined = guest.call('peer.join', { id: uuid(), name: 'hasty' });
  const who = guest.call('peer.whoami');
  t.match(await who, { name: 'hasty', peer: (await joined).peer });
});

inEach('a second consumer takes the inbox, the first is told', async (t, encoding) => {
  const house = await openBroker(t);
  const web = await join(t, house, 'web', { encoding });
  const api = await join(t, house, 'api', { encoding });
  await api.takeInbox();
  const guest = await connect(t, house, { encoding, credential: api.credential });
  const other = new Person(guest, api.secret, api.joined);
  t.match(await other.takeInbox(), { generation: 2 });
  t.match(await api.guest.hear('inbox.taken'), { generation: 2 });
  const { message } = await web.notify('api', 'to the newer one');
  t.match(await other.item(String(message)), { kind: 'notify', text: 'to the newer one' });
  await web.guest.command('message.retract', { message });
  t.match(await guest.hear('inbox.gone'), { ref: message, reason: 'retracted' });
  t.notOk(api.guest.heard.some(({ method }) => method === 'inbox.item'));
});
