// The events of the noun review.
import { oneOf } from '../shape.js';
import { event } from './row.js';

/** What GitHub says of a pull request. */
export const pullStates = ['open', 'merged', 'closed'] as const;
export type PullState = (typeof pullStates)[number];

const pull = { pr_url: 'string' } as const;
const refs = (e: { pr_url: string }) => [e.pr_url];

export const reviewEvents = {
  'review.touched': event({
    since: 2,
    by: 'speak',
    methods: ['review.touch'],
    fields: { ...pull, head_sha: 'string?', title: 'string?' },
    refs,
  }),
  'review.requested': event({
    since: 2,
    by: 'speak',
    methods: ['review.request'],
    fields: { ...pull, of: 'string' },
    refs,
  }),
  'review.marked': event({
    since: 2,
    by: 'speak',
    methods: ['review.mark'],
    fields: { ...pull, sha: 'string?' },
    refs,
  }),
  // `delivery` is the id of the webhook that told; one seen before is void. `updated_at` is when
  // GitHub last saw a change, `observed_at` when a broker was told: deliveries overtake each other.
  'review.observed': event({
    since: 2,
    by: 'broker',
    fields: {
      ...pull,
      state: oneOf(pullStates),
      head_sha: 'string?',
      title: 'string?',
      delivery: 'string?',
      observed_at: 'number?',
      updated_at: 'number?',
      // Since level 3. What was done, the head before it, and GitHub's id of the repository, which
      // stays the same when its name does not.
      action: 'string?',
      before: 'string?',
      repo: 'string?',
    },
    refs,
  }),
  // An owner or a repository has another name, and what lies below it another address. Where both
  // are the same, the name belongs to another repository from now on.
  'review.moved': event({
    since: 3,
    by: 'broker',
    fields: {
      from: 'string',
      to: 'string',
      delivery: 'string?',
      moved_at: 'number?',
      repo: 'string?',
    },
    refs: e => [e.from, e.to],
  }),
  'review.forgotten': event({
    since: 3,
    by: 'speak',
    methods: ['review.forget'],
    fields: pull,
    refs,
  }),
};
