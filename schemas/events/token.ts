// The events of the noun token.
import { someOf } from '../shape.js';
import { named } from '../uuid.js';
import { event } from './row.js';

/** As what a peer joins. */
export const roles = ['agent', 'orchestrator', 'service', 'human'] as const;
/** What a token lets its holder do. */
export const verbs = ['observe', 'speak', 'operate'] as const;

export const tokenEvents = {
  'token.created': event({
    since: 1,
    by: 'operate',
    methods: ['token.create'],
    fields: {
      name: 'string',
      circles: 'strings',
      roles: someOf(roles),
      verbs: someOf(verbs),
      secret_hash: 'string',
      expires_at: 'number?',
    },
    refs: e => [named('token', e.id)],
    makes: { token: e => [named('token', e.id)] },
  }),
  'token.revoked': event({
    since: 1,
    by: 'operate',
    methods: ['token.revoke'],
    fields: { revoked: 'string' },
    refs: e => [e.revoked],
  }),
};
