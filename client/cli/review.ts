// The verb review: which pull requests peers touched, and who owes a look at which.
import type { Verb } from './cli.js';
import { queue } from './review/queue.js';
import { forget, mark, request, touch } from './review/say.js';

export const review: Verb = (program, act) => {
  const group = program
    .command('review')
    .description('say which pull requests were touched or reviewed, and see which are owed');
  for (const add of [touch, request, mark, forget, queue]) add(group, act);
};
