// The verb watch: be told when a condition holds, without looking again and again.
import type { CliVerb } from './cli.js';
import { cancel } from './watch/cancel.js';
import { create } from './watch/create.js';
import { list } from './watch/list.js';

export const watch: CliVerb = (program, act) => {
  const group = program
    .command('watch')
    .description('be told when a peer is away, an ask old, a job silent, a queue deep, …');
  for (const add of [create, list, cancel]) add(group, act);
};
