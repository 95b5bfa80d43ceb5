// The verb join: takes part under a name; every verb that needs it joins by itself too.
import { basename } from 'node:path';
import { limits } from '../../schemas/limits.js';
import type { Verb } from './cli.js';
import { examples } from './options.js';

export const join: Verb = (program, act) => {
  program
    .command('join')
    .description('take part as a person, under your user name or the one of --as')
    .option('--project <name>', 'what you work on (default: the name of this directory)')
    .addHelpText('after', examples('signalbox join', 'signalbox join --as ada --circle web'))
    .action(
      act(async (cli, options: { project?: string }) => {
        const path = cli.world.directory;
        const project = (options.project ?? basename(path)).slice(0, limits.label_chars);
        const reach = await cli.reach();
        const joined = await cli.terminal.during('joining', reach.join({ path, project }));
        const { secret: _, ...told } = joined;
        const line = `you are ${joined.name} on ${reach.site.mesh ?? reach.site.url}`;
        await cli.terminal.one(told, () => [`${line} (${joined.peer})`]);
      }),
    );
};
