// What peers are told of jobs.
import type { View } from './view.js';

export const jobNoticesView = {
  check: {},
  apply: {},
} satisfies View;
