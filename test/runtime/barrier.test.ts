// The barrier: whoever waits at it is let go once all that was stored or proposed before is folded.
import t from 'tap';
import type { FoldedCommit } from '../../broker/core/words.js';
import { Barrier } from '../../broker/runtime/barrier.js';
import type { SignalEvent } from '../../schemas/event.js';

/** A log of which only the head is asked; each asking is answered by hand. */
function gate() {
  const asked: { resolve(head: number): void; reject(error: Error): void }[] = [];
  const head = () => new Promise<number>((resolve, reject) => asked.push({ resolve, reject }));
  const committer = { proposed: 0 };
  const barrier = new Barrier({ head }, committer);
  const folded = (sequence: number) => barrier.folded({ sequence } as FoldedCommit, undefined);
  return { barrier, committer, folded, asked };
}

/** A promise's state, without waiting for it. */
function watched(promise: Promise<unknown>) {
  const state = { is: 'waiting' };
  promise.then(
    () => {
      state.is = 'through';
    },
    () => {
      state.is = 'turned away';
    },
  );
  return state;
}

const turn = () => new Promise(setImmediate);

t.test('it opens once folded to a head read after the call', async t => {
  const { barrier, folded, asked } = gate();
  const caller = watched(barrier.reached());
  folded(4);
  asked[0]?.resolve(5);
  await turn();
  t.equal(caller.is, 'waiting');
  folded(5);
  await turn();
  t.equal(caller.is, 'through');
});

t.test('it opens at once when that is folded already', async t => {
  const { barrier, folded, asked } = gate();
  folded(5);
  const caller = watched(barrier.reached());
  asked[0]?.resolve(5);
  await turn();
  t.equal(caller.is, 'through');
});

t.test('own events proposed before the call must be settled, later ones need not', async t => {
  const { barrier, committer, asked } = gate();
  committer.proposed += 2;
  const caller = watched(barrier.reached());
  committer.proposed++;
  asked[0]?.resolve(0);
  barrier.folded({ sequence: 1 } as FoldedCommit, [{} as SignalEvent]);
  await turn();
  t.equal(caller.is, 'waiting');
  barrier.refused([{} as SignalEvent]);
  await turn();
  t.equal(caller.is, 'through');
});

t.test('callers share a read, but never one that began before they came', async t => {
  const { barrier, folded, asked } = gate();
  const first = watched(barrier.reached());
  const second = watched(barrier.reached());
  const third = watched(barrier.reached());
  t.equal(asked.length, 1);
  asked[0]?.resolve(1);
  await turn();
  t.equal(asked.length, 2, 'the two that came later share the next');
  folded(1);
  await turn();
  t.same([first.is, second.is, third.is], ['through', 'waiting', 'waiting']);
  asked[1]?.resolve(1);
  await turn();
  t.same([second.is, third.is], ['through', 'through']);
});

t.test('when the log is away the callers are turned away, and the next may try again', async t => {
  const { barrier, asked } = gate();
  const first = watched(barrier.reached());
  const second = watched(barrier.reached());
  asked[0]?.reject(new Error('away'));
  await turn();
  t.same([first.is, second.is], ['turned away', 'waiting']);
  asked[1]?.resolve(0);
  await turn();
  t.equal(second.is, 'through');
});

t.test('one may wait for a commit alone', async t => {
  const { barrier, folded } = gate();
  const caller = watched(barrier.past(2));
  folded(1);
  await turn();
  t.equal(caller.is, 'waiting');
  folded(2);
  await turn();
  t.equal(caller.is, 'through');
});
