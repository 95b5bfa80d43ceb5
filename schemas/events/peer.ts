// The events of the noun peer.
import { event } from './row.js';

const peer = { peer: 'string' } as const;
const refs = (e: { peer: string }) => [e.peer];

export const peerEvents = {
  'peer.joined': event({
    since: 1,
    by: 'speak',
    methods: ['peer.join'],
    fields: {
      ...peer,
      name: 'string',
      role: 'string',
      secret_hash: 'string',
      runtime: 'string?',
      model: 'string?',
      project: 'string?',
      path: 'string?',
      machine: 'string?',
      description: 'string?',
      description_until: 'number?',
      boot: 'string?',
    },
    refs,
    makes: { peer: refs },
  }),
  'peer.left': event({ since: 1, by: 'speak', methods: ['peer.leave'], fields: {} }),
  'peer.renamed': event({
    since: 1,
    by: 'speak',
    methods: ['peer.rename'],
    fields: { name: 'string' },
  }),
  'peer.described': event({
    since: 1,
    by: 'speak',
    methods: ['peer.describe'],
    fields: { text: 'string', expires_at: 'number' },
  }),
  'peer.turned': event({
    since: 1,
    by: 'speak',
    methods: ['peer.turn'],
    fields: { state: 'string', text: 'string?', role: 'string?', usage: 'object?' },
  }),
  'peer.killed': event({
    since: 1,
    by: 'operate',
    methods: ['peer.kill'],
    fields: peer,
    refs,
  }),
  'peer.connected': event({ since: 1, by: 'broker', fields: { ...peer, boot: 'string' }, refs }),
  'peer.disconnected': event({ since: 1, by: 'broker', fields: { ...peer, boot: 'string' }, refs }),
  // It has been away too long: nobody waits for it any more.
  'peer.retired': event({ since: 2, by: 'broker', timed: true, fields: peer, refs }),
};
