// The verb lease release: lets go of files before their time is over.

import { Failure } from '../../terminal/exit.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples } from '../options.js';
import { allLeases } from './list.js';
import { filesOf, pathsText, pathText } from './typed.js';

interface Options {
  all?: boolean;
}

export const release: CliVerb = (group, act) => {
  group
    .command('release')
    .description('let go of files and folders that you hold, and of what you hold below them')
    .argument('[path...]', 'files and folders of one project')
    .option('--all', 'all that you hold, of every project')
    .addHelpText(
      'after',
      examples('signalbox lease release src/a.ts', 'signalbox lease release --all'),
    )
    .action(act(run));
};

async function run(cli: Cli, typed: string[], { all }: Options): Promise<void> {
  if (typed.length > 0 === (all === true)) {
    const message = all ? '--all takes no paths' : 'say which files, or --all';
    throw new Failure('usage', message, { hint: 'see what you hold: signalbox lease list --mine' });
  }
  if (all) await releaseAll(cli);
  else await releasePaths(cli, typed);
}

async function releasePaths(cli: Cli, typed: string[]): Promise<void> {
  const { project, paths } = filesOf(typed, cli.world.directory);
  const { circle } = cli.options;
  const reach = await cli.reach();
  const params = { project, paths: [...paths], ...(circle && { circle }) };
  const released = await cli.terminal.during('asking', reach.speak('lease.release', params));
  await cli.terminal.one({ ...released, project, paths }, () => [
    `released ${pathsText(paths)} of ${pathText(project)}`,
  ]);
}

/** One lease after another: what ended meanwhile is released, too. */
async function releaseAll(cli: Cli): Promise<void> {
  const reach = await cli.reach();
  const rows = await cli.terminal.during('asking', allLeases(reach, { mine: true }));
  for (const { lease } of rows) {
    await reach.speak('lease.release', { lease }).catch(error => {
      if (error?.refusal !== 'lease_unknown') throw error;
    });
  }
  const lines = () =>
    rows.map(({ paths, project }) => `released ${pathsText(paths)} of ${pathText(project)}`);
  await cli.terminal.many(rows, lines, 'you hold no files');
}
