// The semaphore: so many inside at once, the others in the order they came.
import t from 'tap';
import { Semaphore } from '../../broker/system/semaphore.js';
import { turn } from '../gateway/fake-outlet.js';

t.test('no more than its places are inside, whoever comes and goes', async t => {
  const places = new Semaphore(2);
  const inside: number[] = [];
  const come = (who: number) => places.enter().then(() => inside.push(who));
  for (let who = 1; who <= 5; who++) void come(who);
  await turn();
  t.strictSame(inside, [1, 2]);
  t.equal(places.waiting, 3);
  places.leave();
  await turn();
  t.strictSame(inside, [1, 2, 3]);
  void come(6);
  await turn();
  t.strictSame(inside, [1, 2, 3], 'the place that was left is taken');
  for (let i = 0; i < 3; i++) places.leave();
  await turn();
  t.strictSame(inside, [1, 2, 3, 4, 5, 6]);
  t.equal(places.waiting, 0);
  for (let i = 0; i < 2; i++) places.leave();
  for (let who = 7; who <= 9; who++) void come(who);
  await turn();
  t.strictSame(inside, [1, 2, 3, 4, 5, 6, 7, 8]);
});
