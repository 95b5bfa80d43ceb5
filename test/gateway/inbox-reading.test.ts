// Reading and waiting: claims, what remains, and calls that stand until something happens.
import t from 'tap';
import { createInboxDelivery } from '../../broker/gateway/inbox/inbox-delivery.js';
import { limits } from '../../schemas/limits.js';
import type { Result } from '../../schemas/method.js';
import { isRefusal } from '../../schemas/refusal.js';
import { FakeLogDoor } from './fake-log-door.js';
import { FakeOutlet, turn } from './fake-outlet.js';

function open(notes: number) {
  const door = new FakeLogDoor();
  const [web, api] = [door.join('web'), door.join('api')];
  const inbox = createInboxDelivery(door);
  const notify = (text: string, more: { expires_at?: number } = {}) => {
    const message = `msg_${door.uuid()}`;
    const data = { message, to: api, text, backlog: 'deliver' as const, by: web, ...more };
    door.commit(door.event('message.notified', data));
    return message;
  };
  const author = { token: 'operator', peer: api };
  const read = async (more: {
    max?: number;
    after?: number;
    wait_s?: number;
    claim_s?: number;
  }) => {
    const params = { max: 20, wait_s: 0, claim_s: 30, ...more };
    const answer = await inbox.read(author, params);
    if (isRefusal(answer)) throw new Error(answer.message);
    const { items, remaining, generation } = answer.result as Result<'inbox.read'>;
    return { items, texts: items.map(({ text }) => text), remaining, generation };
  };
  const ask = () => {
    const ask = `ask_${door.uuid()}`;
    door.commit(door.event('ask.opened', { ask, to: api, text: '?', by: web }));
    return ask;
  };
  const close = (ask: string) =>
    door.commit(door.event('ask.closed', { ask, outcome: 'replied', by: api }));
  for (let i = 0; i < notes; i++) notify(`${i}`);
  return { door, inbox, web, api, author, notify, read, ask, close };
}

t.test('what one reader was given a second one is not, until the claim ends', async t => {
  const { door, read } = open(3);
  t.match(await read({ max: 2 }), { texts: ['0', '1'], remaining: 1, generation: 0 });
  t.match(await read({}), { texts: ['2'], remaining: 0 });
  t.match(await read({}), { texts: [], remaining: 0 });
  door.time += 29_999;
  t.match(await read({}), { texts: [] });
  door.time += 1;
  const again = await read({});
  t.strictSame(again.texts, ['0', '1', '2']);
  t.strictSame(
    again.items.map(({ repeated }) => repeated),
    [true, true, true],
  );
});

t.test('the first time nothing is marked as repeated', async t => {
  const { read } = open(2);
  t.strictSame(
    (await read({})).items.map(({ repeated }) => repeated),
    [undefined, undefined],
  );
});

t.test('claim_s 0 claims nothing', async t => {
  const { read } = open(2);
  await read({ claim_s: 0 });
  t.strictSame((await read({})).texts, ['0', '1']);
});

t.test('after is exclusive, and what remains counts behind it only', async t => {
  const { door, read } = open(4);
  const second = door.commits.at(-3)?.records[0]?.position ?? 0;
  t.match(await read({ after: second, max: 1 }), { texts: ['2'], remaining: 1 });
});

t.test('expired items are neither given nor counted', async t => {
  const { door, notify, read } = open(0);
  notify('late', { expires_at: door.time + 1_000 });
  notify('fresh');
  door.time += 1_000;
  t.match(await read({}), { texts: ['fresh'], remaining: 0 });
});

t.test('an ask is not given as current once its deadline has come', async t => {
  const { door, api, web, read } = open(0);
  const ask = `ask_${door.uuid()}`;
  const deadline_at = door.time + 1_000;
  door.commit(door.event('ask.opened', { ask, to: api, text: '?', by: web, deadline_at }));
  t.match(await read({ claim_s: 0 }), { texts: ['?'], items: [{ deadline_at }] });
  door.time += 1_000;
  t.match(await read({}), { texts: [], remaining: 0 });
});

t.test('an answer is bounded in bytes, but never empty for that', async t => {
  const { notify, read } = open(0);
  const fat = 'x'.repeat(limits.text_bytes);
  for (let i = 0; i < 5; i++) notify(fat);
  const { texts, remaining } = await read({});
  t.equal(texts.length + remaining, 5);
  t.ok(texts.length >= 1 && texts.length * fat.length <= limits.write_bytes);
});

