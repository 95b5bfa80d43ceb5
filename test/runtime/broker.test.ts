// The loop: each part hears in its order, and what one throws keeps no other from hearing.
import t from 'tap';
import { memoryStore } from '../../broker/log/memory.js';
import type { Part } from '../../broker/runtime/part.js';
import { HandClock, House } from '../dsl/memory-brokers.js';

const quarters = () => ({ store: memoryStore(), clock: new HandClock() });

/** A part that notes what it is told, and throws after it where that is wished. */
function ear(heard: string[], name: string, isFaulty = false): Required<Part> {
  const hear = (call: string) => {
    heard.push(`${name} ${call}`);
    if (isFaulty) throw new TypeError(`a planted fault: ${call}`);
  };
  return {
    replayed: () => hear('replayed'),
    folded: (_, own) => hear(own === undefined ? 'folded' : 'folded own'),
    refused: events => hear(`refused ${events.length}`),
    tick: () => hear('tick'),
    close: async () => hear('close'),
  };
}

t.test('a part more is an entry more; its faults are its own, at every call', async t => {
  const one = new House(quarters(), 'one');
  const heard: string[] = [];
  one.parts.unshift(ear(heard, 'first', true));
  one.parts.push(ear(heard, 'last'));
  await one.broker.start();
  t.match(await one.give('peer.join', { name: 'ann' }), { result: { verdict: 'applied' } });
  one.fate = 'refused';
  t.match(await one.give('peer.join', { name: 'bob' }), { refusal: 'unavailable' });
  await one.broker.close();
  const calls = ['replayed', 'folded own', 'tick', 'folded own', 'refused 1', 'close'];
  const both = calls.flatMap(call => [`first ${call}`, `last ${call}`]);
  t.same(heard, both);
  t.equal(one.warnings.length, calls.length);
  for (const [n, call] of calls.entries()) t.match(one.warnings[n], `a planted fault: ${call}`);
  await one.log.close();
});

t.test('who listens hears of a commit before its author is answered', async t => {
  const one = new House(quarters(), 'one');
  await one.broker.start();
  const told: string[] = [];
  one.door.listen(({ records }) => told.push(...records.map(({ type }) => type)));
  const answer = one.give('peer.join', { name: 'ann' }).then(() => told.push('answered'));
  await answer;
  t.same(told, ['peer.joined', 'answered']);
  await one.broker.close();
  await one.log.close();
});

t.test('a commit is its own maker’s alone; what was there before is nobody’s', async t => {
  const place = quarters();
  const one = new House(place, 'one');
  await one.broker.start();
  const two = new House(place, 'two');
  const heard: string[] = [];
  one.parts.push(ear(heard, 'one'));
  two.parts.push(ear(heard, 'two'));
  await two.broker.start();
  await one.door.caughtUp();
  const folds = (name: string) => heard.filter(line => line.startsWith(`${name} `));
  t.same(folds('two'), ['two folded', 'two replayed', 'two folded own', 'two tick']);
  t.same(folds('one'), ['one folded']);
  for (const { broker, log } of [one, two]) {
    await broker.close();
    await log.close();
  }
});
