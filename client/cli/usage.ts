// The verb usage: what peers used of their models, and what they may use a day.
import type { CliVerb } from './cli.js';
import { budget } from './usage/budget.js';
import { list } from './usage/list.js';

export const usage: CliVerb = (program, act) => {
  const group = program
    .command('usage')
    .description('show what peers used of their models, and limit it');
  for (const add of [list, budget]) add(group, act);
};
