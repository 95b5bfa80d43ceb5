// Proposals of the noun review.
import { type PrUrl, readPrUrl } from '../../schemas/pr-url.js';
import { isRefusal, type Refusal, refuse } from '../../schemas/refusal.js';
import { visibleReviews } from '../rows/reviews.js';
import { covers } from '../rows/tokens.js';
import { type Propose, recipientOf, self } from './context.js';

/** A peer says this of itself, so it belongs to its own circle. */
export const proposeTouch: Propose<'review.touch', 'review.touched'> = (context, params) => {
  const pull = pullOf(params.pr_url);
  if (isRefusal(pull)) return pull;
  const { head_sha, title } = params;
  return { circle: self(context).circle, pr_url: pull.url, head_sha, title };
};

export const proposeRequest: Propose<'review.request', 'review.requested'> = (context, params) => {
  const pull = pullOf(params.pr_url);
  if (isRefusal(pull)) return pull;
  const reviewer = recipientOf(context, params.of, params.circle);
  if (isRefusal(reviewer)) return reviewer;
  return { circle: reviewer.circle, pr_url: pull.url, of: reviewer.peer };
};

/** Belongs to the own circle when the pull request is known there, else to the first other. */
export const proposeMark: Propose<'review.mark', 'review.marked'> = (context, params) => {
  const pull = pullOf(params.pr_url);
  if (isRefusal(pull)) return pull;
  const { url } = pull;
  const { table, held } = context;
  const home = self(context).circle;
  const [row, ...others] = visibleReviews(table.reviews, held, url, home);
  // What GitHub told of a pull request that nobody has touched yet belongs to no circle.
  const isObserved = table.reviews.facts.get(url) !== undefined && covers(held, '*');
  if (row === undefined && !isObserved) return unknownReview(url);
  const known = [row, ...others].find(one => one?.head_sha !== undefined);
  return { circle: row?.circle ?? home, pr_url: url, sha: params.sha ?? known?.head_sha };
};

function pullOf(text: string): PrUrl | Refusal {
  const like = 'https://github.com/owner/repo/pull/7';
  return readPrUrl(text) ?? refuse('invalid', `pr_url must be an https address, like ${like}.`);
}

function unknownReview(url: string): Refusal {
  const message = `Nobody you may see has spoken of ${url}; touch it or request its review first.`;
  return refuse('review_unknown', message);
}
