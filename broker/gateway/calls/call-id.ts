// The JSON-RPC id of a call as it came: it goes back the same, even when no value of ours holds it.
import { encode, pack, packMap } from '../../../schemas/codec.js';
import type { Encoding, Response, RpcId } from '../../../schemas/frame.js';
import { type Refusal, rpcError } from '../../../schemas/refusal.js';
import { causeOf, internal } from '../../system/fault.js';
import { Listed } from '../shared/listed.js';
import type { Logger } from '../shared/logger.js';

/** An id by its source: the text of a JSON number, or the bytes of anything in msgpack. */
export class SourceId {
  readonly source: string | Uint8Array;

  constructor(source: string | Uint8Array) {
    this.source = source;
  }
}

export type CallId = RpcId | SourceId;

type WithCallId<T> = T extends Response ? Omit<T, 'id'> & { id: CallId } : never;

/** A response under the id that its call came with. */
export type Reply = WithCallId<Response>;

/** JSON-RPC knows no ids but texts, numbers and null; under any other the answer bears null. */
export function asCallId(id: unknown): CallId {
  return typeof id === 'string' || typeof id === 'number' || id instanceof SourceId ? id : null;
}

/** The error response that tells a refusal. */
export function failure(id: CallId, refusal: Refusal): Reply {
  return { jsonrpc: '2.0', id, error: rpcError(refusal) };
}

/**
 * Encodes a response or a notification. A response that cannot be is one that says so; of a
 * notification nothing is left, and undefined given.
 */
export function encodeMessage(
  encoding: Encoding,
  message: object,
  log: Logger,
): Uint8Array | string | undefined {
  try {
    return encodeReply(encoding, message);
  } catch (error) {
    log.error({ cause: causeOf(error) }, 'a message could not be encoded');
    const { id } = message as { id?: CallId };
    return id === undefined ? undefined : encodeReply(encoding, failure(id, internal()));
  }
}

/** The id may be a source. */
function encodeReply(encoding: Encoding, message: object): Uint8Array | string {
  if (message instanceof Listed) return message.encoded(encoding, encodeReply);
  const { id } = message as { id?: CallId };
  if (!(id instanceof SourceId)) return encode(encoding, message);
  if (typeof id.source !== 'string') {
    const fields = Object.entries({ ...message, id: undefined });
    return packMap(fields.map(([key, field]) => [key, key === 'id' ? bytesOf(id) : pack(field)]));
  }
  const text = encode('json', { ...message, id: 0 }) as string;
  // The id stands before anything that a caller has a say in.
  return text.replace('"id":0', `"id":${id.source}`);
}

function bytesOf({ source }: SourceId): Uint8Array {
  return source as Uint8Array;
}
