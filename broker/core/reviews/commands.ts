// Proposals of the noun review.
import { readPrUrl } from '../../../schemas/pr-url.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import { visibleReviews } from '../rows/reviews.js';
import { covers } from '../rows/rights.js';
import {
  addresseeOf,
  type Commands,
  type Context,
  type Propose,
  self,
} from '../shared/command-context.js';

/** A peer says this of itself, so it belongs to its own circle. */
const proposeTouch: Propose<'review.touch', 'review.touched'> = (context, params) => {
  const pr_url = addressOf(context, params.pr_url);
  if (typeof pr_url !== 'string') return pr_url;
  const { head_sha, title } = params;
  return { circle: self(context).circle, pr_url, head_sha, title };
};

const proposeRequest: Propose<'review.request', 'review.requested'> = (context, params) => {
  const pr_url = addressOf(context, params.pr_url);
  if (typeof pr_url !== 'string') return pr_url;
  const reviewer = addresseeOf(context, params.of, params.circle);
  if (isRefusal(reviewer)) return reviewer;
  return { circle: reviewer.circle, pr_url, of: reviewer.peer };
};

/** Belongs to the own circle when the pull request is known there, else to the first other. */
const proposeMark: Propose<'review.mark', 'review.marked'> = (context, params) => {
  const url = addressOf(context, params.pr_url);
  if (typeof url !== 'string') return url;
  const { table, held } = context;
  const home = self(context).circle;
  const [row, ...others] = visibleReviews(table.reviews, held, url, home);
  // What GitHub told of a pull request that nobody has touched yet belongs to no circle.
  const isObserved = table.reviews.facts.get(url) !== undefined && covers(held, '*');
  if (row === undefined && !isObserved) return unknownReview(url);
  const known = [row, ...others].find(one => one?.head_sha !== undefined);
  return { circle: row?.circle ?? home, pr_url: url, sha: params.sha ?? known?.head_sha };
};

/** Belongs to the own circle when the pull request is known there, else to the first other. */
const proposeForget: Propose<'review.forget', 'review.forgotten'> = (context, params) => {
  const url = addressOf(context, params.pr_url);
  if (typeof url !== 'string') return url;
  const { table, held, author } = context;
  const home = table.peers.rows.get(author.peer ?? '')?.circle;
  const [row] = visibleReviews(table.reviews, held, url, home);
  return row === undefined ? unknownReview(url) : { circle: row.circle, pr_url: url };
};

/**
 * Its one spelling, at its repository's name of now. What was spoken of before only pull requests
 * were taken keeps its address.
 */
function addressOf({ table }: Context, text: string): string | Refusal {
  const url = readPrUrl(text)?.url;
  if (url !== undefined) return table.reviews.names.current(url);
  if (table.reviews.of(text).length > 0) return text;
  const like = 'https://github.com/owner/repo/pull/7';
  const advice = `give the one its page has, like ${like}; other forges have paths of their own.`;
  return refuse('invalid', `This is no address of a pull request; ${advice}`);
}

function unknownReview(url: string): Refusal {
  const message = `There is no review of ${url} you may see; touch it or request its review first.`;
  return refuse('review_unknown', message);
}

export const reviewCommands = {
  'review.touch': proposeTouch,
  'review.request': proposeRequest,
  'review.mark': proposeMark,
  'review.forget': proposeForget,
} satisfies Commands;
