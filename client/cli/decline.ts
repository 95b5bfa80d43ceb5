// The verb decline: closes an ask made to you without doing what it asks.
import type { CliVerb } from './cli.js';
import { closeAsk } from './close.js';
import { examples, type TextOptions, withText } from './options.js';
import { readText } from './text.js';

export const decline: CliVerb = (program, act) => {
  withText(
    program
      .command('decline')
      .description('say no to an ask made to you')
      .argument('<ask>', 'its id as shown, or enough of it, or the peer whose only one it is'),
  )
    .addHelpText('after', examples('signalbox decline 3fa2c1 "not before Monday"'))
    .action(
      act(async (cli, ask: string, words: string[], options: TextOptions) => {
        const text = await readText({ words, ...options }, cli.world);
        await closeAsk(cli, ask, { outcome: 'declined', ...(text !== undefined && { text }) });
      }),
    );
};
