// The events of the noun ask.
import { oneOf } from '../shape.js';
import { askIn } from '../uuid.js';
import { event } from './row.js';

/** How its recipient or its asker closes an ask. */
export const outcomes = ['acknowledged', 'replied', 'declined', 'denied', 'cancelled'] as const;

const asked = {
  question: 'object?',
  deadline_at: 'number?',
  attachments: 'objects?',
  caused_by: 'string?',
  hops: 'number?',
  replies: 'number?',
} as const;

export const askEvents = {
  'ask.opened': event({
    since: 1,
    by: 'speak',
    methods: ['ask.open'],
    fields: { ask: 'string', to: 'string', text: 'string', reply_to: 'string?', ...asked },
    refs: e => (e.reply_to ? [e.ask, e.reply_to] : [e.ask]),
    makes: { ask: e => [e.ask] },
  }),
  'ask.closed': event({
    since: 1,
    by: 'speak',
    methods: ['ask.close'],
    fields: { ask: 'string', outcome: oneOf(outcomes), text: 'string?', option: 'string?' },
    refs: e => [e.ask],
  }),
  // The n-th recipient's ask is `<group>.<n>`, counted from 1.
  'ask.fanned_out': event({
    since: 2,
    by: 'speak',
    methods: ['ask.fan_out'],
    fields: { group: 'string', to: 'strings', text: 'string', quorum: 'number?', ...asked },
    refs: e => groupOf(e),
    makes: { ask: e => groupOf(e) },
  }),
  'ask.expired': event({
    since: 2,
    by: 'broker',
    timed: true,
    fields: { ask: 'string' },
    refs: e => [e.ask],
  }),
};

/** The fan-out and its asks. */
function groupOf({ group, to }: { group: string; to: readonly string[] }): string[] {
  return [group, ...to.map((_, n) => askIn(group, n))];
}
