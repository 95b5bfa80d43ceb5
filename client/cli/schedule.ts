// The verb schedule: says things later, once or again and again, to others or to oneself.
import type { CliVerb } from './cli.js';
import { cancel, pause, resume } from './schedule/change.js';
import { at, cron, self } from './schedule/create.js';
import { list } from './schedule/list.js';
import { show } from './schedule/show.js';

export const schedule: CliVerb = (program, act) => {
  const group = program
    .command('schedule')
    .description('send a message or an ask later, once or again and again');
  for (const add of [at, cron, self, list, show, pause, resume, cancel]) add(group, act);
};
