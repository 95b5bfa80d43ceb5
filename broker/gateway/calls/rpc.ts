// JSON-RPC dispatch: one call from its raw item past every check to its handler.
import type { Request } from '../../../schemas/frame.js';
import { limits } from '../../../schemas/limits.js';
import { isMethod, type MethodName, methodRow } from '../../../schemas/method.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import { standingOf } from '../../core/rows/standing.js';
import type { Author } from '../../core/words.js';
import type { Door } from '../../runtime/door.js';
import { doorTime } from '../shared/access.js';
import type { Rates } from '../shared/rates.js';
import { asCallId } from './call-id.js';
import type { Call, Run } from './caller.js';
import type { Handlers } from './handlers.js';
import { FlawedCall } from './incoming.js';
import { readParams } from './params.js';

export interface RpcParts {
  door: Door;
  rates: Rates;
  handlers: Handlers;
}

/**
 * Carries out calls: each is answered exactly once, with a result or a refusal. Never throws. The
 * codes of refusals are those of JSON-RPC where it has one.
 * https://www.jsonrpc.org/specification#error_object
 */
export function createRpc({ door, rates, handlers }: RpcParts): Run {
  return call => {
    call.guard(() => {
      const request = readRequest(call);
      const refusal = isRefusal(request) ? request : check(call, request, door, rates);
      if (refusal === undefined) handlers(call);
      else call.answer(refusal);
    });
    // A page that begins with anything but its code has nothing to say here.
    if (call.caller.author === undefined) call.caller.channel.dismiss('session.start comes first');
  };
}

function check(call: Call, request: KnownRequest, door: Door, rates: Rates): Refusal | undefined {
  const { method } = request;
  call.method = method;
  const refusal = mayCall(call.caller.author, method, door, rates);
  if (refusal !== undefined) return refusal;
  const read = readParams(method, request.params);
  if (isRefusal(read)) return read;
  call.params = read.params;
  return undefined;
}

type KnownRequest = Request & { method: MethodName };

function readRequest(call: Call): KnownRequest | Refusal {
  if (call.item instanceof FlawedCall) {
    call.id = call.item.id;
    return refuse('invalid', `The call is not carried out: ${call.item.flaw}.`);
  }
  const item = call.item as Partial<Request> | null;
  const isObject = typeof item === 'object' && item !== null && !Array.isArray(item);
  // Whoever waits for an answer waits for it under this id, whatever else is wrong.
  call.id = isObject ? asCallId(item.id) : null;
  if (!isObject || item.jsonrpc !== '2.0' || typeof item.method !== 'string') {
    return refuse(
      'invalid_request',
      'Send {"jsonrpc": "2.0", "id": …, "method": …, "params": {…}}.',
    );
  }
  if (!isId(item.id)) {
    return refuse('invalid_request', `Let \`id\` be a number or a text of at most ${ID_CHARS}.`);
  }
  call.id = item.id;
  if (!isMethod(item.method)) {
    return refuse('method_unknown', 'There is no such method; /openrpc.json lists them all.');
  }
  return item as KnownRequest;
}

const ID_CHARS = limits.call_id_chars;

function isId(id: unknown): boolean {
  if (typeof id === 'string') return id.length <= ID_CHARS;
  return id === undefined || id === null || typeof id === 'number';
}

/**
 * Why the author may not call the method now; a call is taken from its rate. Refuses with
 * `unauthorized`, `peer_retired`, `invalid`, `rate_limited`, `forbidden`.
 */
export function mayCall(
  author: Author | undefined,
  method: MethodName,
  door: Door,
  rates: Rates,
): Refusal | undefined {
  const { who, verb } = methodRow(method);
  if (author === undefined) {
    return who === 'page' ? undefined : refuse('unauthorized', 'Begin with session.start {code}.');
  }
  if (who === 'page') return refuse('invalid', 'This connection has its credential already.');
  const wait = rates.take(author);
  if (wait > 0) {
    return refuse('rate_limited', `Wait ${wait} s and try again.`, { retry_after_s: wait });
  }
  return mayDo(author, verb, door) ?? (who === 'peer' ? mustBePeer(author) : undefined);
}

function mayDo(author: Author, verb: string, door: Door): Refusal | undefined {
  const held = standingOf(door.table, author, doorTime(door));
  if (isRefusal(held)) return held;
  if (verb === 'any' || held.verbs.some(one => one === verb)) return undefined;
  return refuse('forbidden', `The token may not ${verb}; use one that has this verb.`);
}

function mustBePeer({ peer }: Author): Refusal | undefined {
  if (peer !== undefined) return undefined;
  return refuse('forbidden', 'Speak for a peer first: peer.join, peer.attach or its secret.');
}
