// Queries of the webhooks and their dead letters: those of the circles that a token reaches.
import { compact } from '../../../schemas/codec.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import { isRefusal } from '../../../schemas/refusal.js';
import type { LetterRow, WebhookRow } from '../../../schemas/webhook.js';
import type { WebhookState } from '../rows/webhooks.js';
import { withNames } from '../shared/names.js';
import {
  paged,
  type Queries,
  type QueryAnswer,
  type QueryContext,
} from '../shared/query-context.js';
import { letterIn, maySee, standingOfWebhook, webhookIn } from './standing.js';

function listWebhooks(
  context: QueryContext,
  { max, after = '' }: Parsed<'webhook.list'>,
): Result<'webhook.list'> {
  const { table, held } = context;
  const rows = [...table.webhooks.rows.values()].filter(row => maySee(held, row));
  return paged(
    rows.filter(row => row.webhook > after).sort((a, b) => (a.webhook < b.webhook ? -1 : 1)),
    max,
    row => row.webhook,
    row => shown(context, row),
  );
}

function getWebhook(
  context: QueryContext,
  { webhook }: Parsed<'webhook.get'>,
): QueryAnswer<'webhook.get'> {
  const row = webhookIn(context.table, context.held, webhook);
  return isRefusal(row) ? row : shown(context, row);
}

function shown(context: QueryContext, row: WebhookState): WebhookRow {
  const { token: _, holder, keys, dead_in_row: __, ...kept } = row;
  const { table, now } = context;
  const boot = table.gateways.rows.has(holder ?? '') ? holder : undefined;
  const until = Math.max(...keys.map(({ until: end = 0 }) => end));
  const state = standingOfWebhook(table, row, now);
  const dead = table.webhooks.deadOf(row.webhook);
  const rotating_until = until > now ? until : undefined;
  return compact(withNames(context, { ...kept, state, boot, dead, rotating_until }));
}

function listLetters(
  context: QueryContext,
  { webhook, max, after }: Parsed<'deadletter.list'>,
): QueryAnswer<'deadletter.list'> {
  const { table, held } = context;
  if (webhook !== undefined) {
    const row = webhookIn(table, held, webhook);
    if (isRefusal(row)) return row;
  }
  const rows: LetterRow[] = [];
  for (const letter of table.webhooks.letters.values()) {
    const isMeant = webhook === undefined || letter.webhook === webhook;
    const isNext = after === undefined || letter.letter > after;
    if (isMeant && isNext && !isRefusal(letterIn(table, held, letter.letter))) rows.push(letter);
  }
  rows.sort((a, b) => (a.letter < b.letter ? -1 : 1));
  return paged(
    rows,
    max,
    row => row.letter,
    row => row,
  );
}

function getLetter(
  { table, held }: QueryContext,
  { letter }: Parsed<'deadletter.get'>,
): QueryAnswer<'deadletter.get'> {
  return letterIn(table, held, letter);
}

export const webhookQueries = {
  'webhook.list': listWebhooks,
  'webhook.get': getWebhook,
  'deadletter.list': listLetters,
  'deadletter.get': getLetter,
} satisfies Queries;
