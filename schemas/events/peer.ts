// The events of the noun peer.
import { maybeOneOf, oneOf } from '../shape.js';
import { event } from './row.js';
import { roles } from './token.js';

/** What a peer does at its turn. */
export const turnStates = ['idle', 'working', 'awaiting_input'] as const;
export type TurnState = (typeof turnStates)[number];
/** Whose words the text of a turn are. */
export const speakers = ['user', 'assistant'] as const;

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
      role: oneOf(roles),
      secret_hash: 'string',
      runtime: 'string?',
      model: 'string?',
      project: 'string?',
      path: 'string?',
      machine: 'string?',
      description: 'string?',
      description_until: 'number?',
      boot: 'string?',
      can: 'object?',
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
    fields: {
      state: oneOf(turnStates),
      text: 'string?',
      role: maybeOneOf(speakers),
      usage: 'object?',
      can: 'object?',
    },
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
