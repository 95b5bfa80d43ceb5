// Rules of the orchestrator's loop: by tools alone, over stdio and over HTTP.
import t from 'tap';
import { guest, house } from './house.js';
import { closeOut, dispatch, novice } from './loop.js';
import { session } from './session.js';

async function byPipes(t: Parameters<typeof session>[0], name: string, circle: string) {
  const one = await session(t, house, { args: ['--name', name, '--circle', circle] });
  await one.shake();
  return one;
}

t.test('who knows the list of tools alone runs the loop, over stdio and over HTTP', async t => {
  const pairs = [
    [await byPipes(t, 'boss', 'loop1'), await guest(house, '?name=worker&circle=loop1')],
    [await guest(house, '?name=boss&circle=loop2'), await byPipes(t, 'worker', 'loop2')],
  ] as const;
  for (const [boss, worker] of pairs) {
    const [one, other] = [novice(boss), novice(worker)];
    await closeOut(t, one, other, await dispatch(t, one, other, 'worker'));
  }
});
