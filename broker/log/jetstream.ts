// The log kept by NATS JetStream; the only file that knows the nats package.
import { hostname } from 'node:os';
import { connect, createInbox, Events, headers, type NatsConnection, NatsError } from 'nats';
import { limits } from '../../schemas/limits.js';
import type { Clock } from '../system/clock.js';
import { AckPath } from './ack-path.js';
import type { LimitedLog } from './byte-limit.js';
import { callUntilAnswered, LeaderWatch, readHead } from './following/head.js';
import { Tail } from './following/tail.js';
import type { Log } from './log.js';
import { readRange } from './reader.js';
import { readStoreAddress } from './store-address.js';
import {
  ensureStream,
  keepReplicated,
  resizeStream,
  streamName,
  streamSubject,
} from './stream-settings.js';
import { StoreError, type StreamInfo, type Wire, type WireWatcher } from './wire.js';

/** Where a mesh's log is, and how one gets in, as plain data. */
export interface StoreAccess {
  /** `nats://[user:password@]host[:port]`; several servers of one cluster with commas. */
  url: string;
  /** Instead of credentials in the URL. */
  user?: string;
  password?: string;
  mesh: string;
}

export interface JetStreamConfig extends StoreAccess {
  replicas: number;
  maxBytes: number;
  clock: Clock;
  /** Told what a person should know: connection lost, back, not allowed. Never a secret. */
  onNotice(line: string): void;
}

/** Its limit is never lowered to less than what is stored and a margin. */
export interface JetStreamLog extends Log, LimitedLog {
  /** How many servers keep the stream; a cluster that is just starting may get there later. */
  replicas(): number;
}

/**
 * Connects, makes or checks the mesh's stream, and keeps connected until closed.
 * Throws when no server answers, or when a stream of that name cannot keep a log.
 */
export async function openJetStream(config: JetStreamConfig): Promise<JetStreamLog> {
  const stream = streamName(config.mesh);
  const wire = await openWire(config);
  try {
    const line = { wire, clock: config.clock };
    let replicas = await ensureStream(line, config);
    const isLacking = wire.isClustered() && replicas < config.replicas;
    const onReplicated = (now: number) => {
      replicas = now;
    };
    const stopRaising = isLacking ? keepReplicated(line, config, onReplicated) : undefined;
    const log = keeper(wire, stream, config);
    const close = () => {
      stopRaising?.();
      return log.close();
    };
    return { ...log, close, replicas: () => replicas };
  } catch (error) {
    await wire.close();
    throw error;
  }
}

/**
 * The same for one who only reads: the stream must be there, and is neither made nor changed.
 * Throws when no server answers.
 */
export async function openReader(config: ReaderConfig): Promise<Log> {
  const wire = await openWire(config);
  const stream = streamName(config.mesh);
  try {
    await callUntilAnswered({ wire, clock: config.clock }, `STREAM.INFO.${stream}`);
    return keeper(wire, stream, config);
  } catch (error) {
    await wire.close();
    throw error;
  }
}

type ReaderConfig = Omit<JetStreamConfig, 'replicas' | 'maxBytes'>;

function keeper(wire: Wire, stream: string, config: ReaderConfig): Log & LimitedLog {
  const { clock, onNotice } = config;
  const tails = new Set<Tail>();
  /** The newest sequence that anybody here was told of. */
  let known = 0;
  const learn = (sequence: number): void => {
    known = Math.max(known, sequence);
    for (const tail of tails) tail.expect(sequence);
  };
  const acks = new AckPath({ wire, subject: streamSubject(config.mesh), onStored: learn });
  let heardAt = clock.elapsed();
  const onHeard = (elapsed: number): void => {
    heardAt = elapsed;
  };
  const leader = wire.isClustered()
    ? new LeaderWatch({
        wire,
        clock,
        stream,
        onElected: () => acks.sendAgain(),
        onHead(sequence, elapsed) {
          onHeard(elapsed);
          learn(sequence);
        },
      })
    : undefined;
  const line = { wire, clock };
  const info = () => callUntilAnswered<StreamInfo>(line, `STREAM.INFO.${stream}`);
  const head = async (): Promise<number> => {
    const told = await readHead(line, stream, () => known);
    learn(told);
    return told;
  };
  return {
    append: (id, bytes) => acks.append(id, bytes),
    follow(from, handlers) {
      const told = leader === undefined ? onHeard : () => {};
      const tail = new Tail({ wire, stream, from, handlers, clock, onHeard: told, onNotice });
      tails.add(tail);
      const stop = (): void => {
        tail.stop();
        tails.delete(tail);
      };
      return { stop };
    },
    read: (from, to = Number.POSITIVE_INFINITY) =>
      readRange({ wire, clock, stream, head }, from, to),
    head,
    heardAt: () => heardAt,
    resize: maxBytes => resizeStream(wire, stream, maxBytes),
    async streamBytes() {
      const { config: settings, state } = await info();
      return { bytes: state.bytes, maxBytes: settings.max_bytes };
    },
    async close() {
      leader?.stop();
      for (const tail of tails) tail.stop();
      acks.close();
      await wire.close();
    },
  };
}

