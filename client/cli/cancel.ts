// The verb cancel: takes an ask of yours back.
import type { CliVerb } from './cli.js';
import { closeAsk } from './close.js';
import { examples, type TextOptions, withText } from './options.js';
import { readText } from './text.js';

export const cancel: CliVerb = (program, act) => {
  withText(
    program
      .command('cancel')
      .description('take back an ask you made')
      .argument('<ask>', 'its id as shown, or enough of it, or the peer whose only one it is'),
  )
    .addHelpText('after', examples('signalbox cancel 3fa2c1 "found it myself"'))
    .action(
      act(async (cli, ask: string, words: string[], options: TextOptions) => {
        const text = await readText({ words, ...options }, cli.world);
        await closeAsk(cli, ask, { outcome: 'cancelled', ...(text !== undefined && { text }) });
      }),
    );
};
