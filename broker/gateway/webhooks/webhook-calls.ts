// The calls of webhooks that touch more than the log: their secrets, and a trial of one.
import type { Parsed, Result } from '../../../schemas/method.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import { standingOf } from '../../core/rows/standing.js';
import type { WebhookState } from '../../core/rows/webhooks.js';
import { hashSecret } from '../../core/tokens/secret.js';
import { webhookIn } from '../../core/webhooks/standing.js';
import type { Answer, Author } from '../../core/words.js';
import type { Door } from '../../runtime/door.js';
import { doorTime } from '../shared/access.js';

type Brought = Pick<Parsed<'webhook.add' | 'webhook.rotate'>, 'id' | 'secret'>;

/**
 * Keeps a secret that was chosen, before it is spoken of; undefined where there is none to keep.
 * What resolves is to be told of the answer; the promise rejects as the disk does.
 */
export function keptSecret(
  { webhooks, table }: Door,
  { id, secret }: Brought,
): Promise<(answer: Answer) => void> | undefined {
  if (secret === undefined || webhooks === undefined) return undefined;
  // Said again, it is kept again; but never in place of the one that the log knows.
  if ((table.webhooks.hashOf(id) ?? hashSecret(secret)) !== hashSecret(secret)) return undefined;
  const answered = (answer: Answer) => {
    // What the log gave no answer to may yet be in it.
    const isSure = isRefusal(answer) && answer.refusal !== 'unavailable';
    if (isSure) webhooks.forget(id).catch(() => {});
  };
  return webhooks.keep(id, secret).then(() => answered);
}

/** What is answered where the secret could not be kept. */
export function notKept(): Refusal {
  return refuse('unavailable', 'The secret cannot be kept in the data directory; see its disk.');
}

/** `webhook.entrust`: `invalid` for a secret that no log knows this webhook by. */
export async function entrustWebhook(
  door: Door,
  author: Author,
  { webhook, secret }: Parsed<'webhook.entrust'>,
): Promise<Result<'webhook.entrust'> | Refusal> {
  await door.caughtUp();
  const row = webhookOf(door, author, webhook);
  const { webhooks, table } = door;
  if (isRefusal(row)) return row;
  const hash = hashSecret(secret);
  const found = row.keys.find(({ key }) => table.webhooks.hashOf(key) === hash);
  if (found === undefined || webhooks === undefined) {
    return refuse('invalid', `That is no secret of ${webhook}; give the one it was added with.`);
  }
  await webhooks.keep(found.key, secret);
  webhooks.look();
  return { webhook, held: true };
}

/** `webhook.test`: `invalid` where this broker cannot sign. */
export async function tryWebhook(
  door: Door,
  author: Author,
  { webhook }: Parsed<'webhook.test'>,
): Promise<Result<'webhook.test'> | Refusal> {
  const row = webhookOf(door, author, webhook);
  if (isRefusal(row)) return row;
  const trial = await door.webhooks?.test(row);
  if (trial !== undefined) return { webhook, ...trial };
  const advice = 'ask the one it was added at, or give it here by webhook.entrust';
  return refuse('invalid', `This broker does not hold the secret of ${webhook}; ${advice}.`);
}

/** The webhook a call names, or why its caller may not. */
function webhookOf(door: Door, author: Author, webhook: string): WebhookState | Refusal {
  const held = standingOf(door.table, author, doorTime(door));
  return isRefusal(held) ? held : webhookIn(door.table, held, webhook);
}
