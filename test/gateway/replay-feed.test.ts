// The turnstile before the log: so many inside at once, the others in the order they came.
import t from 'tap';
import { createTurnstile } from '../../broker/gateway/observe/replay-feed.js';
import { turn } from './fake-outlet.js';

t.test('no more than its places are inside, whoever comes and goes', async t => {
  const turnstile = createTurnstile(2);
  const inside: number[] = [];
  const come = (who: number) => turnstile.enter().then(() => inside.push(who));
  for (let who = 1; who <= 5; who++) void come(who);
  await turn();
  t.strictSame(inside, [1, 2]);
  t.equal(turnstile.isWanted(), true);
  turnstile.leave();
  await turn();
  t.strictSame(inside, [1, 2, 3]);
  void come(6);
  await turn();
  t.strictSame(inside, [1, 2, 3], 'the place that was left is taken');
  for (let i = 0; i < 3; i++) turnstile.leave();
  await turn();
  t.strictSame(inside, [1, 2, 3, 4, 5, 6]);
  t.equal(turnstile.isWanted(), false);
  for (let i = 0; i < 2; i++) turnstile.leave();
  for (let who = 7; who <= 9; who++) void come(who);
  await turn();
  t.strictSame(inside, [1, 2, 3, 4, 5, 6, 7, 8]);
});
