// The rules of the jobs.
import type { View } from './view.js';

export const jobsView = {
  check: {},
  apply: {},
} satisfies View;
