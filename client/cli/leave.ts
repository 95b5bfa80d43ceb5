// The verb leave: ends taking part; the name is free again, and join comes back as the same peer.
import type { CliVerb } from './cli.js';
import { examples } from './options.js';

export const leave: CliVerb = (program, act) => {
  program
    .command('leave')
    .description('stop taking part; your name is free again')
    .addHelpText('after', examples('signalbox leave'))
    .action(
      act(async cli => {
        const reach = await cli.reach();
        const left = await cli.terminal.during('leaving', reach.leave());
        await cli.terminal.one(left, () => ['left; signalbox join comes back as the same peer']);
      }),
    );
};
