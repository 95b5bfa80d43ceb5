// POST /webhooks/github: signed deliveries in, observations on to the log.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { limits } from '../../schemas/limits.js';
import type { Noted } from '../door.js';
import type { Observation } from '../github/facts.js';
import { readDelivery } from '../github/webhook.js';
import { readBody } from './body.js';
import { isRejection, type Rejection, reject } from './rejection.js';
import { reply, replyNothing } from './reply.js';

export interface WebhookConfig {
  /** What GitHub signs its deliveries with. */
  secret: string;
  /** Resolves once it is in the log, was there already under this delivery, or cannot be. */
  observe(observation: Observation, delivery: string): Promise<Noted>;
}

export type Webhooks = (
  req: IncomingMessage,
  res: ServerResponse,
) => Promise<Rejection | undefined>;

/** Answers deliveries. Their signature is their credential, so they come without a token. */
export function createWebhooks({ secret, observe }: WebhookConfig): Webhooks {
  let reads = 0;

  async function take(req: IncomingMessage, res: ServerResponse) {
    const body = await readBody(req);
    if (body === undefined || isRejection(body)) return body;
    const delivery = readDelivery(req.headers, body, secret);
    if (isRejection(delivery)) return delivery;
    if (delivery.kind !== 'observed') return replyNothing(res);
    return answer(res, delivery.observation, await note(delivery.observation, delivery.delivery));
  }

  async function note(observation: Observation, delivery: string): Promise<Noted> {
    try {
      return await observe(observation, delivery);
    } catch {
      // Whatever failed, the sender has only to deliver it again.
      return 'unavailable';
    }
  }

  return async (req, res) => {
    // Strangers may send bodies too, so few are held at once.
    if (reads >= limits.webhook_reads) return AWAY;
    reads++;
    try {
      return await take(req, res);
    } finally {
      reads--;
    }
  };
}

/** What is said while there is no secret to know GitHub by. */
export const UNCONFIGURED = reject(
  404,
  'invalid_request',
  'Start the broker with SIGNALBOX_GITHUB_WEBHOOK_SECRET set, and give it to the webhook too.',
);

const AWAY = reject(503, 'unavailable', 'Nothing can be noted just now; deliver it again.');

function answer(res: ServerResponse, { pr_url }: Observation, outcome: Noted) {
  switch (outcome) {
    case 'noted':
      return reply(res, 202, 'application/json', `${JSON.stringify({ outcome, pr_url })}\n`);
    case 'repeated':
      return reply(res, 200, 'application/json', `${JSON.stringify({ outcome, pr_url })}\n`);
    case 'unavailable':
      return AWAY;
  }
}
