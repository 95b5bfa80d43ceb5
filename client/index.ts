// The public door of the SDK for Node: connect, callOnce, and the shapes they speak in.
import type { Client, ConnectOptions } from './sdk/api.js';
import { open } from './sdk/client.js';
import { nodeDial } from './sdk/socket.js';

export type { Thread } from '../schemas/ask.js';
export type {
  AskedMany,
  CallArguments,
  CallOptions,
  CallParams,
  ClaimedJob,
  Client,
  ConnectOptions,
  Identity,
  Inbox,
  JobHandler,
  Joined,
  Notice,
  OpenAsk,
  Peer,
  Received,
  ReceivedAsk,
  ReceivedMessage,
  Rollup,
  Worker,
  WorkOptions,
} from './sdk/api.js';
export { Brokers } from './sdk/brokers.js';
export { ClientError, type ClientErrorCode, RefusalError } from './sdk/errors.js';
export { newIdentity } from './sdk/identity.js';
export type * from './sdk/live-rows.js';
export type { Batch, LogPage, LogReading, Observation } from './sdk/log-api.js';
export type {
  AskManyOptions,
  AskOptions,
  CommandOptions,
  JobNews,
  JobOptions,
  JobOutcome,
  JoinParams,
  NotifyOptions,
  ObserveOptions,
  Once,
  ReadOptions,
  Recurring,
  SayOptions,
  ScheduleOptions,
  TouchOptions,
  WatchOptions,
  When,
} from './sdk/options.js';
export { callOnce, type RpcOptions } from './sdk/post.js';

/** How to connect from Node. */
export interface NodeConnectOptions extends ConnectOptions {
  /** The Bearer credential: operator token, a token's secret, or `<peer>.<secret>`. */
  credential: string;
}

const PEER_CREDENTIAL = /^(?<peer>peer_[^.]+)\.(?<secret>.+)$/;

/**
 * Connects to a mesh and resolves once a broker has let the client in. Rejects with RefusalError
 * (`unauthorized`, `forbidden`, or what `join` was refused for) or ClientError `unreachable`.
 * With a peer's own credential, `client.peer` is set without joining.
 */
export function connect(options: NodeConnectOptions): Promise<Client> {
  const words = PEER_CREDENTIAL.exec(options.credential)?.groups;
  const { peer, secret } = words ?? {};
  return open(options, {
    dial: nodeDial(options.credential),
    greeting: () => ({ method: 'peer.whoami', params: {} }),
    greeted: () => {},
    ...(peer && secret ? { identity: { peer, secret } } : {}),
  });
}
