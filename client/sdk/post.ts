// One call by POST, for hooks and the command line: no socket, no state, the same errors.

import { isProposing } from '../../schemas/event.js';
import { TIME_HEADER } from '../../schemas/frame.js';
import { limits } from '../../schemas/limits.js';
import type { MethodName, Result } from '../../schemas/method.js';
import { rpcUrl } from './address.js';
import type { CallParams } from './api.js';
import {
  addressHelp,
  asRefused,
  brokerTimeIn,
  ClientError,
  credentialHelp,
  noBroker,
  RefusalError,
  refused,
} from './errors.js';
import type { Fields } from './followers.js';
import { BrokerTime } from './identity.js';

export interface RpcOptions {
  /** `http://127.0.0.1:7117`, or the `ws` form of it. */
  url: string;
  /** The Bearer credential: operator token, a token's secret, or `<peer>.<secret>`. */
  credential: string;
  /** How long the answer may take. Default 30 s. */
  wait_ms?: number;
  /** Learns the broker's time from every answer; give several calls the same. */
  time?: BrokerTime;
}

interface Body {
  result?: unknown;
  error?: { message?: string; data?: object };
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
  const time = options.time ?? new BrokerTime();
  const send = () => sendOnce(options, time, method, time.withId(method, { ...params }));
  try {
    return (await send()) as Result<M>;
  } catch (error) {
    // An id of ours that was refused for its time has done nothing: one of the broker's time may.
    const told = error instanceof RefusalError ? brokerTimeIn(error) : undefined;
    if (told === undefined || !isProposing(method) || 'id' in params) throw error;
    time.learn(told);
    return (await send()) as Result<M>;
  }
}

async function sendOnce(
  options: RpcOptions,
  time: BrokerTime,
  method: MethodName,
  params: Fields,
): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const id = typeof params.id === 'string' ? params.id : undefined;
  const response = await post(options, body, id);
  const told = Number(response.headers.get(TIME_HEADER) ?? Number.NaN);
  if (Number.isSafeInteger(told)) time.learn(told);
  return read(await bodyOf(response, options.url), response.status);
}

async function post(options: RpcOptions, body: string, id?: string): Promise<Response> {
  try {
    return await fetch(rpcUrl(options.url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${options.credential}`,
        'content-type': 'application/json',
      },
      body,
      // Only whole milliseconds are taken, and a caller may have measured its own.
      signal: AbortSignal.timeout(Math.ceil(options.wait_ms ?? limits.call_wait_ms)),
    });
  } catch (error) {
    throw failure(error, options.url, id);
  }
}

function failure(error: unknown, url: string, id?: string): ClientError {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new ClientError('timeout', `${url} did not answer in time; call again`, id);
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new ClientError('unreachable', noBroker(url, why), id);
}

async function bodyOf(response: Response, url: string): Promise<Body> {
  try {
    return (await response.json()) as Body;
  } catch {
    if (response.status === 401 || response.status === 403) return {};
    throw new ClientError(
      'unreachable',
      `${url} answered HTTP ${response.status}, not as a Signalbox broker; correct the URL`,
    );
  }
}

function read(body: Body, status: number): unknown {
  if (body.error) throw new RefusalError(asRefused(body.error));
  if (status === 401) throw new RefusalError(refused('unauthorized', credentialHelp));
  if (status === 403) throw new RefusalError(refused('forbidden', addressHelp));
  return body.result;
}
