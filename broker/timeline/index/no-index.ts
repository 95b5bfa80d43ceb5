// The stand-in for an index where there can be none: says so, and what to do instead.
import type { TimelinePart } from '../part.js';
import type { IndexAnswer } from './index-questions.js';

/** `why` ends in what to do; cold reads have the log. */
export function noIndex(why: string): TimelinePart {
  const answer: IndexAnswer = { isElsewhere: true, why };
  return { name: 'index', answer: () => answer };
}
