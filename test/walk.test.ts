// The walk of one ask, step by step as ARCHITECTURE tells it, on a real log and real sockets.
import { test } from 'tap';
import { connect as connectClient } from '../client/index.js';
import { connect, join, openBroker } from './dsl/live-broker.js';
import { encodings, refusalOf } from './dsl/raw-client.js';
import { Watch } from './dsl/watch.js';

for (const encoding of encodings) {
  test(`the walk of one ask, in ${encoding}`, async t => {
    const house = await openBroker(t);
    const api = await join(t, house, 'api', { encoding });
    await api.takeInbox();
    const observer = await connect(t, house, { encoding });
    const watch = new Watch();
    await watch.follow(observer);

    // 1, 2. The client makes the call, mints the ask id and keeps a promise under it.
    const client = await connectClient({
      url: house.ready.url,
      credential: house.token,
      encoding,
      join: { name: 'web' },
    });
    t.teardown(() => client.close());
    const open = await client.peer.ask('api', 'may I merge?');
    t.match(open.id, /^ask_[0-9a-f-]{36}$/, 'the client named the ask');
    t.equal(open.delivery, 'offered');

    // 3. Parsed once; the author is the peer of the connection, never what a client says.
    const web = client.peer.identity.peer;
    const forged = api.guest.command('ask.open', { to: 'web', text: 'hi', by: web });
    t.equal(await refusalOf(forged), 'invalid');

    // 4. Refused before anything is logged, with the candidates.
    const stranger = await refusalOf(api.guest.command('ask.open', { to: 'wed', text: 'hi' }));
    t.equal(stranger, 'peer_unknown');

    // 5, 6. In the log, on disk, folded: one thread opened, one inbox item for api.
    const thread = await observer.call('ask.get', { ask: open.id });
    t.match(thread, { ask: open.id, state: 'open', from: web, to: api.peer });
    const waiting = await api.guest.call<{ items: unknown[] }>('inbox.read', { claim_s: 0 });
    t.match(waiting, { items: [{ ref: open.id }], remaining: 0 });

    // 7. api gets the item, observers the event's own bytes, at one and the same position.
    const item = await api.item(open.id);
    t.match(item, { kind: 'ask', from: web, from_name: 'web', text: 'may I merge?' });
    const [position, time, event, reason] = await watch.line(seen => seen.ask === open.id);
    t.equal(position, thread.position);
    t.equal(position, item.position);
    t.equal(time, thread.opened_at);
    t.match(event, { v: 1, type: 'ask.opened', by: web, to: api.peer, circle: 'default' });
    t.equal(event.id, open.id.slice('ask_'.length), 'the id is the idempotency key too');
    t.equal(reason, undefined, 'it took effect');

    // 8. api acknowledges once its agent has seen it, and replies; the asker's promise resolves.
    const acked = await api.guest.command('inbox.ack', { refs: [open.id] });
    const reply = open.reply();
    const closed = await api.reply(open.id, 'yes, merge');
    t.match(closed, { verdict: 'applied' });
    t.match(await reply, {
      state: 'closed',
      outcome: 'replied',
      reply: { text: 'yes, merge', by: api.peer },
      position: closed.position,
    });
    t.ok(Number(position) < Number(acked.position), 'opened before seen');
    t.ok(Number(acked.position) < Number(closed.position), 'seen before closed');
    const { stages } = await api.guest.call<{ stages: { stage: string }[] }>('message.trace', {
      ref: open.id,
    });
    t.same(
      stages.map(({ stage }) => stage),
      ['accepted', 'offered', 'seen', 'closed'],
    );
    await watch.line((seen, [at]) => seen.type === 'ask.closed' && at === closed.position);
  });
}
