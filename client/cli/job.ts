// The verb job: work that outlives whoever hands it over, from its making to its end.
import type { CliVerb } from './cli.js';
import { cancel, retry } from './job/change.js';
import { claim } from './job/claim.js';
import { create } from './job/create.js';
import { finish } from './job/finish.js';
import { list } from './job/list.js';
import { show } from './job/show.js';
import { update } from './job/update.js';

export const job: CliVerb = (program, act) => {
  const group = program
    .command('job')
    .description('hand over work, take it on, and say how it goes');
  for (const add of [create, claim, update, finish, cancel, retry, list, show]) add(group, act);
};
