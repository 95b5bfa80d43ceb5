// One attempt to deliver: an HTTP POST to a checked address, and what its answer means.
import * as http from 'node:http';
import * as https from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { WebhookFault } from '../../../schemas/events/webhook.js';
import { limits } from '../../../schemas/limits.js';
import { readWebhookUrl } from '../../../schemas/webhook-url.js';
import type { WebhookState } from '../../core/rows/webhooks.js';
import { isAllowedAddress, LookupFault, safeLookup } from './safe-lookup.js';
import type { SignedMessage } from './signature.js';

export interface PostTarget {
  url: string;
  /** The host that may lie in a private network; absent: none. */
  allowed: string | undefined;
}

export type PostOutcome =
  | { ok: true; status: number }
  | { ok: false; reason: WebhookFault; status?: number; retry_after_s?: number };

/** Whom a webhook is told to. */
export function targetOf({ url, allow_private }: WebhookState): PostTarget {
  return { url, allowed: allow_private };
}

/** Delivers to one receiver; connections are kept for the next message for a little while. */
export interface Poster {
  post(message: SignedMessage, signal: AbortSignal): Promise<PostOutcome>;
  close(): void;
}

/**
 * Follows no redirect, reads `limits.outgoing_answer_bytes` of an answer at most, and gives up
 * after `limits.outgoing_attempt_ms`. `post` never rejects.
 */
export function createPoster(
  target: PostTarget,
  lookup = safeLookup(target.allowed),
  attempt_ms: number = limits.outgoing_attempt_ms,
): Poster {
  const isPlain = /^http:/i.test(target.url);
  const agent = new (isPlain ? http : https).Agent({
    keepAlive: true,
    maxSockets: 1,
    keepAliveMsecs: limits.outgoing_idle_ms,
    timeout: limits.outgoing_idle_ms + attempt_ms,
  });
  const attempt = (message: SignedMessage, signal: AbortSignal) => {
    const options = { agent, lookup, signal, method: 'POST', headers: message.headers };
    const request = (isPlain ? http : https).request(target.url, options);
    return outcomeOf(request, target, message.body);
  };
  return {
    async post(message, outside) {
      const read = readWebhookUrl(target.url, target.allowed);
      const isBad = typeof read === 'string' || !isAllowedHost(read.host, target.allowed);
      if (isBad) return { ok: false, reason: 'refused_address' };
      const deadline = AbortSignal.timeout(attempt_ms);
      const signal = AbortSignal.any([outside, deadline]);
      const first = await attempt(message, signal);
      // It had closed the kept connection before it read anything: that was no attempt.
      const outcome = first === 'stale' ? await attempt(message, signal) : first;
      if (outcome === 'stale') return { ok: false, reason: 'connection_failed' };
      return !outcome.ok && deadline.aborted ? { ok: false, reason: 'timeout' } : outcome;
    },
    close: () => agent.destroy(),
  };
}

/** A literal address is judged here, as nobody looks it up; a name when it is. */
function isAllowedHost(host: string, allowed: string | undefined): boolean {
  return isIP(host) === 0 || isAllowedAddress(host, allowed);
}

function outcomeOf(
  request: http.ClientRequest,
  { allowed }: PostTarget,
  body: string,
): Promise<PostOutcome | 'stale'> {
  return new Promise(resolve => {
    let hasAnswer = false;
    request.on('socket', socket => {
      const check = () => {
        if (!isCheckedSocket(socket, allowed)) request.destroy(new LookupFault('refused_address'));
      };
      if (socket.connecting) socket.once('connect', check);
      else check();
    });
    request.on('response', response => {
      hasAnswer = true;
      answerOf(response).then(resolve);
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (hasAnswer) return;
      if (error instanceof LookupFault) resolve({ ok: false, reason: error.reason });
      else if (request.reusedSocket && isReset(error)) resolve('stale');
      else resolve({ ok: false, reason: 'connection_failed' });
    });
    // Without an answer and without an error, too, it has an end.
    request.on('close', () => {
      if (!hasAnswer) resolve({ ok: false, reason: 'connection_failed' });
    });
    request.end(body);
  });
}

/** Once more where it ended: whatever looked up the name, this is who is spoken to. */
function isCheckedSocket({ remoteAddress }: Socket, allowed: string | undefined): boolean {
  return remoteAddress !== undefined && isAllowedAddress(remoteAddress, allowed);
}

function isReset({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/** The status is the verdict, once the answer is there as a whole, or as much as is read of it. */
function answerOf(response: http.IncomingMessage): Promise<PostOutcome> {
  const verdict = verdictOf(response);
  return new Promise(resolve => {
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limits.outgoing_answer_bytes) return;
      resolve(verdict);
      response.destroy();
    });
    response.on('end', () => resolve(verdict));
    response.on('error', () => {});
    response.on('close', () => resolve(verdict.ok ? broken(verdict.status) : verdict));
  });
}

const broken = (status: number): PostOutcome => ({ ok: false, reason: 'answer_broken', status });

function verdictOf({ statusCode: status = 0, headers }: http.IncomingMessage): PostOutcome {
  if (status >= 200 && status < 300) return { ok: true, status };
  const reason = status >= 300 && status < 400 ? 'redirect' : 'status';
  const retry_after_s = secondsIn(headers['retry-after'], headers.date);
  return { ok: false, reason, status, ...(retry_after_s !== undefined && { retry_after_s }) };
}

/** Seconds, or a date as seen from the answer's own. https://www.rfc-editor.org/rfc/rfc9110 */
function secondsIn(text: string | undefined, from: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const seconds = (Date.parse(text) - Date.parse(from ?? '')) / 1_000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}
