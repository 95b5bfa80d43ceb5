// What is due of the jobs.
import type { Timed } from './timed.js';

export const timedJobs: Timed = {
  next: () => undefined,
  due: () => [],
};
