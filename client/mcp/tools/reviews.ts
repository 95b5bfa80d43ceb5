// Tools for reviews of pull requests: touched, requested, waiting, done.
import { methodTool, type Tool } from '../tool.js';
import { quote } from '../words.js';

const queue = methodTool({
  name: 'review_queue',
  method: 'review.queue',
  fields: 'peer circle max after',
  help: 'The pull requests that you still owe a review.',
  effect: 'reads',
  tell: ({ rows, next }) => ({
    pulls: rows.filter(isOwed).map(row => ({
      pr_url: quote(row.pr_url),
      title: quote(row.title),
      state: row.state,
      my_action: row.my_action,
      head: row.current_head_sha?.slice(0, 12),
      reviewed: row.last_reviewed_sha?.slice(0, 12),
      touched_by: row.touched_by_names ?? row.touched_by,
    })),
    ...(!rows.some(isOwed) && { none: 'no pull request waits for you' }),
    more: next && `there are more: review_queue after=${next}`,
    next: 'when you have reviewed one: mark_reviewed pr_url=<url>',
  }),
});

/** What one has reviewed is out of the queue until new commits arrive. */
function isOwed({ my_action }: { my_action: string }): boolean {
  return my_action !== 'none-needed';
}

const said =
  (next: string) =>
  (_: unknown, { args }: { args: Record<string, unknown> }) => ({
    pr_url: quote(`${args.pr_url}`),
    next,
  });

const mark = methodTool({
  name: 'mark_reviewed',
  method: 'review.mark',
  fields: 'pr_url sha',
  help: 'Say that you have reviewed a pull request; it comes back with new commits.',
  effect: 'says',
  tell: said('it is out of your queue until new commits arrive'),
});

const touch = methodTool({
  name: 'review_touch',
  method: 'review.touch',
  fields: 'pr_url head_sha title',
  help: 'Say that you opened a pull request or pushed to it.',
  effect: 'says',
  tell: said('orchestrators see it in their queue; ask for one by review_request'),
});

const request = methodTool({
  name: 'review_request',
  method: 'review.request',
  fields: 'pr_url of circle',
  help: 'Ask a peer to look at a pull request.',
  effect: 'says',
  tell: said('it is in their queue until they mark it reviewed'),
});

/** Behind `more`. */
export const reviewTools: readonly Tool[] = [queue, mark, touch, request];
