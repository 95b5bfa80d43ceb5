// The verb whoami: who this shell speaks for, and what it may do.
import type { Verb } from './cli.js';
import { examples } from './options.js';

export const whoami: Verb = (program, act) => {
  program
    .command('whoami')
    .description('show who this shell speaks for')
    .addHelpText('after', examples('signalbox whoami', 'SIGNALBOX_AS=ada signalbox whoami --json'))
    .action(
      act(async cli => {
        const reach = await cli.reach();
        const me = await cli.terminal.during('asking', reach.speak('peer.whoami', {}));
        await cli.terminal.one(me, () => [
          `${me.name} (${me.role}) in circle ${me.circle}`,
          `peer     ${me.peer}`,
          `waiting  ${me.queued ?? 0} in the inbox`,
          `may      ${me.verbs.join(' ')} in ${me.circles.join(' ')}`,
        ]);
      }),
    );
};
