// The rules of the reviews.
import type { View } from './view.js';

export const reviewsView = {
  check: {},
  apply: {},
} satisfies View;
