// Calls by POST, for hooks and the command line: no socket, no session, the same rules of retry.
//
// Whoever starts often starts fast: this file and all that it imports know neither zod, nor ws,
// nor commander, nor any module of Node.
import { TIME_HEADER } from '../../schemas/frame.js';
import { limits } from '../../schemas/limits.js';
import type { MethodName, Result } from '../../schemas/method.js';
import { rpcUrl } from './address.js';
import type { CallParams } from './api.js';
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
import { Attempts, rest } from './retry.js';

/** Where to call, and as whom. */
export interface RpcOptions {
  /** `http://127.0.0.1:7117`, or the `ws` form of it. */
  url: string;
  /** The Bearer credential: operator token, a token's secret, or `<peer>.<secret>`. */
  credential: string;
  /** How long the answer may take, retries included, in ms. Default: 30000. */
  wait_ms?: number;
  /** Learns the broker's time; give several calls the same. Default: a new one. */
  time?: BrokerTime;
}

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
 * Calls one method once. Rejects with RefusalError when the broker refuses, and with ClientError
 * `unreachable` (nobody listens there) or `timeout`; the outcome of a command is then unknown,
 * and a call with the error's `id` settles it.
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
  const { time = new BrokerTime(), wait_ms = limits.call_wait_ms } = options;
  const until = performance.now() + wait_ms;
  const attempts = new Attempts(method, { ...params }, time, tries);
  for (;;) {
    try {
      const left_ms = Math.max(1, until - performance.now());
      return await sendOnce({ ...options, time, wait_ms: left_ms }, method, attempts);
    } catch (error) {
      if (!(error instanceof RefusalError || error instanceof ClientError)) throw error;
      const rest_ms = attempts.restAfter(error, Math.random());
      // Nothing is gained by waiting for an attempt that would come too late.
      if (rest_ms === undefined || performance.now() + rest_ms >= until) throw error;
      await rest(rest_ms);
    }
  }
}

async function sendOnce(
  options: Required<RpcOptions>,
  method: MethodName,
  attempts: Attempts,
): Promise<unknown> {
  const params = attempts.next();
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const { sentId } = attempts;
  const response = await post(options, body, sentId);
  const told = Number(response.headers.get(TIME_HEADER) ?? Number.NaN);
  if (Number.isSafeInteger(told)) options.time.learn(told);
  return read(await bodyOf(response, options.url, sentId), response.status);
}

async function post(options: Required<RpcOptions>, body: string, id?: string): Promise<Response> {
  // The words of fetch would show the credential to whoever reads the error.
  if (!HEADER_TEXT.test(options.credential)) {
    throw new RefusalError(refused('unauthorized', credentialHelp));
  }
  try {
    return await fetch(rpcUrl(options.url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${options.credential}`,
        'content-type': 'application/json',
      },
      body,
      signal: AbortSignal.timeout(timerMs(options.wait_ms)),
    });
  } catch (error) {
    throw failure(error, options.url, id);
  }
}

/** Only whole milliseconds are taken, and no more than a timer holds. */
function timerMs(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), limits.timer_max_ms);
}

function failure(error: unknown, url: string, id?: string): ClientError {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new ClientError('timeout', `${url} did not answer in time; call again`, id);
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new ClientError('unreachable', noBroker(url, why), id);
}

async function bodyOf(response: Response, url: string, id?: string): Promise<Body> {
  const text = await response.text().catch(error => {
    throw failure(error, url, id);
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
