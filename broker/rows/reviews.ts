// The rows of the reviews.

export type ReviewsSnapshot = Record<string, never>;

export class ReviewRows {
  toSnapshot(): ReviewsSnapshot {
    return {};
  }

  static fromSnapshot(_: ReviewsSnapshot): ReviewRows {
    return new ReviewRows();
  }
}
