// Who may see a webhook, and whether it may still be told: by the token that it was made with.
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import { covers, type Rights, rights } from '../rows/rights.js';
import type { Table } from '../rows/table.js';
import type { DeadLetter, WebhookState } from '../rows/webhooks.js';

/** True when the rights reach into every circle that the webhook is told of. */
export function maySee(held: Rights, { circles }: Pick<WebhookState, 'circles'>): boolean {
  return circles.every(circle => covers(held, circle));
}

/** `unauthorized` once its token has ended by `time` (ms UTC), or its maker was killed. */
export function standingOfWebhook(
  table: Table,
  { state, token, by }: WebhookState,
  time: number,
): WebhookState['state'] | 'unauthorized' {
  const isKilled = table.peers.rows.get(by)?.retired === 'killed';
  return isKilled || rights(table, token, time) === undefined ? 'unauthorized' : state;
}

/** The webhook, or `webhook_unknown` for who may not see it. */
export function webhookIn(table: Table, held: Rights, webhook: string): WebhookState | Refusal {
  const row = table.webhooks.rows.get(webhook);
  if (row !== undefined && maySee(held, row)) return row;
  return refuse('webhook_unknown', `There is no ${webhook} you may see; see webhook.list.`);
}

/** The dead letter, or `letter_unknown` for who may not see its webhook. */
export function letterIn(table: Table, held: Rights, letter: string): DeadLetter | Refusal {
  const row = table.webhooks.letters.get(letter);
  const webhook = table.webhooks.rows.get(row?.webhook ?? '');
  if (row !== undefined && webhook !== undefined && maySee(held, webhook)) return row;
  return refuse('letter_unknown', `There is no ${letter} you may see; see deadletter.list.`);
}
