// The rules of the tokens: made and revoked by operators.
import type { Role, Verb } from '../../schemas/common.js';
import { refuse } from '../../schemas/refusal.js';
import { named } from '../../schemas/uuid.js';
import type { View } from './view.js';

export const tokensView = {
  check: {
    'token.created': (table, { event }) => {
      if (table.tokens.rows.has(named('token', event.id))) {
        return refuse('invalid', 'There is a token of this id already; make a new uuid v7.');
      }
      return table.tokens.byHash.has(event.secret_hash)
        ? refuse('invalid', 'That secret is in use already; choose a random one.')
        : undefined;
    },
    'token.revoked': (table, { event }) =>
      table.tokens.rows.has(event.revoked)
        ? undefined
        : refuse('token_unknown', `There is no ${event.revoked}; see token.list.`),
  },
  apply: {
    'token.created': (table, { event, time }, changes) => {
      const row = {
        token: named('token', event.id),
        name: event.name,
        circles: event.circles,
        roles: event.roles as Role[],
        verbs: event.verbs as Verb[],
        secret_hash: event.secret_hash,
        created_at: time,
        expires_at: event.expires_at,
      };
      table.tokens.put(row);
      changes.push({ view: 'tokens', key: row.token, row });
    },
    'token.revoked': (table, { event, time }, changes) => {
      const row = table.tokens.rows.get(event.revoked);
      if (row === undefined || row.revoked_at !== undefined) return;
      row.revoked_at = time;
      changes.push({ view: 'tokens', key: row.token, row });
    },
  },
} satisfies View;
