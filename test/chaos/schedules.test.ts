// A thousand schedules within seconds over three brokers; one broker dies, and so does the store.
import { test } from 'tap';
import type { SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import { connect, join, type Person } from '../dsl/live-broker.js';
import { startTestNats, tempDir } from '../dsl/nats.js';
import { brokenTimes } from '../dsl/nominal-times.js';
import type { Fields } from '../dsl/raw-client.js';
import { type Line, readLog, Watch } from '../dsl/watch.js';
import { type BrokerProcess, spawnBroker } from './hosts.js';

const SCHEDULES = 1_000;
const APART_MS = 4;
const SAMPLE = 50;

/** Twice what this machine will take, by what a few commands take. */
async function timeToMake({ guest }: Person): Promise<number> {
  const since = performance.now();
  const texts = Array.from({ length: SAMPLE }, (_, n) => `trial ${n}`);
  await Promise.all(texts.map(text => guest.command('peer.describe', { text })));
  return Math.ceil((2 * (performance.now() - since) * SCHEDULES) / SAMPLE);
}

const hasFired = ([, , event, reason]: Line) =>
  event.type === 'schedule.fired' && reason === undefined;

test('a thousand dense schedules fire once each, though a broker and the store die', async t => {
  const nats = await startTestNats(t);
  const natsUrl = nats.url.replace('//', `//${nats.user}:${nats.password}@`);
  const brokers: BrokerProcess[] = [];
  for (let n = 0; n < 3; n++) brokers.push(await spawnBroker(t, await tempDir(t), { natsUrl }));
  const [first, second, third] = brokers as [BrokerProcess, BrokerProcess, BrokerProcess];

  const ann = await join(t, third, 'ann');
  const begin = Date.now() + 3_000 + (await timeToMake(ann));
  const plans = Array.from({ length: SCHEDULES }, (_, n) => {
    const fire_at = begin + n * APART_MS;
    return ann.guest.command('schedule.create', { to: ann.peer, text: `no. ${n}`, fire_at });
  });
  const made = await Promise.all(plans);
  t.equal(new Set(made.map(({ schedule }) => schedule)).size, SCHEDULES);

  const watch = new Watch();
  await watch.follow(await connect(t, third));
  const fired = (count: number) => watch.until(() => watch.lines.filter(hasFired).length >= count);
  await fired(SCHEDULES / 5);
  await first.kill('SIGKILL');
  await fired(SCHEDULES / 2);
  process.kill(nats.pid, 'SIGKILL');
  await fired(SCHEDULES);

  const lines = await readLog(await connect(t, second));
  const effects = lines.flatMap(([, time, event, reason]) =>
    reason === undefined ? [{ time, event: event as unknown as SignalEvent }] : [],
  );
  t.strictSame(brokenTimes(effects, begin + SCHEDULES * APART_MS), []);
  t.equal(lines.filter(hasFired).length, SCHEDULES, 'one effective fire each');
  const { items } = await ann.guest.call('inbox.read', { max: limits.list_items });
  const texts = new Set((items as Fields[]).map(({ text }) => text));
  t.equal(texts.size, SCHEDULES, 'and one item each in the inbox');
  const said = lines.filter(([, , event]) => event.type === 'schedule.fired').length;
  t.comment(`${said - SCHEDULES} of ${said} were proposed in vain`);
  const delays = effects.flatMap(({ time, event }) =>
    event.type === 'schedule.fired' ? [time - event.nominal_at] : [],
  );
  delays.sort((a, b) => a - b);
  t.comment(`late by ${delays[delays.length >> 1]} ms in the middle, ${delays.at(-1)} at most`);
});
