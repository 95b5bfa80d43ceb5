// While the store fails commands are refused with a clear sentence; nothing sent is given up.
import t from 'tap';
import type { AppendResult, Log } from '../../broker/log/log.js';
import { Committer } from '../../broker/runtime/committer.js';
import { MeshTime } from '../../broker/system/mesh-time.js';
import { limits } from '../../schemas/limits.js';
import * as p from '../dsl/events.js';
import { api, asks, BOOT, web } from '../dsl/events.js';
import { Mesh } from '../dsl/test-log.js';

function house() {
  const state = { isFull: false, now: 0 };
  const answers: ((result: AppendResult) => void)[] = [];
  const failures: string[] = [];
  const log = {
    append: () => new Promise<AppendResult>(resolve => answers.push(resolve)),
  } as unknown as Log;
  const committer = new Committer(BOOT, {
    log,
    clock: new MeshTime({ now: () => p.T0, elapsed: () => state.now }),
    onRefused: (_, reason) => t.fail(reason),
    onFailing: reason => failures.push(reason),
    isDiskFull: () => state.isFull,
  });
  const mesh = new Mesh();
  const ask = (n: number) => committer.propose(mesh.stamp(asks(n, web, api)));
  const turn = () => new Promise(resolve => setImmediate(resolve));
  const answer = async (result: AppendResult) => {
    answers.shift()?.(result);
    await turn();
  };
  /** Waits until the same bytes are on their way again. */
  const again = async () => {
    while (answers.length === 0) await turn();
  };
  return { state, failures, committer, ask, turn, answer, again };
}

const failing = { outcome: 'unknown', reason: 'the store says: broken', cause: 'failing' } as const;
const silent = { outcome: 'unknown', reason: 'no answer in time', cause: 'silent' } as const;

t.test('a failure of a moment is nobody’s concern; one that lasts refuses', async t => {
  const { state, failures, committer, ask, turn, answer, again } = house();
  ask(1);
  await turn();
  await answer(failing);
  t.equal(ask(2), undefined, 'it may wait a moment');
  state.now += limits.store_failing_ms;
  t.match(ask(3), { refusal: 'unavailable', message: /cannot be written .*broken.*; send/ });
  await again();
  await answer(failing);
  t.equal(failures.length, 2, 'every try is told');
  await again();
  await answer({ outcome: 'stored', sequence: 1, duplicate: false });
  t.equal(ask(3), undefined, 'the first that is stored ends it');
  committer.close();
});

t.test('on a full disk commands are refused at once, and what was sent is tried on', async t => {
  const { state, committer, ask, turn, answer, again } = house();
  ask(1);
  await turn();
  state.isFull = true;
  t.equal(ask(2), undefined, 'nothing has failed yet');
  await answer(silent);
  t.match(ask(3), { refusal: 'unavailable', message: /disk .* is full: free some space/ });
  state.isFull = false;
  t.equal(ask(3), undefined, 'silence alone is no failure');
  await again();
  await answer({ outcome: 'stored', sequence: 1, duplicate: false });
  t.equal(committer.trouble, undefined);
  committer.close();
});

t.test('a lost connection is no failure of the store', async t => {
  const { state, failures, committer, ask, turn, answer } = house();
  ask(1);
  await turn();
  await answer({ outcome: 'unknown', reason: 'the connection to the log was lost' });
  state.now += 60_000;
  t.same([ask(2), failures], [undefined, []]);
  committer.close();
});
