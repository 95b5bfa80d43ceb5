// The verb watch cancel.
import { shortId } from '../../terminal/short-id.js';
import type { CliVerb } from '../cli.js';
import { examples } from '../options.js';
import { findRef } from '../reach/find.js';

export const cancel: CliVerb = (group, act) => {
  group
    .command('cancel')
    .description('end a watch')
    .argument('<watch>', 'its id as shown, or enough of it')
    .addHelpText('after', examples('signalbox watch cancel 3fa2c1'))
    .action(
      act(async (cli, typed: string) => {
        const reach = await cli.reach();
        const watch = await findRef(cli, reach, typed, ['watch']);
        const call = reach.speak('watch.cancel', { watch });
        const ended = await cli.terminal.during('asking', call);
        await cli.terminal.one(ended, () => [`cancelled ${shortId(watch)}`]);
      }),
    );
};
