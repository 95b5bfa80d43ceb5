// The webhook endpoint, POST /webhooks/github: signed deliveries in, observations on to the log.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { limits } from '../../../schemas/limits.js';
import type { Noted } from '../../github/deliveries.js';
import { type DeliveryFlaw, isSignature, type News, readDelivery } from '../../github/webhook.js';
import { within } from '../../system/deadline.js';
import type { Logger } from '../shared/logger.js';
import { isRejection, type Rejection, reject } from '../shared/rejection.js';
import { reply, replyNothing } from './bodies.js';
import { AWAY, createWebhookBodies } from './webhook-bodies.js';

export interface WebhookConfig {
  /** What GitHub signs its deliveries with. */
  secret: string;
  /** Keeps it until it is in the log; undefined when there is no room. See `github/intake.ts`. */
  offer(news: News, delivery: string): Promise<Noted> | undefined;
}

export type Webhooks = (
  req: IncomingMessage,
  res: ServerResponse,
) => Promise<Rejection | undefined>;

/** Answers deliveries. Their signature is their credential, so they come without a token. */
export function createWebhooks({ secret, offer }: WebhookConfig, log: Logger): Webhooks {
  const bodies = createWebhookBodies();
  const lost = createLosses(log);

  async function take(req: IncomingMessage, res: ServerResponse) {
    if (!isSignature(req.headers['x-hub-signature-256'])) return flaws.unsigned;
    const body = await bodies.read(req);
    if (body === undefined || isRejection(body)) return body;
    const delivery = readDelivery(req.headers, body, secret);
    if (delivery.kind === 'flawed') return flaws[delivery.flaw];
    if (delivery.kind !== 'news') return replyNothing(res);
    const { news } = delivery;
    const kept = offer(news, delivery.delivery);
    if (kept === undefined) return AWAY;
    // GitHub hangs up after some seconds; a log that is slower has what was taken a little later.
    return answer(res, news, await within(kept, limits.webhook_answer_ms, 'queued'));
  }

  return async (req, res) => {
    const rejection = await take(req, res);
    if (rejection === AWAY) lost();
    return rejection;
  };
}

const TYPES = 'application/json or application/x-www-form-urlencoded';
/** What is said to each delivery that cannot be believed or read. */
const flaws: Readonly<Record<DeliveryFlaw, Rejection>> = {
  unsigned: reject(401, 'unauthorized', 'Sign the body in X-Hub-Signature-256 with our secret.'),
  content_type_unknown: reject(415, 'invalid', `Let the webhook send ${TYPES}.`),
  event_missing: reject(400, 'invalid', 'Say in X-GitHub-Event what happened.'),
  delivery_unnamed: reject(400, 'invalid', 'Name the delivery in X-GitHub-Delivery.'),
  json_broken: reject(400, 'parse_error', 'Send a payload that is JSON.'),
  pull_request_missing: reject(
    400,
    'invalid',
    'Send a payload with a pull_request as GitHub writes it.',
  ),
};

/** What is said while there is no secret to know GitHub by. */
export const UNCONFIGURED = reject(
  404,
  'invalid_request',
  'Start the broker with SIGNALBOX_GITHUB_WEBHOOK_SECRET set, and give it to the webhook too.',
);

/** GitHub does not send again by itself what was turned away: so somebody has to hear of it. */
function createLosses(log: Logger): () => void {
  let count = 0;
  let isWaiting = false;
  const tell = () => {
    isWaiting = count > 0;
    if (!isWaiting) return;
    const advice = 'let GitHub deliver them again';
    log.warn({ count }, `deliveries of GitHub were turned away for lack of room; ${advice}`);
    count = 0;
    setTimeout(tell, limits.webhook_losses_ms).unref();
  };
  return () => {
    count++;
    // The first at once, what follows it as one number.
    if (!isWaiting) tell();
  };
}

function answer(res: ServerResponse, news: News, outcome: Noted | 'queued') {
  const of = 'pr_url' in news ? { pr_url: news.pr_url } : { from: news.from, to: news.to };
  switch (outcome) {
    case 'noted':
    case 'queued':
      return reply(res, 202, 'application/json', `${JSON.stringify({ outcome, ...of })}\n`);
    case 'repeated':
      return reply(res, 200, 'application/json', `${JSON.stringify({ outcome, ...of })}\n`);
    case 'unavailable':
      return AWAY;
  }
}
