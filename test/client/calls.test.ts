// Tries the open calls by themselves: their bound, their sockets, their rest before a retry.
import t from 'tap';
import { sentence } from '../../client/mcp/agent.js';
import { type CallOutcome, type CallRequest, Calls } from '../../client/sdk/calls.js';
import { ClientError } from '../../client/sdk/errors.js';
import type { CallFields } from '../../client/sdk/followers.js';
import { BrokerTime } from '../../client/sdk/identity.js';
import { limits } from '../../schemas/limits.js';

/** Calls without a socket: what they would send, and who waits for a retry. */
function desk() {
  const sent: (readonly [id: number, params: CallFields])[] = [];
  let again = (_: number) => {};
  const woken = new Promise<number>(resolve => {
    again = resolve;
  });
  const send = (id: number, _: string, params: CallFields) => void sent.push([id, params]);
  const calls = new Calls(1, new BrokerTime(), { send, again: id => again(id) });
  return { calls, sent, woken, ids: () => sent.map(([id]) => id) };
}

function request(outcomes: CallOutcome[], more: Partial<CallRequest> = {}): CallRequest {
  const done = (outcome: CallOutcome) => void outcomes.push(outcome);
  return { method: 'mesh.info', params: {}, scope: 'session', wait_ms: Infinity, done, ...more };
}

t.test('one call too many is refused at once, and the others stay', async t => {
  const { calls, sent } = desk();
  const outcomes: CallOutcome[] = [];
  for (let i = 0; i < limits.open_calls; i++) calls.open(request(outcomes));
  t.equal(calls.open(request(outcomes)), undefined);
  t.match(outcomes, [{ error: { code: 'busy' } }]);
  calls.sendAll(1);
  t.equal(sent.length, limits.open_calls);
});

t.test('a call that belongs to its socket ends with it, the others wait for the next', async t => {
  const { calls, ids } = desk();
  const outcomes: CallOutcome[] = [];
  calls.open(request(outcomes, { scope: 'socket' }));
  const stays = calls.open(request(outcomes));
  calls.suspend();
  t.match(outcomes, [{ error: { code: 'lost' } }]);
  calls.sendAll(2);
  t.same(ids(), [stays]);
});

t.test('a call that rests is sent again later, once for each socket', async t => {
  const { calls, sent, ids, woken } = desk();
  const params = { to: 'api', text: 'hi' };
  const id = calls.open(request([], { method: 'notify.send', params })) ?? 0;
  calls.sendAll(7);
  calls.send(id, 7);
  t.same(ids(), [id]);
  const data = { refusal: 'rate_limited' as const, retry: true, retry_after_s: 0 };
  calls.answer(id, { error: { message: 'later', data } }, 0);
  t.equal(await woken, id);
  calls.send(id, 7);
  t.same(ids(), [id, id]);
  t.match(sent[1]?.[1], { ...params, id: sent[0]?.[1].id }, 'as the same command');
});

t.test('what no broker would take fails, and is not open any more', async t => {
  const outcomes: CallOutcome[] = [];
  const send = () => {
    throw new Error('too large');
  };
  const calls = new Calls(1, new BrokerTime(), { send, again() {} });
  calls.open(request(outcomes));
  calls.sendAll(1);
  calls.sendAll(2);
  t.match(outcomes, [{ error: { message: 'too large' } }]);
  t.equal(outcomes.length, 1);
});

t.test('when the session is over, a command that was sent is told by its id', async t => {
  const { calls, sent } = desk();
  const outcomes: CallOutcome[] = [];
  const params = { to: 'api', text: 'hi' };
  calls.open(request(outcomes, { method: 'notify.send', params }));
  calls.sendAll(1);
  calls.open(request(outcomes, { method: 'notify.send', params }));
  calls.failAll(new ClientError('closed', 'closed'));
  const ids = outcomes.map(outcome => 'error' in outcome && (outcome.error as ClientError).id);
  t.strictSame(ids, [sent[0]?.[1].id, undefined]);
  const error = (n: number) => sentence((outcomes[n] as { error: Error }).error);
  t.match(error(0), /went away before it answered. Whether it took effect is not known/);
  t.match(error(1), /Nothing was sent/);
});

t.test('a call that was never sent says so when its time is over', async t => {
  const { calls } = desk();
  const outcome = await new Promise<CallOutcome>(done => {
    calls.open(request([], { wait_ms: 1, done }));
  });
  t.match(outcome, { error: { code: 'timeout', message: /was not sent/, id: undefined } });
});

t.test('an answer that comes after the end is nobody’s', async t => {
  const { calls } = desk();
  const outcomes: CallOutcome[] = [];
  const id = calls.open(request(outcomes)) ?? 0;
  calls.answer(id, { result: 1 }, 0);
  calls.answer(id, { result: 2 }, 0);
  t.same(outcomes, [{ result: 1 }]);
});
