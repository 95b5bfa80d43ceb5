// The verb review: which pull requests peers touched, and who is to review which.
import type { CliVerb } from './cli.js';
import { queue } from './review/queue.js';
import { forget, mark, request, touch } from './review/say.js';

export const review: CliVerb = (program, act) => {
  const group = program
    .command('review')
    .description('report pull requests as touched or reviewed, and list those to review');
  for (const add of [touch, request, mark, forget, queue]) add(group, act);
};
