// Fan-out and inbox delivery over real brokers: two on one log, agreeing on every cursor.
import { randomBytes } from 'node:crypto';
import t, { type Test } from 'tap';
import { Fold } from '../../broker/core/fold.js';
import type { Answer, Author, Command } from '../../broker/core/words.js';
import { passingSigner } from '../../broker/disk/signing-key.js';
import { createInboxDelivery } from '../../broker/gateway/inbox/inbox-delivery.js';
import { createFanout } from '../../broker/gateway/observe/fanout.js';
import { type MemoryStore, memoryStore, openMemory } from '../../broker/log/memory.js';
import { buildBroker } from '../../broker/runtime/parts.js';
import { systemClock as clock } from '../../broker/system/clock.js';
import { type CommandName, methodRow, type Params } from '../../schemas/method.js';
import { isRefusal } from '../../schemas/refusal.js';
import { makeUuid } from '../../schemas/uuid.js';
import { FakeOutlet, until } from './fake-outlet.js';

const newId = () => makeUuid(Date.now(), randomBytes(10));
const operator: Author = { token: 'operator' };

async function serve(t: Test, store: MemoryStore, gateway: string) {
  const { broker, door } = buildBroker({
    log: openMemory({ store, clock }),
    fold: new Fold(),
    clock,
    mesh: 'm',
    gateway,
    version: '0',
    durability: () => 'os',
    newId,
    secretFor: id => `secret-of-${id}`,
    signer: passingSigner(),
    acceptLoss: false,
    onHalt: reason => t.fail(reason),
    onFailing: reason => t.fail(reason),
    isDiskFull: () => false,
    onWarning() {},
  });
  await broker.start();
  t.teardown(() => broker.close());
  const call = async <M extends CommandName>(method: M, params: Params<M>, author: Author) => {
    const parsed = methodRow(method).params.parse(params);
    const command = { method, params: parsed, author, connected: true } as Command;
    const done = new Promise<Answer>(resolve => door.command(command, () => {}, resolve));
    const answer = await done;
    if (isRefusal(answer)) throw new Error(answer.message);
    return answer.result;
  };
  const join = async (name: string): Promise<Author & { peer: string }> => {
    const { peer } = await call('peer.join', { id: newId(), name }, operator);
    return { ...operator, peer: String(peer) };
  };
  return { call, join, fanout: createFanout(door), inbox: createInboxDelivery(door) };
}

t.test(
  'asked on one broker, seen on the other; a cursor of the one is good on the other',
  async t => {
    const store = memoryStore();
    const one = await serve(t, store, 'gateway_1');
    const two = await serve(t, store, 'gateway_2');
    const web = await one.join('web');
    const api = await two.join('api');
    const cli = new FakeOutlet(api);
    const { generation } = await two.call('inbox.subscribe', { id: newId() }, api);
    two.inbox.subscribed(cli, Number(generation));
    const first = new FakeOutlet();
    await one.fanout.observe(first, { from: 'start' });
    const { ask } = await one.call('ask.open', { id: newId(), to: 'api', text: 'may I?' }, web);
    await until(() => cli.told('inbox.item').length === 1);
    t.match(cli.told('inbox.item')[0], { kind: 'ask', text: 'may I?', from_name: 'web', ref: ask });
    await until(() => first.texts.includes('may I?'));
    first.close();

    const waiting = one.inbox.waitForAsk(web, { ask: String(ask), timeout_s: 60 });
    await two.call(
      'ask.close',
      { id: newId(), ask: String(ask), outcome: 'replied', text: 'yes' },
      api,
    );
    t.match(await waiting, { result: { state: 'closed', reply: { text: 'yes', by: api.peer } } });
    const read = await one.inbox.read(web, { max: 1, wait_s: 60, claim_s: 0 });
    const items = [{ kind: 'reply', text: 'yes', ref: ask }];
    t.match(read, { result: { items, remaining: 0 } });

    const second = new FakeOutlet();
    const cursor = first.told('log.records').at(-1)!.to;
    t.match(await two.fanout.observe(second, { from: cursor }), { subscription: /^sub_/ });
    await until(() => second.isLive && second.texts.includes('yes'));
    const whole = new FakeOutlet();
    await two.fanout.observe(whole, { from: 'start' });
    await until(() => whole.isLive && whole.texts.includes('yes'));
    const length = first.records.length + second.records.length;
    t.strictSame([...first.records, ...second.records], whole.records.slice(0, length));
  },
);
