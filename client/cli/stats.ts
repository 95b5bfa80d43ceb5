// The verb stats: how many peers, asks, jobs and schedules there are.
import { factLines } from '../terminal/facts.js';
import type { CliVerb } from './cli.js';
import { examples } from './options.js';

export const stats: CliVerb = (program, act) => {
  program
    .command('stats')
    .description('show how many peers, asks, jobs and schedules there are')
    .addHelpText('after', examples('signalbox stats', 'signalbox stats --json'))
    .action(
      act(async cli => {
        const reach = await cli.reach();
        const stats = await cli.terminal.during('counting', reach.read('mesh.stats', {}));
        const { commits, malformed, brokers, peers, asks, jobs, schedules, inbox } = stats;
        const wrong = malformed === 0 ? '' : `, ${malformed} malformed`;
        const nouns = Object.entries({ peers, asks, jobs, schedules, inbox });
        await cli.terminal.one(stats, () =>
          factLines([
            ['log', `${commits} commits${wrong}`],
            ['brokers', `${brokers}`],
            ...nouns.map(([noun, counts]) => [noun, countsText(counts)] as const),
          ]),
        );
      }),
    );
};

function countsText(counts: Record<string, number>): string {
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  return parts.map(([what, count]) => `${count} ${what.replaceAll('_', ' ')}`).join(', ') || 'none';
}
