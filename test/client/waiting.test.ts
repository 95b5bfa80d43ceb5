// Tries waiting by itself: slices of long polls, a broker that is away, and many asked at once.
import t, { type Test } from 'tap';
import { ClientError, RefusalError, refused } from '../../client/sdk/errors.js';
import { type Look, rollupWhenOver, threadWhenClosed, waitFor } from '../../client/sdk/waiting.js';
import { limits } from '../../schemas/limits.js';

const gone = new ClientError('unreachable', 'no broker answers');

/** Rests take no time until the test ends. */
function restless(t: Test): void {
  const real = globalThis.setTimeout;
  const soon = (work: () => void) => real(work, 0);
  Object.assign(globalThis, { setTimeout: soon });
  t.teardown(() => Object.assign(globalThis, { setTimeout: real }));
}

/** Answers each call with the next of these; an error is thrown. Told the method and time-outs. */
function script(...answers: unknown[]) {
  const asked: [method: string, timeout_s?: number][] = [];
  const look = (async (method: string, { timeout_s }: { timeout_s?: number }) => {
    asked.push(timeout_s === undefined ? [method] : [method, timeout_s]);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  }) as unknown as Look;
  return { look, asked };
}

t.test('a broker that is away is waited for, and said to be away once', async t => {
  restless(t);
  let away = 0;
  const patience = { wait_s: Infinity, onAway: () => void away++ };
  const later = new RefusalError({ message: '', data: { refusal: 'unavailable', retry: true } });
  const { look } = script(gone, later, gone, { state: 'open' }, gone, { state: 'closed' });
  t.match(await threadWhenClosed(look, 'ask_1', patience), { state: 'closed' });
  t.equal(away, 2, 'once each time');
});

t.test('what no waiting will cure ends it', async t => {
  const no = new RefusalError(refused('ask_unknown', 'no such ask'));
  const { look } = script(no);
  await t.rejects(threadWhenClosed(look, 'ask_1', { wait_s: Infinity }), no);
});

t.test('a slice takes no longer than its bound, nor than what is left', async t => {
  const slices: number[] = [];
  const slice = async (seconds: number) => {
    slices.push(seconds);
    return slices.length > 1 ? 'done' : undefined;
  };
  await waitFor({ wait_s: Infinity }, slice);
  t.same(slices, [limits.wait_slice_s, limits.wait_slice_s]);
  await waitFor({ wait_s: 5 }, slice);
  t.ok(slices.slice(2).every(seconds => seconds <= 5));
});

t.test('when the time is up an ask is told as it stands, if anything is known', async t => {
  restless(t);
  const open = script({ state: 'open' });
  t.match(await threadWhenClosed(open.look, 'ask_1', { wait_s: 0 }), { state: 'open' });
  t.equal(await threadWhenClosed(script(gone).look, 'ask_1', { wait_s: 0 }), undefined);
});

t.test(
  'no look takes the wire much longer than the broker: who waits 1 s waits no minute',
  async t => {
    const wires: (number | undefined)[] = [];
    const look = (async (method: string, _: object, wait_ms?: number) => {
      wires.push(wait_ms);
      if (method === 'ask.wait') throw gone;
      return { state: 'partial', rows: [{ ask: 'g.1', status: 'pending' }] };
    }) as unknown as Look;
    await threadWhenClosed(look, 'ask_1', { wait_s: 0 });
    await rollupWhenOver(look, 'g', { wait_s: 0 });
    t.same(wires, [limits.wait_grace_ms, limits.wait_grace_ms, limits.wait_grace_ms]);
  },
);

t.test('all are waited for one by one; with a quorum it is soon looked at again', async t => {
  const row = { ask: 'g.2', status: 'pending' };
  const rows = [{ ask: 'g.1', status: 'replied' }, row];
  const forAll = script({ state: 'partial', rows }, {}, { state: 'complete', rows });
  t.match(await rollupWhenOver(forAll.look, 'g', { wait_s: Infinity }), { state: 'complete' });
  t.same(forAll.asked, [['ask.rollup'], ['ask.wait', limits.wait_slice_s], ['ask.rollup']]);
  const few = script({ state: 'partial', quorum: 2, rows }, {}, { state: 'quorum', rows });
  t.match(await rollupWhenOver(few.look, 'g', { wait_s: Infinity }), { state: 'quorum' });
  t.same(few.asked[1], ['ask.wait', limits.wait_look_s]);
});
