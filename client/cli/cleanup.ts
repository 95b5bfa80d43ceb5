// The verb cleanup: removes what spawned sessions have left, and names why it keeps the rest.
import { resolve } from 'node:path';
import { brokenRecords } from '../spawn/record.js';
import { type Column, columnLines } from '../terminal/columns.js';
import { Failure } from '../terminal/exit.js';
import type { LeftOver } from './cleanup/left-over.js';
import type { Cli, CliVerb } from './cli.js';
import { examples } from './options.js';

interface Options {
  dryRun?: boolean;
  pushed?: boolean;
}

export const cleanup: CliVerb = (program, act) => {
  program
    .command('cleanup')
    .description('remove what ended sessions have left: peers, terminals, worktrees, branches')
    .argument('[sessions...]', 'only of these, by name or id (default: all spawned from here)')
    .option('--dry-run', 'only say what would be removed, and what not')
    .option('--pushed', 'also worktrees whose branch is pushed and not merged; the branch stays')
    .addHelpText('after', examples('signalbox cleanup --dry-run', 'signalbox cleanup shop-login'))
    .action(act(run));
};

async function run(cli: Cli, typed: string[], { dryRun, pushed }: Options): Promise<void> {
  const { terminal, paths } = cli;
  const { allSpawns, findSpawn } = await import('./spawn/find.js');
  const { Cleaner } = await import('./cleanup/cleaner.js');
  const found =
    typed.length > 0
      ? await Promise.all(typed.map(each => findSpawn(cli, each)))
      : await allSpawns(cli);
  const cleaner = new Cleaner({
    state: paths.state,
    // Without a broker nothing of the mesh is known, and what hangs on that stays.
    reach: await cli.reach().catch((error: Error) => {
      if (error instanceof Failure && error.exit !== 'unreachable') throw error;
      return undefined;
    }),
    directory: resolve(cli.world.directory),
    isDry: dryRun === true,
    isPushedEnough: pushed === true,
  });
  const rows: LeftOver[] = [];
  for (const each of found) {
    const of = `looking at ${each.record.name}`;
    rows.push(...(await terminal.during(of, cleaner.clean(each))));
  }
  if (typed.length === 0) {
    rows.push(...(await cleaner.strangers(found)));
    for (const spawn of brokenRecords(paths.state)) {
      rows.push({ spawn, name: '', what: 'files', outcome: 'kept', why: ['unreadable'] });
    }
  }
  const columns: Column<LeftOver>[] = [
    { head: 'SESSION', of: ({ name }) => name },
    { head: 'WHAT', of: ({ what }) => what },
    { head: 'OUTCOME', of: ({ outcome }) => outcome },
    { head: 'WHERE', of: ({ where = '' }) => where, isOptional: true },
    { head: 'WHY', of: ({ why = [] }) => why.join('; '), isOptional: true },
  ];
  const lines = () => columnLines(columns, rows, terminal.width);
  await terminal.many(rows, lines, 'there is nothing to clean up');
}
