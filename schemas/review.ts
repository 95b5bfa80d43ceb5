// The noun review: pull requests that peers touched, and who has yet to review which.
import { z } from 'zod';
import * as c from './common.js';
import { pullStates } from './events/review.js';
import { limits } from './limits.js';

const prUrl = z.string().min(1).max(limits.pr_url_chars).describe('The address of a pull request.');
const sha = z
  .string()
  .regex(/^[0-9a-f]{7,64}$/i, 'must be 7 to 64 hex digits')
  .transform(value => value.toLowerCase());

export const reviewState = z.enum([...pullStates, 'unknown']);
export const myAction = z.enum([
  'review-needed',
  'none-needed',
  're-review-suggested',
  'merged-since-review',
  'closed-since-review',
  'unknown',
]);

export const reviewRow = z.object({
  pr_url: z.string(),
  circle: z.string(),
  title: z.string().optional(),
  last_reviewed_sha: z.string().optional(),
  last_reviewed_at: c.time.optional(),
  current_head_sha: z.string().optional(),
  state: reviewState,
  my_action: myAction,
  touched_by: z.array(z.string()),
  touched_by_names: z.array(z.string()).optional(),
  requested_by: z.array(z.string()).optional(),
  requested_by_names: z.array(z.string()).optional(),
  observed_at: c.time.optional(),
  position: c.position,
});
export type ReviewRow = z.infer<typeof reviewRow>;

const said = { who: 'peer', verb: 'speak', result: c.applied } as const;

export const reviewMethods = {
  'review.touch': c.method({
    params: z.strictObject({
      ...c.command,
      pr_url: prUrl,
      head_sha: sha
        .optional()
        .describe('Its newest commit, 7 to 64 hex digits. Left out: not told.'),
      title: c.label.optional().describe('Its title. Left out: not told.'),
    }),
    ...said,
    help: 'Say that this peer opened a pull request or pushed to it.',
  }),
  'review.request': c.method({
    params: z.strictObject({
      ...c.command,
      pr_url: prUrl,
      of: c.peer('Who is to look at it.'),
      circle: c.circleOfName,
    }),
    ...said,
    help: 'Ask a peer to look at a pull request.',
  }),
  'review.mark': c.method({
    params: z.strictObject({
      ...c.command,
      pr_url: prUrl,
      sha: sha.optional().describe('The commit up to which. Left out: the newest known.'),
    }),
    ...said,
    help: 'Say that this peer has reviewed a pull request, up to a commit or the newest known.',
  }),
  'review.forget': c.method({
    params: z.strictObject({ ...c.command, pr_url: prUrl }),
    result: c.applied,
    who: 'token',
    verb: 'speak',
    help: 'Take a pull request out of every queue: for who touched it, leads or operates.',
  }),
  'review.queue': c.method({
    params: z.strictObject({
      peer: c.peer('Whose queue. Left out: one’s own, everybody’s for a bare token.').optional(),
      circle: c.circleOfName,
      ...c.page,
    }),
    result: c.rows(reviewRow),
    who: 'token',
    verb: 'any',
    help: 'What a peer was asked to review; for orchestrators and humans all that others touched.',
  }),
};
