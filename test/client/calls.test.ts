// Tries the open calls by themselves: their bound, their sockets, their rest before a retry.
import t from 'tap';
import { Calls, type Outcome, type Request } from '../../client/sdk/calls.js';
import { limits } from '../../schemas/limits.js';

function request(outcomes: Outcome[], more: Partial<Request> = {}): Request {
  const done = (outcome: Outcome) => void outcomes.push(outcome);
  return { method: 'mesh.info', params: {}, scope: 'session', wait_ms: Infinity, done, ...more };
}

t.test('one call too many is refused at once, and the others stay', async t => {
  const calls = new Calls(1, () => {});
  const outcomes: Outcome[] = [];
  for (let i = 0; i < limits.open_calls; i++) calls.open(request(outcomes));
  t.equal(calls.open(request(outcomes)), undefined);
  t.match(outcomes, [{ error: { code: 'busy' } }]);
  t.equal(calls.allToSend(1).length, limits.open_calls);
});

t.test('a call that belongs to its socket ends with it, the others wait for the next', async t => {
  const calls = new Calls(1, () => {});
  const outcomes: Outcome[] = [];
  calls.open(request(outcomes, { scope: 'socket' }));
  const stays = calls.open(request(outcomes));
  calls.suspend();
  t.match(outcomes, [{ error: { code: 'lost' } }]);
  t.same(
    calls.allToSend(2).map(({ id }) => id),
    [stays],
  );
});

t.test('a call that rests is sent again later, once for each socket', async t => {
  let again = (_: number) => {};
  const woken = new Promise<number>(resolve => {
    again = resolve;
  });
  const calls = new Calls(1, id => again(id));
  const id = calls.open(request([])) ?? 0;
  calls.allToSend(7).forEach(call => {
    call.socket = 7;
  });
  t.equal(calls.toSend(id, 7), undefined);
  const data = { refusal: 'rate_limited' as const, retry: true, retry_after_s: 0 };
  calls.answer(id, { error: { message: 'later', data } }, 0);
  t.equal(await woken, id);
  t.equal(calls.toSend(id, 7)?.id, id);
});

t.test('a call that was never sent says so when its time is over', async t => {
  const calls = new Calls(1, () => {});
  const outcome = await new Promise<Outcome>(done => {
    calls.open(request([], { wait_ms: 1, done }));
  });
  t.match(outcome, { error: { code: 'timeout', message: /was not sent/, id: undefined } });
});

t.test('an answer that comes after the end is nobody’s', async t => {
  const calls = new Calls(1, () => {});
  const outcomes: Outcome[] = [];
  const id = calls.open(request(outcomes)) ?? 0;
  calls.answer(id, { result: 1 }, 0);
  calls.answer(id, { result: 2 }, 0);
  t.same(outcomes, [{ result: 1 }]);
});
