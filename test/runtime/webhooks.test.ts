// Webhooks delivered by brokers over a log in memory, to a real receiver that fails in every way.
import t, { type Test } from 'tap';
import { keptSecret } from '../../broker/gateway/webhooks/webhook-calls.js';
import { memoryStore } from '../../broker/log/memory.js';
import { limits } from '../../schemas/limits.js';
import { refuse } from '../../schemas/refusal.js';
import type { WebhookRow } from '../../schemas/webhook.js';
import { HandClock, type House, openHouse, operator } from '../dsl/memory-brokers.js';
import { isSignedBy, openReceiver, type Receiver } from '../dsl/receiver.js';
import { until } from '../dsl/until.js';

/** Secrets in memory. */
function pocket() {
  const secrets = new Map<string, string>();
  return {
    secrets,
    read: async (key: string) => secrets.get(key),
    write: async (key: string, secret: string) => void secrets.set(key, secret),
    remove: async (key: string) => void secrets.delete(key),
  };
}

const quarters = () => ({ store: memoryStore(), clock: new HandClock(), webhookSecrets: pocket() });

const SECRET = `whsec_${Buffer.from('a secret that somebody has chosen').toString('base64')}`;

interface World {
  house: House;
  receiver: Receiver;
  clock: HandClock;
  /** The webhook, and what signs. */
  webhook: string;
  secret: string;
  /** Those that were chosen, as they are kept. */
  secrets: Map<string, string>;
  /** Says so many things that it is told of. */
  say(...texts: string[]): Promise<void>;
}

async function answered(house: House, method: 'webhook.add' | 'webhook.rotate', params: object) {
  const answer = await house.give(method, params);
  if (!('result' in answer)) throw new Error(answer.message);
  return answer.result as { webhook: string; secret: string };
}

const hookAt = (receiver: Receiver) => ({
  url: receiver.url,
  allow_private: '127.0.0.1',
  kinds: ['message'],
});

async function openWorld(t: Test, more: object = {}): Promise<World> {
  const receiver = await openReceiver(t);
  const place = quarters();
  const house = await openHouse(t, place, 'a');
  const who = await house.join('web');
  const made = await answered(house, 'webhook.add', { ...hookAt(receiver), ...more });
  const say = async (...texts: string[]) => {
    for (const text of texts) await house.give('notify.send', { to: who.peer, text }, who);
  };
  const { secrets } = place.webhookSecrets;
  return { house, receiver, clock: place.clock, secrets, ...made, say };
}

const rowOf = ({ house, webhook }: World): WebhookRow => {
  const answer = house.door.read('webhook.get', { webhook }, operator);
  return (answer as { result: WebhookRow }).result;
};
const textsOf = ({ heard }: Receiver) =>
  heard.map(({ record }) => (record.event as unknown as { text: string }).text);

/** Time passes, and the broker looks. */
function turn({ clock, house }: World, seconds: number): void {
  clock.turn(seconds);
  house.broker.tick();
}

t.test('a receiver is told of what it wants, in order, signed, and of nothing else', async t => {
  const world = await openWorld(t);
  const { receiver, house, secret } = world;
  await world.say('one');
  await house.join('noise');
  await world.say('two', 'three');
  const heard = await receiver.hears(3);
  t.same(textsOf(receiver), ['one', 'two', 'three']);
  for (const one of heard) {
    t.ok(isSignedBy(one, secret));
    t.equal(one.id, `evt_${one.record.event.id}`);
    t.match(one.record, { position: Number, time: Number, event: { type: 'message.notified' } });
    t.equal(one.headers['content-type'], 'application/json; charset=utf-8');
  }
  await until(() => house.door.webhooks?.figures().delivered === 3);
  turn(world, 11);
  await house.until(() => rowOf(world).delivered === 3);
  t.equal(house.records('webhook.advanced').length, 1, 'progress is gathered');
});

