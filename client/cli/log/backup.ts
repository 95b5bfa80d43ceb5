// The verbs log backup and log restore: the whole log in one file, and back.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Failure } from '../../terminal/exit.js';
import type { Act, Cli } from '../cli.js';
import { examples } from '../options.js';
import { dataDirectory } from '../reach/paths.js';
import { exportTo } from './export.js';
import { signsNothing } from './key.js';
import { restoreFile, verifyFile } from './offline.js';

/** Adds both verbs below `log`. */
export function addBackup(log: Command, act: Act): void {
  log
    .command('backup')
    .description('write the log up to now into a new file, while the broker runs')
    .argument('<file>', 'where to')
    .addHelpText('after', examples('signalbox log backup mesh.backup'))
    .action(act(backup));
  log
    .command('restore')
    .description('fill an empty data directory with the log of a backup')
    .argument('<file>', 'what signalbox log backup wrote')
    .option('--data-dir <dir>', 'the directory (default: that of --data or --mesh)')
    .addHelpText(
      'after',
      `\n${[
        'The log keeps its id, positions and digests, so cursors of before go on. Never run the',
        'mesh of before beside it: two logs would go on under one id.',
      ].join('\n')}\n${examples('signalbox log restore mesh.backup --data-dir ./again')}`,
    )
    .action(act(restore));
}

async function backup(cli: Cli, name: string): Promise<void> {
  const { terminal, world } = cli;
  const file = resolve(world.directory, name);
  const reach = await cli.reach();
  const { key } = await reach.read('mesh.audit', {});
  if (key === '') throw signsNothing();
  const told = await exportTo(reach, { format: 'raw' }, file, terminal, async draft => {
    const { ok, reason } = await verifyFile(draft, { keys: [key] });
    if (!ok) throw new Failure('failed', `what was written does not verify: ${reason}`);
  });
  await terminal.one({ file, ...told }, () => [
    `backed up ${told.commits} commits to ${name}, and verified them`,
  ]);
}

async function restore(cli: Cli, name: string, options: { dataDir?: string }): Promise<void> {
  const { terminal, world, paths } = cli;
  const given = options.dataDir ?? cli.options.data;
  const dataDir = given ? resolve(world.directory, given) : dataDirectory(paths, cli.options.mesh);
  const file = resolve(world.directory, name);
  const now = Date.now();
  const { log, mesh, to, events } = await restoreFile({
    file,
    dataDir,
    now,
    onProgress: terminal.say,
  });
  const told = { data: dataDir, log, mesh, commits: to, events };
  await terminal.one(told, () => [
    `restored ${to} commits with ${events} events of ${log}`,
    `start it: signalbox up --data ${dataDir}${mesh === 'default' ? '' : ` --mesh ${mesh}`}`,
  ]);
}
