// Calls by POST, for hooks and the command line: no socket, no session, the same rules of retry.
//
// Whoever starts often starts fast: this file and all that it imports know neither zod, nor ws,
// nor commander, nor any module of Node.
import { MIN_POSITION_HEADER, TIME_HEADER } from '../../schemas/frame.js';
import { limits } from '../../schemas/limits.js';
import type { MethodName, Result } from '../../schemas/method.js';
import { rpcUrl } from './address.js';
import type { CallParams } from './api.js';
import { Brokers } from './brokers.js';
import {
  addressHelp,
  asRefused,
  ClientError,
  credentialHelp,
  noBroker,
  notVoid,
  RefusalError,
  refused,
} from './errors.js';
import type { CallFields } from './followers.js';
import { BrokerTime } from './identity.js';
import { Attempts, mayRepeat, rest } from './retry.js';
import { watchLife } from './sign-of-life.js';

/** Where to call, and as whom. */
export interface RpcOptions {
  /**
   * `http://127.0.0.1:7117`, or the `ws` form of it; several brokers of one mesh as a list. Give
   * several calls the same `Brokers`, and they go on with the one that answered.
   */
  url: string | readonly string[] | Brokers;
  /** The Bearer credential: operator token, a token's secret, or `<peer>.<secret>`. */
  credential: string;
  /** How long the answer may take, retries included, in ms. Default: 30000. */
  wait_ms?: number;
  /** Learns the broker's time; give several calls the same. Default: a new one. */
  time?: BrokerTime;
  /** Sends one request. Default: `fetch`. */
  send?: Send;
}

/** What is sent. */
export interface PostRequest {
  method: 'POST';
  headers: Record<string, string>;
  body: string;
  /** Ends it; it then rejects with the signal's reason. */
  signal: AbortSignal;
}

/** What of an answer is read. */
export interface Posted {
  status: number;
  headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/** As `fetch`, of which no more is used: the command line has one that loads faster. */
export type Send = (url: string, request: PostRequest) => Promise<Posted>;

/** What a header may hold; white space around it is no part of it. */
const HEADER_TEXT = /^[\x20-\x7e]*\s*$/;

interface Body {
  result?: unknown;
  error?: { message?: string; data?: object };
}

/**
 * Calls one method until it is settled: what may succeed later is repeated a few times under the
 * same command id. Rejects with RefusalError when the broker refuses, or when the command reached
 * the log and lost there (`data.void` is then the reason); else as `callOnce` does.
 */
export async function call<M extends MethodName>(
  options: RpcOptions,
  method: M,
  params: CallParams<M>,
): Promise<Result<M>> {
  return notVoid(await attempt(options, method, params, limits.post_tries)) as Result<M>;
}

/**
 * Calls one method once, at each of several brokers until one serves. Rejects with RefusalError
 * when the broker refuses, and with ClientError `unreachable` (nobody listens there) or `timeout`;
 * the outcome of a command is then unknown, and a call with the error's `id` settles it.
 */
export async function callOnce<M extends MethodName>(
  options: RpcOptions,
  method: M,
  params: CallParams<M>,
): Promise<Result<M>> {
  return (await attempt(options, method, params, 1)) as Result<M>;
}

async function attempt(
  options: RpcOptions,
  method: MethodName,
  params: CallFields,
  tries: number,
): Promise<unknown> {
  const {
    credential,
    time = new BrokerTime(),
    wait_ms = limits.call_wait_ms,
    send = fetch,
  } = options;
  const brokers = options.url instanceof Brokers ? options.url : new Brokers(options.url);
  const until = performance.now() + wait_ms;
  const others = brokers.urls.length - 1;
  const attempts = new Attempts(method, { ...params }, time, tries + others);
  for (let left = others; ; left = left > 0 ? left - 1 : others) {
    const { url } = brokers;
    try {
      const left_ms = Math.max(1, until - performance.now());
      const sending = { url, brokers, credential, time, send, wait_ms: left_ms };
      return await sendOnce(sending, method, attempts);
    } catch (error) {
      if (!(error instanceof RefusalError || error instanceof ClientError)) throw error;
      const told_ms = attempts.restAfter(error, Math.random());
      if (mayRepeat(error)) brokers.leave(url);
      // Whoever is asked next has not said that it wants to be left in peace.
      const rest_ms = told_ms !== undefined && left > 0 ? 0 : told_ms;
      // Nothing is gained by waiting for an attempt that would come too late.
      if (rest_ms === undefined || performance.now() + rest_ms >= until) throw error;
      await rest(rest_ms);
    }
  }
}

/** One attempt: at which broker, and for how long. */
interface Sending {
  url: string;
  brokers: Brokers;
  credential: string;
  time: BrokerTime;
  send: Send;
  wait_ms: number;
}

async function sendOnce(
  options: Sending,
  method: MethodName,
  attempts: Attempts,
): Promise<unknown> {
  const { url, brokers, time } = options;
  const params = attempts.next();
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const { sentId } = attempts;
  const response = await post(options, body, sentId);
  const told = Number(response.headers.get(TIME_HEADER) ?? Number.NaN);
  if (Number.isSafeInteger(told)) time.learn(told);
  const result = read(await bodyOf(response, options, sentId), response.status);
  const { verdict, position } = (result ?? {}) as { verdict?: unknown; position?: unknown };
  if (verdict !== undefined) brokers.learn(url, position);
  return result;
}

async function post(options: Sending, body: string, id?: string): Promise<Posted> {
  const { url, brokers, credential, send, wait_ms } = options;
  const floor = brokers.floor(url);
  // The words of fetch would show the credential to whoever reads the error.
  if (!HEADER_TEXT.test(credential)) {
    throw new RefusalError(refused('unauthorized', credentialHelp));
  }
  const life = brokers.urls.length > 1 ? watchLife(url) : undefined;
  const timeout = AbortSignal.timeout(timerMs(wait_ms));
  try {
    return await send(rpcUrl(url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${credential}`,
        'content-type': 'application/json',
        ...(floor !== undefined && { [MIN_POSITION_HEADER]: String(floor) }),
      },
      body,
      signal: life === undefined ? timeout : AbortSignal.any([timeout, life.signal]),
    });
  } catch (error) {
    throw failure(error, options, id);
  } finally {
    life?.stop();
  }
}

/** Only whole milliseconds are taken, and no more than a timer holds. */
function timerMs(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), limits.timer_max_ms);
}

function failure(error: unknown, { url, brokers }: Sending, id?: string): ClientError {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new ClientError('timeout', `${url} did not answer in time; call again`, id);
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new ClientError('unreachable', noBroker(brokers.urls.join(', '), why), id);
}

async function bodyOf(response: Posted, sending: Sending, id?: string): Promise<Body> {
  const { url } = sending;
  const text = await response.text().catch(error => {
    throw failure(error, sending, id);
  });
  const body = parsed(text);
  if (body?.error || body?.result) return body;
  if (response.status === 401 || response.status === 403) return {};
  throw new ClientError(
    'unreachable',
    `${url} answered HTTP ${response.status}, not as a Signalbox broker; correct the URL`,
    id,
  );
}

function parsed(text: string): Body | undefined {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}

function read(body: Body, status: number): unknown {
  if (body.error) throw new RefusalError(asRefused(body.error));
  if (status === 401) throw new RefusalError(refused('unauthorized', credentialHelp));
  if (status === 403) throw new RefusalError(refused('forbidden', addressHelp));
  return body.result;
}