t.test('what fails is tried again later under its id, and what follows waits', async t => {
  const world = await openWorld(t);
  const { receiver, house, secret } = world;
  receiver.will('reset', 500, [302, { location: receiver.url }], 'cut');
  await world.say('one', 'two');
  const attempts = [
    { reason: 'connection_failed' },
    { reason: 'status', status: 500 },
    { reason: 'redirect', status: 302 },
    { reason: 'answer_broken', status: 200 },
  ];
  for (const [n, fault] of attempts.entries()) {
    await house.until(() => rowOf(world).failing?.attempt === n + 1);
    t.match(rowOf(world).failing, fault);
    turn(world, 200);
  }
  const heard = await receiver.hears(6);
  t.same(textsOf(receiver), ['one', 'one', 'one', 'one', 'one', 'two']);
  t.equal(new Set(heard.slice(0, 5).map(({ id }) => id)).size, 1, 'receivers can drop repeats');
  t.ok(heard.every(one => isSignedBy(one, secret)));
  await house.until(() => rowOf(world).failing === undefined);
});

t.test('a receiver that asks for time gets it; one that is gone is told no more', async t => {
  const world = await openWorld(t);
  const { receiver, house } = world;
  receiver.will([429, { 'retry-after': '3600' }]);
  await world.say('one');
  await house.until(() => rowOf(world).failing !== undefined);
  t.equal(rowOf(world).failing!.next_at - house.door.now(), 3_600_000);
  turn(world, 3_000);
  receiver.will(410);
  turn(world, 700);
  await house.until(() => rowOf(world).state === 'disabled');
  t.equal(rowOf(world).reason, 'gone');
  t.equal(receiver.heard.length, 2);
  await house.give('webhook.resume', { webhook: world.webhook });
  await receiver.hears(3);
  t.same(textsOf(receiver), ['one', 'one', 'one'], 'it goes on where it stood');
});

t.test('what never arrives is a dead letter, which is tried again or cleared', async t => {
  const world = await openWorld(t);
  const { receiver, house, webhook } = world;
  const letters = () => [...house.fold.table.webhooks.letters.values()];
  receiver.will(...Array.from({ length: limits.outgoing_attempts_items }, () => 503));
  await world.say('poison', 'fine');
  for (let attempt = 1; attempt < limits.outgoing_attempts_items; attempt++) {
    await house.until(() => rowOf(world).failing?.attempt === attempt);
    turn(world, limits.outgoing_retry_max_ms / 1_000);
  }
  await house.until(() => letters().length === 1);
  await receiver.hears(limits.outgoing_attempts_items + 1);
  t.equal(textsOf(receiver).at(-1), 'fine', 'the next one is told');
  t.match(letters(), [{ webhook, state: 'dead', reason: 'status', status: 503, attempts: 10 }]);
  const { letter } = letters()[0]!;
  receiver.will(500);
  await house.give('deadletter.retry', { letter });
  await house.until(() => letters()[0]?.attempts === 11);
  await house.give('deadletter.retry', { webhook });
  await house.until(() => letters().length === 0);
  t.same(textsOf(receiver).slice(-2), ['poison', 'poison']);
});

t.test('a receiver whose letters all die is taken for dead, and keeps its place', async t => {
  const world = await openWorld(t);
  const { receiver, house } = world;
  receiver.mood = 500;
  await world.say('a', 'b', 'c', 'd');
  const standing = () => {
    const { state, failing, dead } = rowOf(world);
    return `${state} ${failing?.attempt} ${dead}`;
  };
  while (rowOf(world).state === 'active') {
    const before = standing();
    turn(world, limits.outgoing_retry_max_ms / 1_000);
    await house.until(() => standing() !== before);
  }
  t.match(rowOf(world), { state: 'disabled', reason: 'failing', dead: limits.dead_letters_items });
  receiver.mood = 200;
  const heard = receiver.heard.length;
  await house.give('webhook.resume', { webhook: world.webhook });
  await receiver.hears(heard + 1);
  t.equal(textsOf(receiver).at(-1), 'd');
});

