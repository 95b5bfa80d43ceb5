// The events of the noun token.
import { named } from '../uuid.js';
import { event } from './row.js';

export const tokenEvents = {
  'token.created': event({
    since: 1,
    by: 'operate',
    methods: ['token.create'],
    fields: {
      name: 'string',
      circles: 'strings',
      roles: 'strings',
      verbs: 'strings',
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
