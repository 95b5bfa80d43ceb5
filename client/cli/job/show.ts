// The verb job show: one job in full, with every attempt and what it left behind.
import { nameIds } from '../../terminal/names.js';
import type { CliVerb } from '../cli.js';
import { examples } from '../options.js';
import { brokerTime } from '../reach/calls.js';
import { findJob, noteShown } from '../reach/find.js';
import { peerNames } from '../reach/peers.js';
import { jobLines, outcomeLines } from './lines.js';

export const show: CliVerb = (group, act) => {
  group
    .command('show')
    .description('show a job in full: its brief, its attempts, what came of it')
    .argument('<job>', 'its number or id as shown')
    .addHelpText('after', examples('signalbox job show 12', 'signalbox job show 3fa2c1 --json'))
    .action(
      act(async (cli, typed: string) => {
        const { terminal } = cli;
        const reach = await cli.reach();
        const job = await findJob(cli, reach, typed);
        const row = await terminal.during('asking', reach.look('job.get', { job }));
        await noteShown(cli, reach, [job]);
        const names = await peerNames(reach, row);
        const now = brokerTime.now();
        await terminal.one(nameIds(row, names), () => [
          ...jobLines(row, names, now),
          ...outcomeLines(row, names, now),
        ]);
      }),
    );
};
