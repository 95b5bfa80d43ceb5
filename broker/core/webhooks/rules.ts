// The rules of the webhooks: one broker delivers each, in order; what never arrives is a letter.
import { limits } from '../../../schemas/limits.js';
import { isRefusal, refuse } from '../../../schemas/refusal.js';
import { named } from '../../../schemas/uuid.js';
import { rights } from '../rows/rights.js';
import type { Table } from '../rows/table.js';
import type { WebhookState } from '../rows/webhooks.js';
import type { Fact, Objection, View } from '../shared/view.js';
import { letterIn, maySee, webhookIn } from './standing.js';

type Operated =
  | 'webhook.paused'
  | 'webhook.resumed'
  | 'webhook.removed'
  | 'webhook.rotated'
  | 'deadletter.retried'
  | 'deadletter.cleared';
type Told = 'webhook.released' | 'webhook.advanced' | 'webhook.failed' | 'webhook.disabled';
type OfLetter = 'deadletter.delivered' | 'deadletter.failed';

export const webhooksView = {
  check: {
    'webhook.added': (table, { event, time }) => {
      const held = rights(table, event.token ?? '', time);
      if (held === undefined || !maySee(held, event)) {
        return refuse('circle_forbidden', 'Your token does not cover these circles.');
      }
      if (!held.verbs.includes('observe')) {
        const advice = 'ask for one that has it';
        return refuse('forbidden', `A webhook is told what "observe" may read; ${advice}.`);
      }
      if (event.allow_private !== undefined && !held.circles.includes('*')) {
        const advice = 'ask who has a token of all circles';
        return refuse('forbidden', `Only such a token may let in a private host; ${advice}.`);
      }
      if (table.webhooks.rows.size < limits.webhooks_rows) return undefined;
      const many = `There are ${limits.webhooks_rows} webhooks`;
      return refuse('too_large', `${many}; remove one that nobody needs.`);
    },
    'webhook.paused': operatedObjection,
    'webhook.resumed': operatedObjection,
    'webhook.removed': operatedObjection,
    'webhook.rotated': operatedObjection,
    'deadletter.retried': operatedObjection,
    'deadletter.cleared': operatedObjection,
    'webhook.taken': (table, { event }) => {
      const row = table.webhooks.rows.get(event.webhook);
      const { rows } = table.gateways;
      // Whoever holds it may live no longer; of those who live the first in the log has it.
      return row && rows.has(event.by) && !rows.has(row.holder ?? '') ? undefined : 'stale';
    },
    'webhook.released': heldObjection,
    'webhook.advanced': (table, fact) => {
      const { up_to, sent } = fact.event;
      if (!isCount(up_to) || !isCount(sent) || up_to >= fact.position) return 'malformed';
      return heldObjection(table, fact) ?? isBehind(table, fact.event.webhook, up_to);
    },
    'webhook.failed': (table, fact) => {
      const { webhook, record, attempt, sent } = fact.event;
      if (!isCount(record) || !isCount(sent) || record >= fact.position) return 'malformed';
      const objection = heldObjection(table, fact) ?? isBehind(table, webhook, record);
      if (objection !== undefined) return objection;
      return attempt === 1 + attemptsAt(table, webhook, record) ? undefined : 'stale';
    },
    'webhook.disabled': heldObjection,
    'deadletter.made': (table, fact) => {
      const { webhook, record, attempts, sent } = fact.event;
      if (!isCount(record) || !isCount(sent) || record >= fact.position) return 'malformed';
      const objection = heldObjection(table, fact) ?? isBehind(table, webhook, record);
      if (objection !== undefined) return objection;
      return attempts === 1 + attemptsAt(table, webhook, record) ? undefined : 'stale';
    },
    'deadletter.delivered': letterObjection,
    'deadletter.failed': letterObjection,
  },
  apply: {
    'webhook.added': (table, fact) => {
      const row = rowOf(fact);
      const { id, secret_hash } = fact.event;
      table.webhooks.put(table.webhooks.sign(row, id, secret_hash, 0));
    },
    'webhook.paused': (table, { event }) => change(table, event, { state: 'paused' }),
    'webhook.resumed': (table, { event, position }) => {
      const begun = { state: 'active', reason: undefined, dead_in_row: 0 } as const;
      const skipped = event.from_now ? { up_to: position } : {};
      change(table, event, { ...begun, failing: undefined, ...skipped });
    },
    'webhook.removed': (table, { event }) => {
      const row = table.webhooks.rows.get(event.webhook);
      if (row !== undefined) table.webhooks.remove(row);
    },
    'webhook.rotated': (table, { event }) => {
      const row = table.webhooks.rows.get(event.webhook);
      const { id, secret_hash, until } = event;
      if (row !== undefined) table.webhooks.put(table.webhooks.sign(row, id, secret_hash, until));
    },
    'webhook.taken': (table, { event }) => change(table, event, { holder: event.by }),
    'webhook.released': (table, { event }) => change(table, event, { holder: undefined }),
    'webhook.advanced': (table, fact) => {
      const { event } = fact;
      change(table, event, { up_to: event.up_to, failing: undefined, ...sentBy(table, fact) });
    },
    'webhook.failed': (table, fact) => {
      const { event } = fact;
      const { record, attempt, next_at, reason, status } = event;
      const failing = { record, attempt, next_at, reason, ...(status && { status }) };
      change(table, event, { up_to: record - 1, failing, ...sentBy(table, fact) });
    },
    'webhook.disabled': (table, { event }) =>
      change(table, event, { state: 'disabled', reason: event.reason }),
    'deadletter.made': applyMade,
    'deadletter.retried': (table, { event }) => {
      for (const letter of lettersOf(table, event)) {
        const row = table.webhooks.letters.get(letter);
        if (row !== undefined) table.webhooks.keep({ ...row, state: 'retrying' });
      }
    },
    'deadletter.cleared': (table, { event }) => {
      for (const letter of lettersOf(table, event)) table.webhooks.drop(letter);
    },
    'deadletter.delivered': (table, { event, time }) => {
      table.webhooks.drop(event.letter);
      const row = table.webhooks.rows.get(event.webhook);
      const delivered = (row?.delivered ?? 0) + 1;
      change(table, event, { delivered, delivered_at: time, dead_in_row: 0 });
    },
    'deadletter.failed': (table, { event, time }) => {
      const row = table.webhooks.letters.get(event.letter);
      if (row === undefined) return;
      const { reason, status } = event;
      const { status: _, ...before } = row;
      const attempts = row.attempts + 1;
      const now = { state: 'dead', reason, attempts, died_at: time, ...(status && { status }) };
      table.webhooks.keep({ ...before, ...now } as typeof row);
    },
  },
} satisfies View;

