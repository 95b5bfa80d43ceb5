// The events of the nouns message and inbox.
import { oneOf } from '../shape.js';
import { event } from './row.js';

/** What becomes of a message whose recipient is away. */
export const backlogs = ['deliver', 'digest', 'drop'] as const;

const message = { message: 'string' } as const;
const chain = { caused_by: 'string?', hops: 'number?', replies: 'number?' } as const;
const refs = (e: { message: string }) => [e.message];

export const messageEvents = {
  'message.notified': event({
    since: 1,
    by: 'speak',
    methods: ['notify.send'],
    fields: {
      ...message,
      to: 'string',
      text: 'string',
      backlog: oneOf(backlogs),
      expires_at: 'number?',
      supersedes: 'string?',
      attachments: 'objects?',
      ...chain,
    },
    refs: e => (e.supersedes ? [e.message, e.supersedes] : [e.message]),
    makes: { msg: refs },
  }),
  'message.broadcast': event({
    since: 1,
    by: 'speak',
    methods: ['broadcast.send'],
    fields: { ...message, text: 'string', ...chain },
    refs,
    makes: { msg: refs },
  }),
  'message.retracted': event({
    since: 1,
    by: 'speak',
    methods: ['message.retract'],
    fields: message,
    refs,
  }),
  'inbox.taken': event({
    since: 1,
    by: 'speak',
    methods: ['inbox.subscribe'],
    fields: {},
  }),
  'inbox.acknowledged': event({
    since: 1,
    by: 'speak',
    methods: ['inbox.ack'],
    fields: { up_to: 'number?', refs: 'strings?', generation: 'number?' },
    refs: e => e.refs ?? [],
  }),
  'inbox.handed': event({
    since: 3,
    by: 'speak',
    methods: ['inbox.drain'],
    // `known`: the position of the newest hand-over of this inbox that its author knew of.
    fields: { session: 'string', refs: 'strings?', seen: 'strings?', known: 'number?' },
    refs: e => [...(e.refs ?? []), ...(e.seen ?? [])],
  }),
};
