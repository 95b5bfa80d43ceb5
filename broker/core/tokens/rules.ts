// The rules of the tokens: made and revoked by operators; none exceeds its maker, or outlives it.

import { type Refusal, refuse } from '../../../schemas/refusal.js';
import { named } from '../../../schemas/uuid.js';
import type { Change } from '../change.js';
import { holdsFrom } from '../levels.js';
import { covers, rights } from '../rows/rights.js';
import type { Table } from '../rows/table.js';
import type { KeptToken, TokenState } from '../rows/tokens.js';
import type { Fact, View } from '../shared/view.js';

export const tokensView = {
  check: {
    'token.created': (table, fact) => {
      const { event } = fact;
      if (table.tokens.rows.has(named('token', event.id))) {
        return refuse('invalid', 'There is a token of this id already; make a new uuid v7.');
      }
      if (table.tokens.withHash(event.secret_hash) !== undefined) {
        return refuse('invalid', 'That secret is in use already; choose a random one.');
      }
      return holdsFrom(3, table) ? excessObjection(table, fact) : undefined;
    },
    'token.revoked': (table, { event, time }) => {
      const row = table.tokens.rows.get(event.revoked);
      const held = rights(table, event.token ?? '', time);
      const isSeen = row?.circles.every(circle => held !== undefined && covers(held, circle));
      return row !== undefined && (isSeen || !holdsFrom(3, table))
        ? undefined
        : refuse('token_unknown', `There is no ${event.revoked} you may see; see token.list.`);
    },
  },
  apply: {
    'token.created': (table, { event, time }, changes) => {
      const made: KeptToken = {
        token: named('token', event.id),
        name: event.name,
        circles: event.circles,
        roles: event.roles,
        verbs: event.verbs,
        secret_hash: event.secret_hash,
        created_at: time,
        expires_at: event.expires_at,
      };
      if (holdsFrom(3, table)) Object.assign(made, { made_by: event.by, parent: event.token });
      const row = table.tokens.add(made);
      changes.push({ view: 'tokens', key: row.token, row });
    },
    'token.revoked': (table, { event, time }, changes) => {
      const row = table.tokens.rows.get(event.revoked);
      if (row === undefined) return;
      for (const each of [row, ...table.tokens.heirs(row.token)])
        revoke(table, each, time, changes);
    },
    // Who is killed is out by every way it had made for itself.
    'peer.killed': (table, { event, time }, changes) => {
      for (const each of table.tokens.heirs(event.peer)) revoke(table, each, time, changes);
    },
  },
} satisfies View;

function revoke(table: Table, before: TokenState, time: number, changes: Change[]): void {
  if (before.revoked_at !== undefined) return;
  const row = { ...before, revoked_at: time };
  table.tokens.put(row);
  changes.push({ view: 'tokens', key: row.token, row });
}

/** What a token asks for beyond the one it is made with. */
function excessObjection(
  table: Table,
  { event, time }: Fact<'token.created'>,
): Refusal | undefined {
  const held = rights(table, event.token ?? '', time);
  if (held === undefined) return undefined;
  const beyond = event.circles.find(circle => !covers(held, circle));
  if (beyond !== undefined) {
    return refuse('circle_forbidden', `Your token does not cover circle "${beyond}".`);
  }
  const { roles, verbs, expires_at } = event;
  const word =
    roles.find(role => !held.roles.some(mine => mine === role)) ??
    verbs.find(verb => !held.verbs.some(mine => mine === verb));
  if (word !== undefined) {
    return refuse('forbidden', `Your token does not have "${word}"; ask for less.`);
  }
  const end = held.expires_at ?? Number.POSITIVE_INFINITY;
  return (expires_at ?? Number.POSITIVE_INFINITY) <= end
    ? undefined
    : refuse('forbidden', 'Your token expires before that; give an earlier expires_at.');
}
