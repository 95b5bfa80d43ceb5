// HMAC signatures of GitHub webhooks: whether a delivery is GitHub's, and what it tells.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { limits } from '../../schemas/limits.js';
import { type PullObservation, parseBody, type RepoMove, readPullEvent } from './facts.js';
import { readMove } from './moves.js';

/** What a delivery tells that is worth a line in the log. */
export type News = PullObservation | RepoMove;

/** What a delivery comes to. */
export type WebhookDelivery =
  | { kind: 'news'; delivery: string; news: News }
  | { kind: 'ping' }
  | { kind: 'ignored' }
  | { kind: 'flawed'; flaw: DeliveryFlaw };

/** What keeps a delivery from being believed or read. */
export type DeliveryFlaw =
  | 'unsigned'
  | 'content_type_unknown'
  | 'event_missing'
  | 'delivery_unnamed'
  | 'json_broken'
  | 'pull_request_missing';

const SIGNATURE = /^sha256=([0-9a-f]{64})$/;
const DELIVERY = /^[\w-]+$/;

/** True for what might be one: who sends none at all need not be listened to. */
export function isSignature(signature: Header): boolean {
  return SIGNATURE.test(`${signature}`);
}

/**
 * Reads a delivery whose signature over the raw `body` proves that its sender has the secret.
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function readDelivery(
  headers: IncomingHttpHeaders,
  body: Uint8Array,
  secret: string,
): WebhookDelivery {
  if (!isSigned(headers['x-hub-signature-256'], body, secret)) {
    return flawed('unsigned');
  }
  const text = textOf(headers['content-type'], body);
  if (text === undefined) return flawed('content_type_unknown');
  switch (headers['x-github-event']) {
    case undefined:
      return flawed('event_missing');
    case 'ping':
      return { kind: 'ping' };
    case 'pull_request':
    case 'repository':
    case 'organization':
      return readNews(headers['x-github-event'], headers['x-github-delivery'], text);
    default:
      return { kind: 'ignored' };
  }
}

function isSigned(signature: Header, body: Uint8Array, secret: string): boolean {
  const said = SIGNATURE.exec(`${signature}`)?.[1];
  // Anybody can sign with an empty secret.
  if (said === undefined || secret === '') return false;
  const right = createHmac('sha256', secret).update(body).digest();
  return timingSafeEqual(Buffer.from(said, 'hex'), right);
}

/** The JSON of a body, in either of the two forms that GitHub offers. */
function textOf(contentType: string | undefined, body: Uint8Array): string | undefined {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  switch (contentType?.split(';')[0]?.trim().toLowerCase()) {
    case 'application/json':
      return text;
    case 'application/x-www-form-urlencoded':
      return new URLSearchParams(text).get('payload') ?? '';
    default:
      return undefined;
  }
}

function readNews(event: string, delivery: Header, text: string): WebhookDelivery {
  const isNamed = typeof delivery === 'string' && DELIVERY.test(delivery);
  if (!isNamed || delivery.length > limits.webhook_delivery_chars) {
    return flawed('delivery_unnamed');
  }
  const payload = parseBody(text);
  if (payload === undefined) return flawed('json_broken');
  if (event !== 'pull_request') {
    const news = readMove(event, payload);
    return news === undefined ? { kind: 'ignored' } : { kind: 'news', delivery, news };
  }
  const news = readPullEvent(payload);
  if (news === undefined) return flawed('pull_request_missing');
  return { kind: 'news', delivery, news };
}

function flawed(flaw: DeliveryFlaw): WebhookDelivery {
  return { kind: 'flawed', flaw };
}

type Header = string | string[] | undefined;
