// The verb rollup: what those said who were asked at once, and who has yet to answer.
import { awaitRollup, showRollup } from './ask/rollup.js';
import type { CliVerb } from './cli.js';
import { examples, type Wait, waitOption } from './options.js';
import { findRef } from './reach/find.js';

export const rollup: CliVerb = (program, act) => {
  program
    .command('rollup')
    .description('show who has said what to an ask of many')
    .argument('<group>', 'the id that asking them showed, or enough of it')
    .addOption(waitOption('wait until all have answered, or as many as are enough'))
    .addHelpText(
      'after',
      examples('signalbox rollup 3fa2c1', 'signalbox rollup 3fa2c1 --wait 1h --json'),
    )
    .action(
      act(async (cli, typed: string, { wait }: { wait?: Wait }) => {
        const reach = await cli.reach();
        // One of its asks means the whole of them.
        const group = (await findRef(cli, reach, typed, ['ask'])).replace(/\.\d+$/, '');
        if (wait === undefined) return showRollup(cli, reach, group);
        return awaitRollup(cli, reach, group, wait);
      }),
    );
};
