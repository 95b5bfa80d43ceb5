// Holds the refusals against the protocol's list: their numbers, and which are worth a retry.
import t from 'tap';
import { isRefusal, type RefusalName, refusals, refuse, rpcError } from '../../schemas/refusal.js';

/** Copied from the protocol's page, from which clients are written. */
const protocol: readonly (readonly [number, string])[] = [
  [-32602, 'invalid'],
  [-32603, 'internal'],
  [-32001, 'unauthorized'],
  [-32002, 'forbidden circle_forbidden not_yours'],
  [-32003, 'peer_unknown ask_unknown job_unknown schedule_unknown review_unknown message_unknown'],
  [-32004, 'command_stale peer_ambiguous peer_retired ask_closed ask_not_question option_unknown'],
  [-32004, 'job_state lease_stale schedule_never_fires generation_stale hop_limit budget_spent'],
  [-32005, 'too_large rate_limited inbox_full'],
  [-32006, 'cursor_foreign cursor_diverged cursor_ahead'],
  [-32007, 'unavailable'],
];

/** Shades of `invalid`, and what has been added since. */
const ours: readonly (readonly [number, string])[] = [
  [-32700, 'parse_error'],
  [-32600, 'invalid_request'],
  [-32601, 'method_unknown'],
  [-32003, 'token_unknown webhook_unknown letter_unknown lease_unknown watch_unknown'],
  [-32004, 'lease_held orchestrator_live orchestrator_away handed_over'],
];

const names = Object.keys(refusals) as RefusalName[];

t.test('every refusal has the number the protocol gives it, and there is no other', async t => {
  const wanted = [...protocol, ...ours].flatMap(([code, list]) =>
    list.split(' ').map(name => [name, code] as const),
  );
  const found = names.map(name => [name, refusals[name].code] as const);
  t.same(Object.fromEntries(found), Object.fromEntries(wanted));
  t.equal(names.length, wanted.length);
});

t.test('only rate_limited and unavailable are worth trying again', async t => {
  const retried = names.filter(name => rpcError(refuse(name, 'no')).data.retry);
  t.same(retried.sort(), ['rate_limited', 'unavailable']);
});

t.test('the error of a refusal carries number, sentence, name, retry and its data', async t => {
  const candidates = [{ peer: 'peer_1', name: 'api' }];
  t.same(rpcError(refuse('peer_ambiguous', 'Name one of them.', { candidates })), {
    code: -32004,
    message: 'Name one of them.',
    data: { refusal: 'peer_ambiguous', retry: false, candidates },
  });
});

t.test('every error of framing is `invalid` to a client', async t => {
  for (const name of ['parse_error', 'invalid_request', 'method_unknown', 'invalid'] as const) {
    t.equal(rpcError(refuse(name, 'no')).data.refusal, 'invalid', name);
  }
});

t.test('every refusal is explained by a sentence', async t => {
  for (const name of names) t.match(refusals[name].help, /^[A-Z].*\.$/, name);
});

t.test('a refusal is told from an answer', async t => {
  t.ok(isRefusal(refuse('invalid', 'no')));
  t.notOk(isRefusal({ result: {} }));
  t.notOk(isRefusal(undefined));
});
