// The verb orchestrator: the session that coordinates the others, and the folder it works in.
import type { CliVerb } from './cli.js';
import { handover } from './orchestrator/handover.js';
import { init } from './orchestrator/init.js';
import { persona } from './orchestrator/persona.js';
import { start } from './orchestrator/start.js';
import { status } from './orchestrator/status.js';
import { update } from './orchestrator/update.js';

export const orchestrator: CliVerb = (program, act) => {
  const group = program
    .command('orchestrator')
    .description('keep a session that coordinates the peers, and see whether one does');
  for (const add of [init, update, start, status, handover, persona]) add(group, act);
};
