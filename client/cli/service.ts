// The verb service: a broker that starts with each login of its user, kept by systemd or launchd.
import type { CliVerb } from './cli.js';
import { countOf, examples } from './options.js';
import type { LogsOptions } from './service/logs.js';
import type { InstallOptions } from './service/run.js';
import { withUpOptions } from './up/options.js';

export const service: CliVerb = (program, act) => {
  const group = program.command('service').description('have the broker started at each login');
  withUpOptions(group.command('install'))
    .description('start the broker now and at each login, as a service of yours')
    .option('--dry-run', 'print the file of the service; write nothing')
    .addHelpText(
      'after',
      examples('signalbox service install', 'signalbox service install --port 7118 --dry-run'),
    )
    .action(
      act(async (cli, options: InstallOptions) => {
        const { install } = await import('./service/run.js');
        await install(cli, options);
      }),
    );
  group
    .command('status')
    .description('show how the service stands: 0 when it runs, 7 when not, 5 when there is none')
    .addHelpText('after', examples('signalbox service status --json'))
    .action(
      act(async cli => {
        const { status } = await import('./service/run.js');
        await status(cli);
      }),
    );
  group
    .command('logs')
    .description('print what the broker said, in the service or in the background')
    .option('-f, --follow', 'go on with what it says from now on')
    .option('-n, --lines <count>', 'how many of the last lines', countOf, 50)
    .addHelpText('after', examples('signalbox service logs --follow'))
    .action(
      act(async (cli, options: LogsOptions) => {
        const { logs } = await import('./service/logs.js');
        await logs(cli, options);
      }),
    );
  group
    .command('uninstall')
    .description('stop the service and remove its file; the log of the mesh stays')
    .option('--dry-run', 'say what would be done; do nothing')
    .addHelpText('after', examples('signalbox service uninstall'))
    .action(
      act(async (cli, options: { dryRun?: boolean }) => {
        const { uninstall } = await import('./service/run.js');
        await uninstall(cli, options);
      }),
    );
};