t.test('of two brokers with the secret one delivers; the other goes on where it ended', async t => {
  const world = await openWorld(t);
  const { receiver, house, webhook, secret } = world;
  await house.until(() => rowOf(world).boot !== undefined);
  const place = { store: house.store, clock: world.clock, webhookSecrets: pocket() };
  const other = await openHouse(t, place, 'b');
  const row = other.fold.table.webhooks.rows.get(webhook)!;
  await place.webhookSecrets.write(row.keys[0]!.key, secret);
  await world.say('one', 'two');
  await receiver.hears(2);
  await until(() => house.door.webhooks?.figures().delivered === 2);
  await house.webhooks.rest();
  const boot = other.boots.at(-1);
  // The boot that gave it up is before this one, and has its turn first.
  await until(() => {
    world.clock.turn(0.1);
    other.broker.tick();
    return other.fold.table.webhooks.rows.get(webhook)?.holder === boot;
  });
  await world.say('three');
  await receiver.hears(3);
  t.same(textsOf(receiver), ['one', 'two', 'three']);
  t.equal(other.records('webhook.taken').filter(record => record.void === undefined).length, 2);
});

t.test('after a rotation both secrets sign for a while, then the new one alone', async t => {
  const world = await openWorld(t);
  const { receiver, house, webhook, secret } = world;
  const next = await answered(house, 'webhook.rotate', { webhook, overlap_s: 60 });
  await world.say('one');
  await receiver.hears(1);
  world.clock.turn(61);
  await world.say('two');
  const [first, second] = await receiver.hears(2);
  t.same(
    [secret, next.secret].map(each => isSignedBy(first!, each)),
    [true, true],
  );
  t.same(
    [secret, next.secret].map(each => isSignedBy(second!, each)),
    [false, true],
  );
});

t.test('a chosen secret is kept while its event may yet come, or has', async t => {
  const place = quarters();
  const house = await openHouse(t, place, 'a');
  const { secrets } = place.webhookSecrets;
  const brought = { id: house.newId(), secret: SECRET };
  const answered = await keptSecret(house.door, brought);
  answered?.(refuse('unavailable', 'The log does not answer.'));
  await house.give('webhook.add', { url: 'https://ci.example.com/in', ...brought });
  t.equal(secrets.get(brought.id), SECRET);
  secrets.clear();
  await keptSecret(house.door, brought);
  t.equal(secrets.get(brought.id), SECRET, 'said again, it is kept again');
  t.equal(keptSecret(house.door, { ...brought, secret: `${SECRET}AAAA` }), undefined);
});

t.test('a secret that signs no more is not kept', async t => {
  const { house, webhook, secrets } = await openWorld(t);
  const ids = Array.from({ length: limits.webhook_keys_items + 1 }, () => house.newId());
  for (const id of ids) {
    await house.webhooks.keep(id, SECRET);
    await house.give('webhook.rotate', { id, webhook, secret: SECRET });
  }
  await until(() => secrets.size === limits.webhook_keys_items);
  t.same([...secrets.keys()], ids.slice(1));
  await house.give('webhook.remove', { webhook });
  await until(() => secrets.size === 0);
});

t.test('a receiver that keeps silent delays neither another one nor the broker', async t => {
  const world = await openWorld(t);
  const { receiver, house } = world;
  const dead = await openReceiver(t);
  dead.mood = 'silent';
  await answered(house, 'webhook.add', hookAt(dead));
  await world.say('one', 'two', 'three');
  await receiver.hears(3);
  t.ok(dead.heard.length <= 1, 'one attempt at a time');
});

t.test('paused, a webhook is told nothing; of its own kind none is told', async t => {
  const world = await openWorld(t, { kinds: undefined });
  const { receiver, house, webhook } = world;
  await house.give('webhook.pause', { webhook });
  const heard = receiver.heard.length;
  await world.say('missed');
  turn(world, 11);
  await house.give('webhook.resume', { webhook, from_now: true });
  await world.say('told');
  await until(() => textsOf(receiver).includes('told'));
  const types = receiver.heard.slice(heard).map(({ record }) => record.event.type);
  t.notOk(textsOf(receiver).includes('missed'));
  t.notOk(
    types.some(type => /^(webhook|deadletter)/.test(type)),
    `${types}`,
  );
});
