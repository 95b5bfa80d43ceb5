// The verb rename: takes another name; whoever was sent to under the old one stays the same peer.
import type { CliVerb } from './cli.js';
import { examples } from './options.js';

export const rename: CliVerb = (program, act) => {
  program
    .command('rename')
    .description('take another name')
    .argument('<name>', '1-64 of a-z 0-9 . _ -')
    .addHelpText('after', examples('signalbox rename ada'))
    .action(
      act(async (cli, name: string) => {
        const reach = await cli.reach();
        const call = reach.own('peer.rename', { name });
        const renamed = await cli.terminal.during('renaming', call);
        await reach.named(renamed.name);
        if (renamed.renamed) cli.terminal.say(`the name ${name} is taken`);
        await cli.terminal.one(renamed, () => [`you are ${renamed.name} now`]);
      }),
    );
};
