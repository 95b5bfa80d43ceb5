// Refusals, errors as data: a name users can act on, a JSON-RPC number, whether to try again.

export const refusals = {
  parse_error: { code: -32700, help: 'The frame is not JSON or msgpack.' },
  invalid_request: { code: -32600, help: 'The frame is not a JSON-RPC 2.0 request.' },
  method_unknown: { code: -32601, help: 'There is no such method; see /openrpc.json.' },
  invalid: { code: -32602, help: 'A parameter is missing, unknown or malformed.' },
  internal: { code: -32603, help: 'The broker failed at the call; its log says why.' },
  unauthorized: { code: -32001, help: 'No valid credential came with the call.' },
  forbidden: { code: -32002, help: 'The credential does not allow this.' },
  circle_forbidden: { code: -32002, help: 'The token does not cover that circle.' },
  not_yours: { code: -32002, help: 'Only another peer may do this, or has that name.' },
  peer_unknown: { code: -32003, help: 'No such peer where the caller may look.' },
  ask_unknown: { code: -32003, help: 'No such ask where the caller may look.' },
  job_unknown: { code: -32003, help: 'No such job where the caller may look.' },
  schedule_unknown: { code: -32003, help: 'No such schedule where the caller may look.' },
  watch_unknown: { code: -32003, help: 'No such watch where the caller may look.' },
  review_unknown: { code: -32003, help: 'No such review where the caller may look.' },
  message_unknown: { code: -32003, help: 'No such message still waiting to be seen.' },
  webhook_unknown: { code: -32003, help: 'No such webhook where the caller may look.' },
  letter_unknown: { code: -32003, help: 'No such dead letter where the caller may look.' },
  lease_unknown: { code: -32003, help: 'No such lease, or none of the caller’s at that path.' },
  token_unknown: { code: -32003, help: 'No such token.' },
  command_stale: { code: -32004, help: 'The command id is older than the mesh remembers.' },
  peer_ambiguous: { code: -32004, help: 'Several live peers match; name one of the candidates.' },
  peer_retired: { code: -32004, help: 'The peer has left for good.' },
  ask_closed: { code: -32004, help: 'The ask is already closed.' },
  ask_not_question: { code: -32004, help: 'The ask carries no question with options.' },
  option_unknown: { code: -32004, help: 'The option is not one of the question’s.' },
  job_state: { code: -32004, help: 'The job is not in a state that allows this.' },
  lease_stale: { code: -32004, help: 'Another attempt holds the job now.' },
  lease_held: { code: -32004, help: 'Another peer holds a lease on one of the paths.' },
  schedule_never_fires: { code: -32004, help: 'The rule has no next fire.' },
  orchestrator_live: { code: -32004, help: 'The orchestrator is still there.' },
  orchestrator_away: { code: -32004, help: 'Who is to take over is offline.' },
  handed_over: { code: -32004, help: 'Somebody has taken over from that peer already.' },
  generation_stale: { code: -32004, help: 'Another consumer has taken the inbox.' },
  hop_limit: { code: -32004, help: 'The chain of causes or replies is too long; ask a person.' },
  budget_spent: { code: -32004, help: 'The budget of the peer or circle is used up.' },
  too_large: { code: -32005, help: 'The text or event is over its limit.' },
  rate_limited: { code: -32005, help: 'Too many commands; wait and try again.', retry: true },
  inbox_full: { code: -32005, help: 'The recipient’s inbox is full.' },
  cursor_foreign: { code: -32006, help: 'The cursor belongs to another log.' },
  cursor_diverged: { code: -32006, help: 'The history before the cursor differs from this log’s.' },
  cursor_ahead: { code: -32006, help: 'The cursor is ahead of this log.' },
  unavailable: { code: -32007, help: 'The log cannot be reached just now.', retry: true },
} as const satisfies Record<string, { code: number; help: string; retry?: boolean }>;

export type RefusalName = keyof typeof refusals;

export interface Refusal {
  refusal: RefusalName;
  /** A sentence that says what to do next. */
  message: string;
  data?: Record<string, unknown>;
}

/**
 * A refusal as a value, which is returned and never thrown. `message` ends in what to do next;
 * `data` is for programs, and goes over the wire as it is.
 */
export function refuse(
  refusal: RefusalName,
  message: string,
  data?: Record<string, unknown>,
): Refusal {
  return data ? { refusal, message, data } : { refusal, message };
}

/** Tells a refusal from what was asked for, by its field `refusal`. */
export function isRefusal(value: object | undefined): value is Refusal {
  return value !== undefined && 'refusal' in value;
}

/** To a client these are shades of `invalid`. */
const framing: ReadonlySet<RefusalName> = new Set<RefusalName>([
  'parse_error',
  'invalid_request',
  'method_unknown',
]);

/**
 * The JSON-RPC error object of a refusal; its name and `retry` stand in `data`, the number is for
 * others' tools. https://www.jsonrpc.org/specification#error_object
 */
export function rpcError({ refusal, message, data }: Refusal) {
  const row: { code: number; retry?: boolean } = refusals[refusal];
  const retry = row.retry === true;
  const name = framing.has(refusal) ? 'invalid' : refusal;
  return { code: row.code, message, data: { refusal: name, retry, ...data } };
}

/** Refusals that a broker which is behind might give wrongly: it folds up to the head first. */
export const stateRefusals: ReadonlySet<RefusalName> = new Set<RefusalName>([
  'unauthorized',
  'forbidden',
  'circle_forbidden',
  'not_yours',
  'peer_unknown',
  'ask_unknown',
  'job_unknown',
  'schedule_unknown',
  'review_unknown',
  'message_unknown',
  'token_unknown',
  'webhook_unknown',
  'letter_unknown',
  'lease_unknown',
  'peer_ambiguous',
  'peer_retired',
  'ask_closed',
  'job_state',
  'lease_stale',
  'lease_held',
  'budget_spent',
  'orchestrator_live',
  'orchestrator_away',
  'handed_over',
  'generation_stale',
  'inbox_full',
  'cursor_ahead',
]);