async function openWire(config: ReaderConfig): Promise<Wire> {
  const address = readStoreAddress(config.url);
  try {
    const connection = await connect({
      // What the reports of a NATS server show of a connection.
      name: `signalbox ${config.mesh} ${hostname()} ${process.pid}`,
      servers: address.servers,
      user: config.user ?? address.user,
      pass: config.password ?? address.password,
      token: address.token,
      tls: address.tls ? {} : undefined,
      timeout: limits.store_wait_ms,
      pingInterval: limits.store_ping_ms,
      maxReconnectAttempts: -1,
      reconnectTimeWait: limits.store_reconnect_ms,
      reconnectJitter: limits.store_reconnect_ms,
      // A server that restarts may refuse for a while; giving up would need a person to notice.
      ignoreAuthErrorAbort: true,
      noAsyncTraces: true,
    });
    return wireOf(connection, config.onNotice, address.domain);
  } catch (error) {
    throw new StoreError(
      `The NATS server at ${address.servers.join(', ')} cannot be used (${codeOf(error)}). ` +
        'Start it, or check its address and the credentials.',
    );
  }
}

function wireOf(
  connection: NatsConnection,
  onNotice: (line: string) => void,
  domain: string | undefined,
): Wire {
  const root = domain === undefined ? '$JS.API' : `$JS.${domain}.API`;
  const api = (path: string) => `${root}.${path}`;
  const watchers = new Set<WireWatcher>();
  const state = { isConnected: true, isClustered: false };
  watchConnection(connection, watchers, state, onNotice);
  return {
    isConnected: () => state.isConnected,
    isClustered: () => state.isClustered,
    publish(subject, bytes, { reply, id } = {}) {
      connection.publish(subject, bytes, { reply, headers: id ? messageId(id) : undefined });
    },
    subscribe(subject, onMessage) {
      const subscription = connection.subscribe(subject, {
        callback: (error, message) => {
          if (error) onNotice(`the log store refuses a subscription: ${codeOf(error)}`);
          else guarded(() => onMessage(message));
        },
      });
      return () => subscription.unsubscribe();
    },
    async call(path, body, wait_ms) {
      const options = { subject: api(path), path, wait_ms };
      const answer = await call<{ cluster?: { name?: string } }>(connection, options, body);
      // Behind a leaf node only what is said of the stream tells that a cluster keeps it.
      if (answer.cluster?.name !== undefined) state.isClustered = true;
      return answer as never;
    },
    api,
    inbox: () => createInbox(),
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    leave: () => void connection.reconnect(),
    close: () => connection.close(),
  };
}

async function watchConnection(
  connection: NatsConnection,
  watchers: Set<WireWatcher>,
  state: { isConnected: boolean },
  onNotice: (line: string) => void,
): Promise<void> {
  let lastLine = '';
  // While it reconnects, the same trouble comes several times a second.
  const tell = (line: string): void => {
    if (line !== lastLine) onNotice(line);
    lastLine = line;
  };
  for await (const status of connection.status()) {
    if (status.type === Events.Disconnect) {
      tell(`the connection to the log store ${status.data} is lost`);
      state.isConnected = false;
      for (const watcher of watchers) watcher.down();
    } else if (status.type === Events.Reconnect) {
      state.isConnected = true;
      tell(`connected to the log store ${status.data} again`);
      for (const watcher of watchers) watcher.up();
    } else if (status.type === Events.Error) {
      const denied = status.permissionContext;
      tell(`the log store reports ${status.data} ${denied?.subject ?? ''}`.trimEnd());
      if (denied?.operation !== 'publish') continue;
      for (const watcher of watchers) watcher.denied(denied.subject);
    }
  }
}

interface ApiCall {
  subject: string;
  path: string;
  wait_ms?: number | undefined;
}

async function call<Answer>(
  nc: NatsConnection,
  { subject, path, wait_ms = limits.store_wait_ms }: ApiCall,
  body?: object,
): Promise<Answer> {
  const ask = body ? JSON.stringify(body) : '';
  const options = { timeout: Math.max(1, wait_ms) };
  const message = await nc.request(subject, ask, options).catch(error => {
    throw new StoreError(`the log store does not answer ${path} (${codeOf(error)})`);
  });
  const answer = message.json<Answer & { error?: { err_code: number; description: string } }>();
  if (!answer.error) return answer;
  throw new StoreError(`the log store says: ${answer.error.description}`, answer.error.err_code);
}

/** The nats package swallows what a callback throws and stops reading; a bug must be seen. */
function guarded(work: () => void): void {
  try {
    work();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

function messageId(id: string): ReturnType<typeof headers> {
  const made = headers();
  made.set('Nats-Msg-Id', id);
  return made;
}

/** Only the code: a NATS error's text may repeat what it was given. */
function codeOf(error: unknown): string {
  return error instanceof NatsError ? error.code : String((error as Error).message);
}
