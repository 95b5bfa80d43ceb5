// The verb whoami: who this shell speaks for, and what it may do.
import type { Result } from '../../schemas/method.js';
import type { CliVerb } from './cli.js';
import { examples } from './options.js';

export const whoami: CliVerb = (program, act) => {
  program
    .command('whoami')
    .description('show who this shell speaks for')
    .addHelpText('after', examples('signalbox whoami', 'SIGNALBOX_AS=ada signalbox whoami --json'))
    .action(
      act(async cli => {
        const { terminal } = cli;
        const reach = await cli.reach();
        const me = await terminal.during('asking', reach.look('peer.whoami', {}));
        const absence = me.peer === undefined ? await reach.absence() : undefined;
        await terminal.one(me, () => [
          ...(absence === undefined ? selfLines(me) : [`nobody: ${absence.message}`]),
          `may      ${me.verbs.join(' ')} in ${me.circles.join(' ')}`,
        ]);
        if (absence?.hint !== undefined) terminal.say(absence.hint);
      }),
    );
};

function selfLines(me: Result<'peer.whoami'>): string[] {
  return [
    `${me.name} (${me.role}) in circle ${me.circle}`,
    `peer     ${me.peer}`,
    `waiting  ${me.queued ?? 0} in the inbox`,
  ];
}
