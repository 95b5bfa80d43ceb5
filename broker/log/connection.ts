// The connection to NATS, in our own words; the only file that knows the nats package.
import { readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import {
  type Authenticator,
  connect,
  createInbox,
  Events,
  headers,
  jwtAuthenticator,
  type NatsConnection,
  NatsError,
  nkeyAuthenticator,
  nkeys,
} from 'nats';
import { limits } from '../../schemas/limits.js';
import { watchPulse } from './following/pulse.js';
import { readStoreAddress, readStoreKey } from './store-address.js';
import { StoreError, type Wire, type WireWatcher } from './wire.js';

/** Where a mesh's log is, and how one gets in, as plain data. */
export interface StoreAccess {
  /** `nats://[user:password@]host[:port]`; several servers of one cluster with commas. */
  url: string;
  /** Instead of credentials in the URL. */
  user?: string;
  password?: string;
  /** A file with a user's nkey seed, and its JWT perhaps; read again at each connection. */
  credsFile?: string | undefined;
  mesh: string;
}

export interface Connecting extends StoreAccess {
  /** Told what a person should know: connection lost, back, not allowed. Never a secret. */
  onNotice(line: string): void;
}

/**
 * Connects, and keeps connected until closed. Throws a StoreError when no server answers or lets
 * us in, and with the code `secret_unusable` for a credentials file that is none.
 */
export async function openWire(config: Connecting): Promise<Wire> {
  const address = readStoreAddress(config.url);
  const { credsFile } = config;
  if (credsFile && (address.user ?? address.token) !== undefined) {
    throw new StoreError('Give NATS credentials in the address or in a file, not in both.');
  }
  const authenticator = credsFile ? keyBearer(credsFile, config.onNotice) : undefined;
  try {
    const connection = await connect({
      // What the reports of a NATS server show of a connection.
      name: `signalbox ${config.mesh} ${hostname()} ${process.pid}`,
      servers: address.servers,
      user: config.user ?? address.user,
      pass: config.password ?? address.password,
      token: address.token,
      ...(authenticator && { authenticator }),
      tls: address.tls ? {} : undefined,
      timeout: limits.store_wait_ms,
      // Never its own, to which only an answer counts; the most that a timer takes.
      pingInterval: 2 ** 31 - 1,
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

/**
 * Signs the challenge of the server with what stands in the file by then: keys are rotated, and
 * JWTs expire, while a broker runs. A file that has been spoilt since is told of, and what was
 * read before goes on.
 * https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth
 */
function keyBearer(file: string, onNotice: (line: string) => void): Authenticator {
  let signed = readKey(file);
  const isOpen = (statSync(file).mode & 0o077) !== 0;
  if (isOpen) onNotice(`others may read the NATS credentials ${file}; chmod 600 helps`);
  return nonce => {
    try {
      signed = readKey(file);
    } catch (error) {
      onNotice(`${(error as Error).message} Those that were read before are used.`);
    }
    return signed(nonce);
  };
}

/** No message of this repeats what stands in the file. */
function readKey(file: string): Authenticator {
  const unusable = (why: string) => {
    const message = `The NATS credentials ${file} cannot be used: ${why}.`;
    return Object.assign(new Error(message), { code: 'secret_unusable' });
  };
  let text: string;
  try {
    const found = statSync(file);
    if (!found.isFile()) throw unusable('that is no file');
    if (found.size > limits.nats_creds_bytes) throw unusable('that is too much for a key');
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw code === 'secret_unusable' ? error : unusable(code || message);
  }
  const { seed, jwt } = readStoreKey(text) ?? {};
  if (seed === undefined)
    throw unusable('it has neither a user JWT with its seed nor a seed alone');
  const bytes = Buffer.from(seed);
  try {
    nkeys.fromSeed(bytes);
  } catch {
    throw unusable('its seed is damaged');
  }
  return jwt === undefined ? nkeyAuthenticator(bytes) : jwtAuthenticator(jwt, bytes);
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
  const leave = () => void connection.reconnect();
  const rest = watchPulse({
    isConnected: () => state.isConnected,
    received: () => connection.stats().inMsgs,
    ping: () => connection.flush(),
    leave,
  });
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
    leave,
    close() {
      rest();
      return connection.close();
    },
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