t.test('an acknowledged item ends its claim and its mark', async t => {
  const { door, api, web, read, notify } = open(0);
  const ask = `ask_${door.uuid()}`;
  door.commit(door.event('ask.opened', { ask, to: api, text: '?', by: web }));
  await read({});
  door.commit(door.event('inbox.acknowledged', { by: api, refs: [ask] }));
  door.commit(door.event('ask.closed', { ask, outcome: 'cancelled', by: web }));
  notify('next');
  const { items } = await read({});
  t.strictSame(
    items.map(({ ref, kind, repeated }) => [ref === ask, kind, repeated]),
    [
      [true, 'system', undefined],
      [false, 'notify', undefined],
    ],
  );
});

t.test('a reader sees what the consumer was sent, and neither takes it from the other', async t => {
  const { door, inbox, api, author, notify, read } = open(1);
  const outlet = new FakeOutlet(author);
  await read({});
  door.commit(door.event('inbox.taken', { by: api }));
  inbox.subscribed(outlet, 1);
  notify('new');
  t.match(await read({}), { texts: ['new'], generation: 1 });
  const told = outlet.told('inbox.item').map(({ text, repeated }) => [text, repeated]);
  t.strictSame(told, [
    ['0', true],
    ['new', undefined],
  ]);
  door.commit(door.event('inbox.acknowledged', { by: api, up_to: Number.MAX_SAFE_INTEGER }));
  t.equal(outlet.told('inbox.gone').length, 2);
});

t.test('a read that waits is answered by what comes, in its turn, to one of two', async t => {
  const { notify, read } = open(0);
  const first = read({ wait_s: 60 });
  const second = read({ wait_s: 60 });
  notify('one');
  t.match(await first, { texts: ['one'] });
  notify('two');
  t.match(await second, { texts: ['two'] });
});

t.test('a read that waits in vain is answered, empty, when its time is up', async t => {
  const { read } = open(0);
  const begun = performance.now();
  t.match(await read({ wait_s: 0.05 }), { texts: [], remaining: 0 });
  t.ok(performance.now() - begun >= 45);
});

t.test('closing answers those who wait', async t => {
  const { inbox, author, read, ask } = open(0);
  const reading = read({ wait_s: 600 });
  const waiting = inbox.waitForAsk(author, { ask: ask(), timeout_s: 600 });
  await turn();
  inbox.close();
  t.match(await reading, { texts: ['?'] });
  t.match(await waiting, { result: { state: 'open' } });
});

t.test('a closed thread is answered at once, an open one when it closes, to all', async t => {
  const { inbox, author, ask, close } = open(0);
  const thread = ask();
  const wait = () => inbox.waitForAsk(author, { ask: thread, timeout_s: 600 });
  const waiting = [wait(), wait(), wait()];
  const other = ask();
  await turn();
  close(other);
  close(thread);
  for (const answer of await Promise.all(waiting)) {
    t.match(answer, { result: { ask: thread, state: 'closed', outcome: 'replied' } });
  }
  t.match(await wait(), { result: { state: 'closed' } });
});

t.test('a thread that closes while it is first looked at is not waited for', async t => {
  const { door, inbox, author, ask, close } = open(0);
  const thread = ask();
  const look = door.read.bind(door);
  let looks = 0;
  door.read = async (method, params, by) => {
    const answer = await look(method, params, by);
    if (looks++ === 0) {
      await turn();
      close(thread);
    }
    return answer;
  };
  const answer = await inbox.waitForAsk(author, { ask: thread, timeout_s: 600 });
  t.match(answer, { result: { state: 'closed' } });
});

t.test('at the time-out the thread is answered, still open', async t => {
  const { inbox, author, ask } = open(0);
  const answer = await inbox.waitForAsk(author, { ask: ask(), timeout_s: 0.02 });
  t.match(answer, { result: { state: 'open' } });
});

t.test('a thread ends for those who wait also when a peer retires', async t => {
  const { door, inbox, api, author, ask } = open(0);
  const waiting = inbox.waitForAsk(author, { ask: ask(), timeout_s: 600 });
  door.commit(door.event('peer.left', { by: api }));
  t.match(await waiting, { result: { state: 'closed', outcome: 'retired' } });
});

t.test('a refusal of the first look is passed on', async t => {
  const { door, inbox, author } = open(0);
  const ask = `ask_${door.uuid()}`;
  const answer = await inbox.waitForAsk(author, { ask, timeout_s: 600 });
  t.match(answer, { refusal: 'ask_unknown' });
});
