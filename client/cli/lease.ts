// The verb lease: tells others which files one works on, before their edits meet in a merge.
import type { CliVerb } from './cli.js';
import { list } from './lease/list.js';
import { release } from './lease/release.js';
import { take } from './lease/take.js';

export const lease: CliVerb = (program, act) => {
  const group = program
    .command('lease')
    .description('say which files you work on, and see who does');
  for (const add of [take, list, release]) add(group, act);
};
