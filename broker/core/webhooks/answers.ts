// What an operator is told that has made a webhook, or a new secret for one.
import { named } from '../../../schemas/uuid.js';
import type { AnswerMaker, Answers } from '../shared/answers.js';
import { madeWebhookSecret } from './commands.js';

/** The secret is told once, to who did not choose it. */
const withSecret =
  (nameOf: (id: string, webhook: unknown) => string): AnswerMaker =>
  ({ secretFor }, { id, params, isRepeat }) => ({
    webhook: nameOf(id, params.webhook),
    ...(params.secret === undefined && !isRepeat && { secret: madeWebhookSecret(secretFor, id) }),
  });

export const webhookAnswers = {
  'webhook.add': withSecret(id => named('webhook', id)),
  'webhook.rotate': withSecret((_, webhook) => String(webhook)),
} satisfies Answers;
