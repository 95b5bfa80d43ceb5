// Tries following the log against a scripted broker: resuming, gaps, slow readers.

import type { Test } from 'tap';
import t from 'tap';
import { type Batch, type Client, connect, type Observation } from '../../client/index.js';
import { limits } from '../../schemas/limits.js';
import { refused } from '../dsl/refused.js';
import { type FakeBroker, fakeBroker, type Reply, type Script } from './fake-broker.js';

const credential = 'a-credential-of-this-test';

/** Every observation gets its own subscription, named by its place in the order. */
function subscribing(begun: (from: unknown, broker: FakeBroker, name: string) => void): Script {
  let count = 0;
  return ({ method, params, id }, broker): Reply | 'usual' => {
    if (method !== 'log.observe') return 'usual';
    const subscription = `sub_${++count}`;
    broker.answer(id, { subscription });
    begun(params.from, broker, subscription);
    return undefined;
  };
}

/** One batch from one place of a make-believe log to a later one, with a record for each step. */
function say(
  broker: FakeBroker,
  subscription: string,
  from: number,
  to: number,
  { text = '', live = true } = {},
): void {
  const records = [];
  for (let at = from + 1; at <= to; at++) records.push([at, 0, { type: 'ask.closed', text }]);
  const batch = { after: `log.${from}`, to: `log.${to}`, live, records };
  broker.notify('log.records', { subscription, ...batch });
}

async function connected(t: Test, script: Script): Promise<{ client: Client; broker: FakeBroker }> {
  const broker = await fakeBroker(t, script);
  const client = await connect({ url: broker.url, credential });
  t.teardown(() => client.close());
  return { client, broker };
}

async function take(observation: Observation, count: number): Promise<Batch[]> {
  const batches: Batch[] = [];
  while (batches.length < count) {
    const { value, done } = await observation.next();
    if (done) break;
    batches.push(value);
  }
  return batches;
}

const positions = (batches: Batch[]) =>
  batches.flatMap(({ records }) => records.map(({ position }) => position));

t.test('an observation yields each batch with its records, and its cursor moves', async t => {
  const { client } = await connected(
    t,
    subscribing((_, broker, name) => {
      say(broker, name, 0, 2);
      say(broker, name, 2, 3);
    }),
  );
  const observation = client.observe({ from: 'start' });
  t.equal(observation.cursor, undefined);
  const [first] = await take(observation, 1);
  t.match(first, { after: 'log.0', to: 'log.2', live: true, records: [{ position: 1 }, {}] });
  t.equal(observation.cursor, 'log.2');
  t.same(positions(await take(observation, 1)), [3]);
});

t.test('after a reconnect it goes on where it was, without gap or repeat', async t => {
  const from: unknown[] = [];
  const { client } = await connected(
    t,
    subscribing((place, broker, name) => {
      from.push(place);
      if (from.length === 1) {
        say(broker, name, 0, 2);
        // What follows the last whole batch is lost with the socket.
        setImmediate(() => broker.cut());
      } else say(broker, name, 2, 4);
    }),
  );
  const batches = await take(client.observe({ from: 'start' }), 2);
  t.same(positions(batches), [1, 2, 3, 4]);
  t.same(from, ['start', 'log.2']);
});

t.test('`now` is fixed to a cursor, so that a lost connection does not move it', async t => {
  const from: unknown[] = [];
  const { client } = await connected(
    t,
    subscribing((place, broker, name) => {
      from.push(place);
      if (from.length === 1) broker.cut();
      else say(broker, name, 0, 1);
    }),
  );
  const observation = client.observe();
  const [batch] = await take(observation, 1).catch(error => [error]);
  t.same(from, ['log.0.0', 'log.0.0']);
  t.match(batch, { code: 'gap' }, 'the make-believe log spells its start otherwise');
});

