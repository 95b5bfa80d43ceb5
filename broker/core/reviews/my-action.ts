// What a pull request wants of who looks at it, from its row and their newest review of it.
import type { ReviewRow } from '../../../schemas/review.js';
import { isEnded, isSameSha, type ReviewMark, type ReviewState } from '../rows/reviews.js';

export type Action = ReviewRow['my_action'];

type Reviewed = 'never' | 'head' | 'other' | 'unsure';

/**
 * | reviewed                                         | open, unknown       | merged, closed    |
 * |--------------------------------------------------|---------------------|-------------------|
 * | never                                            | review-needed       | …-since-review    |
 * | the head that is known                           | none-needed         | none-needed       |
 * | another commit than the head that is known       | re-review-suggested | …-since-review    |
 * | no head was known; none is                       | none-needed         | none-needed, if   |
 * |                                                  |                     | reviewed after it |
 * |                                                  |                     | ended; else …     |
 * | no head was known; pushed to since               | re-review-suggested | …-since-review    |
 * | no head was known; GitHub has named one since    | unknown             | …-since-review    |
 *
 * "…-since-review" is merged-since-review or closed-since-review. A touch that names a head is a
 * push; so is a head of GitHub's in place of another. Where nobody knows any head, a review of a
 * commit that was named counts as one of "no head was known".
 */
export function myAction(row: ReviewState, mark: ReviewMark | undefined): Action {
  const reviewed = reviewedBy(row, mark);
  if (isEnded(row.state)) {
    if (reviewed === 'head') return 'none-needed';
    return row.state === 'merged' ? 'merged-since-review' : 'closed-since-review';
  }
  switch (reviewed) {
    case 'never':
      return 'review-needed';
    case 'head':
      return 'none-needed';
    case 'other':
      return 're-review-suggested';
    case 'unsure':
      return 'unknown';
  }
}

function reviewedBy(row: ReviewState, mark: ReviewMark | undefined): Reviewed {
  if (mark === undefined) return 'never';
  if (row.head_sha === undefined) {
    const hasEndedSince = isEnded(row.state) && row.state_position > mark.position;
    return hasEndedSince ? 'unsure' : 'head';
  }
  if (mark.sha !== undefined) return isSameSha(mark.sha, row.head_sha) ? 'head' : 'other';
  return row.pushed_position > mark.position ? 'other' : 'unsure';
}

const order: readonly Action[] = [
  'review-needed',
  're-review-suggested',
  'merged-since-review',
  'closed-since-review',
  'unknown',
  'none-needed',
];

/** From 0: what wants something of its reader stands first in the queue, and `none-needed` last. */
export function rankOf(action: Action): number {
  return order.indexOf(action);
}
