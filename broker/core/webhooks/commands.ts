// Proposals of the nouns webhook and deadletter.
import { eventTypes, isEventType } from '../../../schemas/event.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import { readWebhookUrl } from '../../../schemas/webhook-url.js';
import { covers } from '../rows/rights.js';
import type { Commands, Context, Propose } from '../shared/command-context.js';
import { letterIn, standingOfWebhook, webhookIn } from './standing.js';

const proposeAdd: Propose<'webhook.add', 'webhook.added'> = (context, params) => {
  const { id, types, kinds, allow_private } = params;
  const circles = params.circles ?? [...context.held.circles];
  const read = readWebhookUrl(params.url, allow_private);
  if (typeof read === 'string') return refuse('invalid', read);
  const stranger = unknownWord(types, kinds);
  if (stranger !== undefined) return refuse('invalid', stranger);
  const circle = circleOf(context, circles);
  if (typeof circle !== 'string') return circle;
  const secret = params.secret ?? madeWebhookSecret(context.secretFor, id);
  const secret_hash = context.hashSecret(secret);
  return { circle, url: read.url, types, kinds, circles, allow_private, secret_hash };
};

const proposeRotate: Propose<'webhook.rotate', 'webhook.rotated'> = (context, params) => {
  const { id, webhook, overlap_s } = params;
  const circle = circleAt(context, webhook);
  if (typeof circle !== 'string') return circle;
  const secret = params.secret ?? madeWebhookSecret(context.secretFor, id);
  const until = context.now + 1_000 * overlap_s;
  return { circle, webhook, secret_hash: context.hashSecret(secret), until };
};

type Plain = 'webhook.pause' | 'webhook.remove';

const proposePlain: Propose<Plain, 'webhook.paused' | 'webhook.removed'> = (
  context,
  { webhook },
) => {
  const circle = circleAt(context, webhook);
  return typeof circle === 'string' ? { circle, webhook } : circle;
};

const proposeResume: Propose<'webhook.resume', 'webhook.resumed'> = (context, params) => {
  const { webhook, from_now } = params;
  const circle = circleAt(context, webhook);
  if (typeof circle !== 'string') return circle;
  if (standingIn(context, webhook) === 'unauthorized') return ended(webhook);
  return { circle, webhook, ...(from_now && { from_now }) };
};

type OfLetters = 'deadletter.retry' | 'deadletter.clear';

const proposeLetters: Propose<OfLetters, 'deadletter.retried' | 'deadletter.cleared'> = (
  context,
  { letter, webhook },
) => {
  if (letter === undefined) {
    const circle = circleAt(context, webhook ?? '');
    return typeof circle === 'string' ? { circle, webhook: webhook ?? '' } : circle;
  }
  const row = letterIn(context.table, context.held, letter);
  return isRefusal(row) ? row : { circle: row.circle, webhook: row.webhook, letter };
};

/** Of a webhook that is told nothing none is tried, so nobody is told that one is. */
const proposeRetry: Propose<'deadletter.retry', 'deadletter.retried'> = (context, params) => {
  const said = proposeLetters(context, params);
  if (isRefusal(said)) return said;
  const { webhook } = said;
  const state = standingIn(context, webhook);
  if (state === 'active') return said;
  if (state === 'unauthorized') return ended(webhook);
  return refuse('forbidden', `${webhook} is ${state}; resume it first, by webhook.resume.`);
};

function standingIn({ table, now }: Context, webhook: string) {
  const row = table.webhooks.rows.get(webhook);
  return row && standingOfWebhook(table, row, now);
}

function ended(webhook: string): Refusal {
  const advice = 'remove it, and add it anew with one that is valid';
  return refuse('forbidden', `The token or peer that made ${webhook} has ended; ${advice}.`);
}

/** The circle that speaks of a webhook, which is its own. */
function circleAt({ table, held }: Context, webhook: string): string | Refusal {
  const row = webhookIn(table, held, webhook);
  return isRefusal(row) ? row : row.circle;
}

/** It belongs to the mesh; made by a token bound to circles, to the one that it is told of. */
function circleOf({ held }: Context, circles: readonly string[]): string | Refusal {
  const [circle = '*', ...others] = circles;
  if (covers(held, '*')) return others.length === 0 ? circle : '*';
  if (others.length === 0) return circle;
  const advice = 'add one webhook for each circle';
  return refuse('circle_forbidden', `Your token does not cover the mesh; ${advice}.`);
}

const known = new Set(eventTypes.map(kindOf));

/** A misspelt type would never come. Of webhooks none is told: it would be told of the telling. */
function unknownWord(types: readonly string[] = [], kinds: readonly string[] = []) {
  const odd = types.find(type => !isEventType(type)) ?? kinds.find(kind => !known.has(kind));
  if (odd !== undefined) return `There are no events "${odd}"; REFERENCE.md lists them.`;
  const own = types.map(kindOf).concat(kinds).find(isOwnKind);
  return own === undefined ? undefined : `A webhook is not told of events of the kind ${own}.`;
}

function kindOf(type: string): string {
  return type.slice(0, type.indexOf('.'));
}

/** True for the kinds of which no webhook is told. */
export function isOwnKind(kind: string): boolean {
  return kind === 'webhook' || kind === 'deadletter';
}

/**
 * The secret that the broker makes for what the event `id` brings: 32 bytes that `secretFor` gives,
 * as the specification writes them. https://www.standardwebhooks.com
 */
export function madeWebhookSecret(secretFor: (id: string) => string, id: string): string {
  return `whsec_${Buffer.from(secretFor(id), 'base64url').toString('base64')}`;
}

export const webhookCommands = {
  'webhook.add': proposeAdd,
  'webhook.pause': proposePlain,
  'webhook.resume': proposeResume,
  'webhook.remove': proposePlain,
  'webhook.rotate': proposeRotate,
  'deadletter.retry': proposeRetry,
  'deadletter.clear': proposeLetters,
} satisfies Commands;