t.test('a stretch that is missing is an error, and the observation ends', async t => {
  const { client, broker } = await connected(
    t,
    subscribing((_, broker, name) => {
      say(broker, name, 0, 2);
      say(broker, name, 3, 4);
    }),
  );
  const observation = client.observe({ from: 'start' });
  t.same(positions(await take(observation, 1)), [1, 2]);
  await t.rejects(observation.next(), { code: 'gap' });
  t.same(await observation.next(), { value: undefined, done: true });
  t.match(await broker.hears('log.unobserve'), [{ params: { subscription: 'sub_1' } }]);
});

t.test('a first batch that does not begin at the cursor given is a gap too', async t => {
  const { client } = await connected(
    t,
    subscribing((_, broker, name) => say(broker, name, 5, 6)),
  );
  await t.rejects(client.observe({ from: 'log.4' }).next(), { code: 'gap' });
});

t.test('a reader is told when it has caught up, and when it fell behind', async t => {
  const { client } = await connected(
    t,
    subscribing((_, broker, name) => {
      for (const [at, live] of [false, true, true, false, true].entries()) {
        say(broker, name, at, at + 1, { live });
      }
    }),
  );
  const told: string[] = [];
  const observation = client.observe({
    from: 'start',
    onCaughtUp: () => told.push(`up at ${observation.cursor}`),
    onFellBehind: () => told.push(`behind at ${observation.cursor}`),
  });
  await take(observation, 5);
  t.same(told, ['up at log.2', 'behind at log.4', 'up at log.5']);
});

t.test('a cursor that the broker refuses ends the observation with that refusal', async t => {
  const { client } = await connected(t, ({ method }) =>
    method === 'log.observe' ? { refusal: 'cursor_foreign' } : 'usual',
  );
  await t.rejects(client.observe({ from: 'log.4' }).next(), refused('cursor_foreign'));
});

t.test('a slow reader is told no more than its buffer holds, and goes on later', async t => {
  const text = 'x'.repeat(100_000);
  const steps = Math.ceil(limits.observe_buffer_bytes / text.length) + 10;
  const from: unknown[] = [];
  const { client, broker } = await connected(
    t,
    subscribing((place, broker, name) => {
      from.push(place);
      const start = place === 'start' ? 0 : Number(String(place).slice('log.'.length));
      for (let at = start; at < steps; at++) say(broker, name, at, at + 1, { text });
    }),
  );
  const observation = client.observe({ from: 'start' });
  await broker.hears('log.unobserve');
  // While it waits, the connection serves other calls.
  await client.call('mesh.info');
  t.equal(from.length, 1);
  const batches = await take(observation, steps);
  const all = Array.from({ length: steps }, (_, i) => i + 1);
  t.same(positions(batches), all, 'all of it, once, in order');
  t.ok(from.length > 1, 'in more than one piece');
});

t.test('leaving the loop ends the subscription', async t => {
  const { client, broker } = await connected(
    t,
    subscribing((_, broker, name) => say(broker, name, 0, 1)),
  );
  for await (const record of client.observe({ from: 'start' }).records()) {
    t.match(record, { position: 1 });
    break;
  }
  t.match(await broker.hears('log.unobserve'), [{ params: { subscription: 'sub_1' } }]);
  t.doesNotThrow(() => client.observe({ from: 'start' }), 'and it may be observed again');
});

t.test('one client observes with one filter once', async t => {
  const { client } = await connected(
    t,
    subscribing(() => {}),
  );
  client.observe({ filter: { kinds: ['ask'] } });
  t.throws(() => client.observe({ filter: { kinds: ['ask'] } }), { code: 'misuse' });
  t.doesNotThrow(() => client.observe({ filter: { kinds: ['peer'] } }));
});

t.test('a client that is closed ends its observations', async t => {
  const { client } = await connected(
    t,
    subscribing(() => {}),
  );
  const next = client.observe({ from: 'start' }).next();
  await client.close();
  t.same(await next, { value: undefined, done: true });
  await t.rejects(client.observe().next(), { code: 'closed' }, 'and begins none');
});
