// Asks as PROTOCOL.md has them: questions, deadlines, many at once, and many who wait for one.

import { test } from 'tap';
import { connect, join, openBroker, openBrokers } from '../dsl/live-broker.js';
import { type Fields, refusalOf, refusedBy, uuid } from '../dsl/raw-client.js';

const options = [
  { id: 'y', label: 'Yes' },
  { id: 'n', label: 'No' },
];

test('a choice is answered by one of its options', async t => {
  const house = await openBroker(t);
  const web = await join(t, house, 'web');
  const api = await join(t, house, 'api');
  const question = { kind: 'choice', options };
  const attachments = [{ name: 'diff', url: 'https://a.example/diff', size: 7 }];
  const ask = await web.ask('api', 'merge?', { question, attachments });
  await api.takeInbox();
  t.match(await api.item(ask), { kind: 'ask', question, attachments });
  const close = (more: Fields) =>
    api.guest.command('ask.close', { ask, outcome: 'replied', ...more });
  for (const more of [{ option: 'z' }, { text: 'maybe' }]) {
    const { code, data } = await refusedBy(close(more));
    t.match([data.refusal, code, data.options], ['option_unknown', -32004, options]);
  }
  await close({ option: 'y', text: 'go on' });
  const thread = { outcome: 'replied', question, attachments };
  t.match(await web.wait(ask), { ...thread, reply: { option: 'y', text: 'go on', by: api.peer } });
  await web.takeInbox();
  t.match(await web.item(ask), { kind: 'reply', outcome: 'replied', option: 'y', text: 'go on' });

  const plain = await web.ask('api', 'so?');
  const answered = api.guest.command('ask.close', { ask: plain, outcome: 'replied', option: 'y' });
  t.match(await refusedBy(answered), { code: -32004, data: { refusal: 'ask_not_question' } });
  const words = await web.ask('api', 'why?', { question: { kind: 'text' } });
  t.equal(await refusalOf(api.close(words, 'replied')), 'invalid');
  await api.reply(words, 'because');
});

test('a permission is granted or denied, and denied at its deadline', async t => {
  const house = await openBroker(t);
  const web = await join(t, house, 'web');
  const api = await join(t, house, 'api');
  const question = { kind: 'permission' };
  const granted = await web.ask('api', 'may I?', { question });
  await api.close(granted, 'replied');
  t.match(await web.wait(granted), { outcome: 'replied' });
  const denied = await web.ask('api', 'may I?', { question });
  await api.close(denied, 'denied', 'not now');
  t.match(await web.wait(denied), { outcome: 'denied', reply: { text: 'not now' } });

  await api.takeInbox();
  const late = await web.ask('api', 'may I?', { question, deadline_at: '2s' });
  const old = await web.ask('api', 'so?', { deadline_at: Date.now() + 5_000 });
  const ended = await web.wait(late);
  t.match(ended, { state: 'closed', outcome: 'denied', question });
  t.notOk('reply' in ended, 'nobody said it');
  t.ok(Number(ended.closed_at) >= Number(ended.deadline_at));
  t.match(await web.wait(old), { outcome: 'expired' });
  t.equal(await refusalOf(api.close(late, 'replied', 'you may')), 'ask_closed');
  await web.takeInbox();
  const notice = await web.guest.hear('inbox.item', item => item.ref === late);
  t.match(notice, { kind: 'reply', outcome: 'denied', from: api.peer, text: '' });
  t.match(await api.guest.hear('inbox.gone', gone => gone.ref === late), { reason: 'expired' });
  t.match(await api.guest.call('inbox.read', {}), { items: [], remaining: 0 });
  t.match(await api.guest.call('inbox.reminders', {}), { items: [] });
  const { stages } = await web.guest.call<{ stages: Fields[] }>('message.trace', { ref: late });
  t.strictSame(
    stages.map(({ stage }) => stage),
    ['accepted', 'offered', 'expired'],
  );
});

