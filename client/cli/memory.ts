// The verb memory: the rules by which an orchestrator goes on from now, as files of its workspace.
import type { CliVerb } from './cli.js';
import { changing } from './memory/changing.js';
import { reading } from './memory/reading.js';

export const memory: CliVerb = (program, act) => {
  const group = program
    .command('memory')
    .description('keep the rules that change what the orchestrator does from now on');
  for (const add of [reading, changing]) add(group, act);
};
