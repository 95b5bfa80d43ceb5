// A trial of a webhook: one made-up event, sent now and once, and what came back.
import type { Result } from '../../../schemas/method.js';
import type { WebhookState } from '../../core/rows/webhooks.js';
import { createPoster, targetOf } from './post.js';
import { type SignedBy, signedMessage } from './signature.js';

export type WebhookTrial = Omit<Result<'webhook.test'>, 'webhook'>;

/**
 * Sends an event of the type `webhook.test` at position 0, which stands in no log. `elapsed` is
 * monotonic, in ms. Never rejects.
 */
export async function tryOut(
  row: WebhookState,
  { id, by, time }: { id: string; by: string; time: number },
  signedBy: SignedBy,
  elapsed: () => number,
): Promise<WebhookTrial> {
  const { webhook, circle } = row;
  const event = { v: 1, id, type: 'webhook.test', by, circle, webhook };
  const message = signedMessage(id, JSON.stringify({ position: 0, time, event }), signedBy);
  const poster = createPoster(targetOf(row));
  const began = elapsed();
  const outcome = await poster.post(message, new AbortController().signal);
  poster.close();
  const { ok, status } = outcome;
  const ms = Math.round(elapsed() - began);
  const reason = outcome.ok ? {} : { reason: outcome.reason };
  return { ok, ms, ...(status !== undefined && { status }), ...reason };
}