test('one fan-out asks many, and its rollup gathers the answers', async t => {
  const house = await openBroker(t);
  const web = await join(t, house, 'web');
  const names = ['ann', 'bob', 'cid'];
  const people = await Promise.all(names.map(name => join(t, house, name)));
  const id = uuid();
  const out = { id, to: names, text: 'ready?', quorum: 2 };
  const made = await web.guest.call('ask.fan_out', out);
  const group = `ask_${id}`;
  const asks = [1, 2, 3].map(n => `${group}.${n}`);
  t.match(made, { verdict: 'applied', group, asks });
  t.strictSame(await web.guest.call('ask.fan_out', out), made, 'and again the same');
  const rollup = () => web.guest.call('ask.rollup', { group });
  t.match(await rollup(), {
    state: 'pending',
    rows: people.map(({ peer }, n) => ({ peer, ask: asks[n], status: 'pending' })),
  });
  const [ann, bob, cid] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]];
  await ann.takeInbox();
  t.match(await ann.item(asks[0]!), { kind: 'ask', text: 'ready?', from: web.peer });
  await ann.close(asks[0]!, 'declined', 'no');
  t.match(await rollup(), { state: 'partial', rows: [{ status: 'declined' }] });
  await bob.reply(asks[1]!, 'yes');
  await web.close(asks[2]!, 'cancelled');
  const reply = { text: 'yes', by: bob.peer };
  t.match(await rollup(), {
    state: 'complete',
    rows: [{ status: 'declined' }, { status: 'replied', reply }, { status: 'failed' }],
  });
  t.match(await web.guest.call('ask.get', { ask: asks[1] }), { group, state: 'closed', reply });
  t.equal(await refusalOf(cid.reply(asks[2]!, 'late')), 'ask_closed');
  const { stages } = await web.guest.call<{ stages: Fields[] }>('message.trace', { ref: asks[1] });
  t.match([stages[0]?.stage, stages.at(-1)?.stage], ['accepted', 'closed']);

  for (const call of [
    () => web.guest.call('ask.get', { ask: group }),
    () => web.wait(group, 1),
    () => web.close(group, 'cancelled'),
  ]) {
    const { data, message } = await refusedBy(call());
    t.match([data.refusal, message], ['ask_unknown', /ask\.rollup/]);
  }
  const wrong = { to: ['ann', 'nobody'], text: 'x' };
  const { data } = await refusedBy(web.guest.command('ask.fan_out', wrong));
  t.match(data, { refusal: 'peer_unknown', to: 'nobody' });
  t.equal(await refusalOf(web.guest.command('ask.fan_out', { to: [], text: 'x' })), 'invalid');
});

test('a peer that is retired leaves nobody waiting for it', async t => {
  const house = await openBroker(t);
  const web = await join(t, house, 'web');
  const api = await join(t, house, 'api');
  const ask = await web.ask('api', 'so?');
  const waiting = web.wait(ask);
  const operator = await connect(t, house);
  await operator.command('peer.kill', { peer: api.peer });
  t.match(await waiting, { outcome: 'retired' });
  await web.takeInbox();
  t.match(await web.item(ask), { kind: 'reply', from: api.peer, from_name: 'api', text: '' });
});

test('what is too large with its attachments is refused', async t => {
  const house = await openBroker(t);
  const web = await join(t, house, 'web');
  await join(t, house, 'api');
  const text = 'x'.repeat(16_384);
  const attachments = Array.from({ length: 16 }, () => ({ name: 'a', text }));
  t.equal(await refusalOf(web.ask('api', 'see?', { attachments })), 'too_large');
  t.equal(await refusalOf(web.notify('api', 'see', { attachments })), 'too_large');
  const one = [{ name: 'a', text: `${text}x` }];
  t.equal(await refusalOf(web.ask('api', 'see?', { attachments: one })), 'too_large');
  const both = [{ name: 'a', text: 'x', path: '/x' }];
  t.equal(await refusalOf(web.ask('api', 'see?', { attachments: both })), 'invalid');
});

test('a hundred who wait are all told the same, whoever closes where', async t => {
  const { brokers } = await openBrokers(t, 2);
  const [one, two] = brokers as [(typeof brokers)[0], (typeof brokers)[0]];
  const web = await join(t, one, 'web');
  const api = await join(t, two, 'api');
  const ask = await web.ask('api', 'so?');
  const guests = await Promise.all(
    Array.from({ length: 20 }, (_, n) => connect(t, n % 2 ? one : two)),
  );
  const waits = Array.from({ length: 100 }, (_, n) =>
    guests[n % guests.length]!.call('ask.wait', { ask, timeout_s: 60 }),
  );
  const idle = await Promise.all(
    guests.map(guest => guest.call('ask.wait', { ask, timeout_s: 0 })),
  );
  t.ok(idle.every(({ state }) => state === 'open'));
  await api.reply(ask, 'yes');
  const threads = await Promise.all(waits);
  t.match(threads[0], { state: 'closed', outcome: 'replied', reply: { text: 'yes' } });
  for (const thread of threads) t.strictSame(thread, threads[0]);
});
