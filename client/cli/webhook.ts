// The verb webhook: receivers outside that are told of events, signed, in order, at least once.
import type { CliVerb } from './cli.js';
import { add } from './webhook/add.js';
import { entrust, pause, remove, resume, rotate, test } from './webhook/change.js';
import { list, show } from './webhook/list.js';

export const webhook: CliVerb = (program, act) => {
  const group = program
    .command('webhook')
    .description('tell receivers outside of events by signed HTTP requests');
  for (const each of [add, list, show, pause, resume, remove, rotate, entrust, test]) {
    each(group, act);
  }
};
