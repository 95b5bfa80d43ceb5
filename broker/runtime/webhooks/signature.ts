// The signed message of a delivery, HMAC-SHA256 as in the Standard Webhooks specification.
import { createHmac } from 'node:crypto';

export interface SignedBy {
  /** `whsec_<base64>`; each signs, the newest first. */
  secrets: readonly string[];
  /** When the attempt is made, in ms UTC by the wall clock. */
  at: number;
  /** Of this program. */
  version: string;
}

/** What is sent, and under which headers. */
export interface SignedMessage {
  headers: Record<string, string>;
  body: string;
}

/**
 * One attempt to tell of an event by its id, which is that of the delivery at every attempt.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signedMessage(
  event: string,
  body: string,
  { secrets, at, version }: SignedBy,
): SignedMessage {
  const id = `evt_${event}`;
  const timestamp = `${Math.floor(at / 1_000)}`;
  const signed = `${id}.${timestamp}.${body}`;
  const signatures = secrets.map(secret => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  });
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': `${Buffer.byteLength(body)}`,
    'user-agent': `signalbox/${version}`,
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
  return { headers, body };
}
