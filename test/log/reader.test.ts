// Reading a past range: a consumer that falls silent is replaced, in a cluster within two seconds.
import { mock } from 'node:test';
import t, { type Test } from 'tap';
import { readRange } from '../../broker/log/reader.js';
import type { Wire, WireMessage, WireWatcher } from '../../broker/log/wire.js';
import { systemClock } from '../../broker/system/clock.js';
import { limits } from '../../schemas/limits.js';

const LAST = 5;
const settled = () => new Promise(resolve => setImmediate(resolve));

/** A connection on which the test speaks for the server, and a reader that has begun to read. */
async function readFrom(t: Test, isClustered: boolean) {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  t.teardown(() => mock.timers.reset());
  const starts: number[] = [];
  const listeners: ((message: WireMessage) => void)[] = [];
  const watchers = new Set<WireWatcher>();
  const wire = {
    isClustered: () => isClustered,
    publish() {},
    subscribe(_: string, onMessage: (message: WireMessage) => void) {
      listeners.push(onMessage);
      return () => {};
    },
    async call(_: string, body?: { config: { opt_start_seq: number } }) {
      if (body) starts.push(body.config.opt_start_seq);
      return { name: `reader ${starts.length}` };
    },
    inbox: () => 'inbox',
    api: (path: string) => path,
    watch(watcher: WireWatcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  } as unknown as Wire;
  const got: number[] = [];
  const read = async () => {
    const source = { wire, clock: systemClock, stream: 'S', head: async () => LAST };
    for await (const { sequence } of readRange(source, 1, LAST)) got.push(sequence);
  };
  const over = read();
  await settled();
  const bring = (...sequences: number[]) => {
    for (const sequence of sequences) {
      const reply = `$JS.ACK.S.C.1.${sequence}.1.1795363800795000000.0`;
      listeners.at(-1)?.({ subject: 'inbox', reply, data: new Uint8Array(0) });
    }
  };
  const pass = async (ms: number) => {
    mock.timers.tick(ms);
    await settled();
  };
  return { starts, watchers, got, over, bring, pass };
}

t.test('in a cluster another consumer goes on where one fell silent', async t => {
  const { starts, watchers, got, over, bring, pass } = await readFrom(t, true);
  bring(1, 2);
  await pass(limits.store_first_wait_ms);
  t.same(starts, [1], 'what it brought just now shows that it lives');
  await pass(limits.store_first_wait_ms);
  t.same(starts, [1, 3]);
  await pass(limits.store_first_wait_ms);
  while (starts.length < 3) await settled();
  t.same(starts, [1, 3, 3], 'also after one that brought nothing');
  await settled();
  bring(3, 4, 5);
  await over;
  t.same([got, watchers.size], [[1, 2, 3, 4, 5], 0]);
});

t.test('a single server may take its time, unless the connection is lost', async t => {
  const { starts, watchers, got, over, bring, pass } = await readFrom(t, false);
  bring(1, 2);
  await pass(2 * limits.store_first_wait_ms);
  t.same(starts, [1]);
  for (const watcher of watchers) watcher.down();
  await settled();
  t.same(starts, [1, 3]);
  bring(3, 4, 5);
  await over;
  t.same(got, [1, 2, 3, 4, 5]);
});
