// Many deliveries at once on a real broker: what was answered as taken is in the log.
import { readFileSync } from 'node:fs';
import { test } from 'tap';
import { restPull, signedDelivery } from '../dsl/fake-github.js';
import { connect, type House, openBroker } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import type { Fields } from '../dsl/raw-client.js';

const COUNT = 150;
const numbers = Array.from({ length: COUNT }, (_, n) => n + 1);
const url = (n: number) => `https://github.com/acme/app/pull/${n}`;

function close({ ready }: House, n: number): Promise<Response> {
  const pull = { ...restPull({ repo: 'acme/app', number: n, state: 'closed' }) };
  const payload = { action: 'closed', pull_request: { ...pull, body: 'x'.repeat(50_000) } };
  const secret = readFileSync(ready.webhook_secret_file ?? '', 'utf8').trim();
  const signed = signedDelivery({ secret, delivery: `d-${n}`, payload });
  return fetch(`${ready.url}/webhooks/github`, signed);
}

async function told(house: House, t: Parameters<typeof connect>[0]): Promise<Set<unknown>> {
  const operator = await connect(t, house);
  await operator.call('log.observe', { from: 'start', filter: { types: ['review.observed'] } });
  await operator.hear('log.records', ({ live }) => live === true);
  const records = operator.heard.flatMap(({ params }) => (params.records ?? []) as Fields[][]);
  return new Set(records.map(([, , event]) => event?.pr_url));
}

test('a burst is taken whole, and each of it noted', async t => {
  const house = await openBroker(t);
  const answers = await Promise.all(numbers.map(n => close(house, n)));
  t.same([...new Set(answers.map(({ status }) => status))], [202]);
  t.same(await told(house, t), new Set(numbers.map(url)));
});

test('what a log that stands still has queued is noted by a stop', async t => {
  const dataDir = await tempDir(t);
  const { broker, ...house } = await openBroker(t, { dataDir });
  const server = house.ready.nats_server?.pid ?? 0;
  process.kill(server, 'SIGSTOP');
  const answers = await Promise.all(numbers.map(n => close(house, n)));
  t.same([...new Set(answers.map(({ status }) => status))], [202]);
  t.match(await answers[0]?.json(), { outcome: 'queued', pr_url: url(1) });
  const closed = broker.close();
  process.kill(server, 'SIGCONT');
  await closed;
  t.same(await told(await openBroker(t, { dataDir }), t), new Set(numbers.map(url)));
});
