// The verb doctor: looks at everything that can be wrong, and names the cure of each fault.
import type { CliVerb } from './cli.js';
import { examples } from './options.js';

export const doctor: CliVerb = (program, act) => {
  program
    .command('doctor')
    .description('find what is wrong and how to fix it')
    .option('--fix', 'fix what can be fixed from here')
    .addHelpText('after', examples('signalbox doctor', 'signalbox doctor --fix --json'))
    .action(
      act(async (cli, options: { fix?: boolean }) => {
        const { runDoctor } = await import('./check/run.js');
        await runDoctor(cli, options.fix ?? false);
      }),
    );
};
