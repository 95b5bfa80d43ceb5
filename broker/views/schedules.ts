// The rules of the schedules.
import type { View } from './view.js';

export const schedulesView = {
  check: {},
  apply: {},
} satisfies View;
