// JSON-RPC 2.0 frames both ways, and the version of the protocol.
import type { InboxItem } from './message.js';
import type { rpcError } from './refusal.js';

export const PROTOCOL = 'signalbox.v1';
export const SUBPROTOCOLS = { json: `${PROTOCOL}.json`, msgpack: `${PROTOCOL}.msgpack` } as const;
export type Encoding = keyof typeof SUBPROTOCOLS;

/** The header of a POST's answer that tells the broker's time, in ms UTC. */
export const TIME_HEADER = 'x-signalbox-time';

/** The header of a POST that says which position its broker must have folded first. */
export const MIN_POSITION_HEADER = 'x-signalbox-min-position';

export type RpcId = string | number | null;

export interface Request {
  jsonrpc: '2.0';
  /** Absent on a notification, which is carried out without an answer. */
  id?: RpcId;
  method: string;
  params?: Record<string, unknown>;
}

export type Response =
  | { jsonrpc: '2.0'; id: RpcId; result: unknown }
  | { jsonrpc: '2.0'; id: RpcId; error: ReturnType<typeof rpcError> };

/** What the server says unasked. */
export interface Notifications {
  'inbox.item': InboxItem;
  'inbox.gone': { position: number; ref: string; reason: string };
  'inbox.taken': { generation: number };
  'log.records': {
    subscription: string;
    after: string;
    to: string;
    live: boolean;
    records: unknown[][];
  };
}

/** Close codes of the WebSocket beside the standard ones. */
export const closeCodes = {
  protocol: 1002,
  wrong_type: 1003,
  policy: 1008,
  too_large: 1009,
  internal: 1011,
  restart: 1012,
  revoked: 4001,
} as const;
