// The figures of a broker: how fast it commits, and what the health report makes of them.
import t from 'tap';
import { Fold } from '../../broker/core/fold.js';
import { Figures } from '../../broker/runtime/health/figures.js';
import { Latencies } from '../../broker/system/latencies.js';
import { MeshTime } from '../../broker/system/mesh-time.js';
import { limits } from '../../schemas/limits.js';
import { house, post } from '../dsl/gateway-house.js';
import { HandClock } from '../dsl/memory-brokers.js';

t.test('percentiles are those of the newest, and of the last minute only', async t => {
  const took = new Latencies();
  t.equal(took.percentiles([0.5], 0), undefined);
  for (let ms = 100; ms > 0; ms--) took.note(ms, 1_000);
  t.strictSame(took.percentiles([0.5, 0.99, 1], 1_000), [50, 99, 100]);
  took.note(7, 1_001);
  t.strictSame(took.percentiles([0.5, 0.99], 1_001 + limits.latency_window_ms), [7, 7]);
  t.equal(took.percentiles([0.5], 1_002 + limits.latency_window_ms), undefined);
  for (let n = 0; n < 3 * limits.latency_items; n++) took.note(3, 2_000);
  t.strictSame(took.percentiles([0.01, 1], 2_000), [3, 3]);
});

t.test('rates are those of the last ten seconds', async t => {
  const clock = new HandClock();
  const fold = new Fold();
  const figures = new Figures({
    fold,
    clock: new MeshTime(clock),
    latencies: new Latencies(),
    timeline: undefined,
    storeSize: () => ({ bytes: 5, maxBytes: 50 }),
  });
  t.match(figures.read(), { commits: { per_s: 0 }, store: { bytes: 5, limit_bytes: 50 } });
  for (let second = 0; second < 30; second++) {
    figures.tick();
    clock.turn(1);
    fold.sequence += second < 15 ? 1_000 : 2;
    fold.events += 10;
  }
  const { commits } = figures.read();
  t.strictSame(commits, { total: 15_030, events: 300, per_s: 2, events_per_s: 10 });
});

t.test('mesh.health says in a sentence what is wrong, also when nothing is served', async t => {
  const visited = await house(t);
  const ask = async () => {
    const answer = await post(visited, { jsonrpc: '2.0', id: 1, method: 'mesh.health' });
    return ((await answer.json()) as { result: Record<string, unknown> }).result;
  };
  const views = { watchers: 0, rows: 0, bytes: 0 };
  const connections = { sockets: 0 };
  t.match(await ask(), { ready: true, verdict: 'All is well.', connections, views });
  visited.door.ready = false;
  t.match(await ask(), { ready: false, verdict: 'It takes no commands (log: as told).' });
});
