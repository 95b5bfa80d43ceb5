// The verb retract: takes a message back from those who have not yet seen it.
import { shortId } from '../terminal/short-id.js';
import type { CliVerb } from './cli.js';
import { examples } from './options.js';
import { findRef } from './reach/find.js';

export const retract: CliVerb = (program, act) => {
  program
    .command('retract')
    .description('take a message of yours back from those who have not yet seen it')
    .argument('<message>', 'its id as shown, or enough of it')
    .addHelpText('after', examples('signalbox retract 3fa2c1'))
    .action(
      act(async (cli, typed: string) => {
        const reach = await cli.reach();
        const message = await findRef(cli, reach, typed, ['msg']);
        const call = reach.own('message.retract', { message });
        const result = await cli.terminal.during('taking it back', call);
        await cli.terminal.one(result, () => [`retracted ${shortId(message)}`]);
      }),
    );
};