function rowOf({ event, position, time }: Fact<'webhook.added'>): WebhookState {
  const { url, circle, circles, types, kinds, allow_private, by, token = '' } = event;
  return {
    webhook: named('webhook', event.id),
    url,
    state: 'active',
    circle,
    circles,
    ...(types && { types }),
    ...(kinds && { kinds }),
    ...(allow_private !== undefined && { allow_private }),
    up_to: position,
    delivered: 0,
    by,
    token,
    dead_in_row: 0,
    keys: [],
    created_at: time,
  };
}

function change(table: Table, { webhook }: { webhook: string }, to: Partial<WebhookState>): void {
  const row = table.webhooks.rows.get(webhook);
  if (row !== undefined) table.webhooks.put({ ...row, ...to });
}

/** What was delivered since the broker last said so, and that the receiver lives. */
function sentBy(
  table: Table,
  { event, time }: Fact<'webhook.advanced' | 'webhook.failed' | 'deadletter.made'>,
): Partial<WebhookState> {
  const row = table.webhooks.rows.get(event.webhook);
  if (row === undefined || event.sent === 0) return {};
  return { delivered: row.delivered + event.sent, delivered_at: time, dead_in_row: 0 };
}

/** The letter is kept, and what comes after it is told; after some in a row nothing is. */
function applyMade(table: Table, fact: Fact<'deadletter.made'>): void {
  const { event, time } = fact;
  const { webhook, record, attempts, reason, status } = event;
  const row = table.webhooks.rows.get(webhook);
  if (row === undefined) return;
  const sent = sentBy(table, fact);
  const dead_in_row = (sent.dead_in_row ?? row.dead_in_row) + 1;
  const isDead = dead_in_row >= limits.dead_letters_items && row.state === 'active';
  const ended = isDead ? ({ state: 'disabled', reason: 'failing' } as const) : {};
  const told = { up_to: record, failing: undefined, dead_in_row };
  table.webhooks.put({ ...row, ...sent, ...told, ...ended });
  table.webhooks.keep({
    letter: named('dead', event.id),
    webhook,
    circle: row.circle,
    state: 'dead',
    position: record,
    event: event.event,
    type: event.what,
    time: event.said_at,
    attempts,
    reason,
    ...(status && { status }),
    died_at: time,
  });
}

/** By a person: who may not see the webhook or letter is told that there is none. */
function operatedObjection(table: Table, { event, time }: Fact<Operated>): Objection {
  const held = rights(table, event.token ?? '', time);
  if (held === undefined) return refuse('unauthorized', 'The token is revoked or expired.');
  const row = webhookIn(table, held, event.webhook);
  if (isRefusal(row)) return row;
  const named = 'letter' in event ? event.letter : undefined;
  if (typeof named !== 'string') return undefined;
  const letter = letterIn(table, held, named);
  if (isRefusal(letter)) return letter;
  return letter.webhook === event.webhook ? undefined : 'malformed';
}

/** By a broker: only the one that holds the webhook speaks of it. */
function heldObjection(table: Table, { event }: Fact<Told | OfLetter | 'deadletter.made'>) {
  const isHeld = table.webhooks.rows.get(event.webhook)?.holder === event.by;
  return isHeld && table.gateways.rows.has(event.by) ? undefined : 'stale';
}

function letterObjection(table: Table, fact: Fact<OfLetter>): Objection {
  const { letter, webhook } = fact.event;
  const row = table.webhooks.letters.get(letter);
  const isTried = row?.state === 'retrying' && row.webhook === webhook;
  return heldObjection(table, fact) ?? (isTried ? undefined : 'stale');
}

function isBehind(table: Table, webhook: string, position: number): Objection {
  const row = table.webhooks.rows.get(webhook);
  return row !== undefined && row.up_to < position ? undefined : 'stale';
}

function attemptsAt(table: Table, webhook: string, record: number): number {
  const failing = table.webhooks.rows.get(webhook)?.failing;
  return failing?.record === record ? failing.attempt : 0;
}

function lettersOf(
  table: Table,
  { webhook, letter }: { webhook: string; letter?: string },
): readonly string[] {
  return letter === undefined ? table.webhooks.lettersOf(webhook) : [letter];
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
