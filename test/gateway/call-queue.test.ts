// The call queue: one caller's calls leave the event loop to others, however they are answered.
import t from 'tap';
import { CallQueue, type QueuedCall } from '../../broker/gateway/calls/call-queue.js';
import { createTurns } from '../../broker/gateway/calls/write-buffer.js';
import { limits } from '../../schemas/limits.js';

/** A queue whose calls are answered by promises, and how many ran in each turn of the loop. */
function queueOf(cost_ms: number) {
  const turns = createTurns(error => t.fail(String(error)));
  const ran = new Map<number, number>();
  let now = 0;
  const queue = new CallQueue<QueuedCall>({
    run(call) {
      now += cost_ms;
      ran.set(turns.number(), (ran.get(turns.number()) ?? 0) + 1);
      queue.pass();
      Promise.resolve().then(() => queue.settle(call));
    },
    isOpen: () => true,
    whenOpen: resume => resume(),
    eased() {},
    turn: () => turns.number(),
    now: () => now,
  });
  return { queue, ran };
}

/** How many ran in each turn, once all have. */
async function runAll({ queue, ran }: ReturnType<typeof queueOf>, calls: number) {
  const total = () => [...ran.values()].reduce((sum, n) => sum + n, 0);
  while (total() < calls) await new Promise(resolve => setImmediate(resolve));
  t.notOk(queue.isBacklogged);
  return [...ran.values()];
}

const calls = (count: number) => Array.from({ length: count }, () => ({ bytes: 1 }));

t.test('calls that promises answer are still so many a turn', async t => {
  const world = queueOf(0);
  const count = limits.waiting_frames + 3 * limits.turn_calls;
  world.queue.push(calls(count));
  const ran = await runAll(world, count);
  t.ok(Math.max(...ran) <= limits.turn_calls, `${ran}`);
});

t.test('a turn has only so much time for one caller, over all its frames', async t => {
  const world = queueOf(limits.turn_ms / 4);
  for (let frame = 0; frame < 40; frame++) world.queue.push(calls(1));
  t.same(await runAll(world, 40), Array(10).fill(4));
});
