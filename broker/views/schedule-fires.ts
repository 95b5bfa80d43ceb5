// What a schedule says when it fires.
import type { View } from './view.js';

export const scheduleFiresView = {
  check: {},
  apply: {},
} satisfies View;
