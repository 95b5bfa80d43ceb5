// What is due of the schedules.
import type { Timed } from './timed.js';

export const timedSchedules: Timed = {
  next: () => undefined,
  due: () => [],
};
