// The timer queue against a plain list: what is due, in which order, however often times move.
import fc from 'fast-check';
import t from 'tap';
import { TimerQueue } from '../../broker/core/rows/timer-queue.js';
import { finds, runs } from '../dsl/histories.js';

const KEYS = 12;
const TIMES = 20;

type Act =
  | { act: 'set'; key: string; at: number }
  | { act: 'delete'; key: string }
  | { act: 'due'; now: number; max: number }
  | { act: 'next' };

const key = fc.nat({ max: KEYS - 1 }).map(n => `k${n}`);
const at = fc.nat({ max: TIMES - 1 });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant('set' as const), key, at }) },
  fc.record({ act: fc.constant('delete' as const), key }),
  fc.record({ act: fc.constant('due' as const), now: at, max: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ act: fc.constant('next' as const) }),
);

/** The same by sorting everything each time. */
class Naive {
  readonly times = new Map<string, number>();

  due(now: number, max: number): string[] {
    const all = [...this.times].filter(([, time]) => time <= now);
    const sorted = all.sort(([a, one], [b, two]) => one - two || (a < b ? -1 : 1));
    return sorted.slice(0, max).map(([name]) => name);
  }

  next(): number | undefined {
    return this.times.size === 0 ? undefined : Math.min(...this.times.values());
  }
}

function law(make: () => TimerQueue): void {
  const property = fc.property(fc.array(act, { maxLength: 400, size: 'max' }), acts => {
    const queue = make();
    const naive = new Naive();
    for (const one of acts) {
      if (one.act === 'set') {
        queue.set(one.key, one.at);
        naive.times.set(one.key, one.at);
      } else if (one.act === 'delete') {
        queue.delete(one.key);
        naive.times.delete(one.key);
      } else if (one.act === 'next') {
        if (queue.next() !== naive.next()) return false;
      } else if (String(queue.due(one.now, one.max)) !== String(naive.due(one.now, one.max))) {
        return false;
      }
    }
    const everything = queue.due(TIMES, KEYS);
    return String(everything) === String(naive.due(TIMES, KEYS));
  });
  fc.assert(property, runs(200));
}

t.test('a timer queue is a sorted list, whatever is set, moved and deleted', async t => {
  law(() => new TimerQueue());
  class Taking extends TimerQueue {
    override due(now: number, max: number) {
      const found = super.due(now, max);
      for (const name of found.slice(1)) this.delete(name);
      return found;
    }
  }
  finds(t, () => law(() => new Taking()), 'an queue that takes out what it tells');
  class Sticky extends TimerQueue {
    override set(name: string, time: number) {
      super.set(name, Math.min(time, this.at(name) ?? time));
    }
  }
  finds(t, () => law(() => new Sticky()), 'a time that never moves back');
});

t.test('a heap holds at most four times what it stands for', async t => {
  const queue = new TimerQueue();
  const size = () => queue.heapSize;
  for (let n = 0; n < 100; n++) queue.set(`k${n}`, n);
  for (let n = 0; n < 10_000; n++) queue.set('lease', 1_000_000 + n);
  t.ok(size() <= 4 * 101 + 1, `${size()} entries after 10,000 moves of one time`);
  for (let n = 0; n < 100; n++) queue.delete(`k${n}`);
  t.ok(size() <= 65, `${size()} entries after all but one are gone`);
  t.equal(queue.next(), 1_009_999);
});
