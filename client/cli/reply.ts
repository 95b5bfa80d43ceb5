// The verb reply: answers an ask, with words or with a bare acknowledgement.
import type { Verb } from './cli.js';
import { closeAsk } from './close.js';
import { examples, type TextOptions, withText } from './options.js';
import { needText, readText } from './text.js';

export const reply: Verb = (program, act) => {
  withText(
    program
      .command('reply')
      .description('answer an ask made to you')
      .argument('<ask>', 'its id as shown, or enough of it, or the peer whose only one it is'),
  )
    .option('--ack', 'close it without words: seen and done')
    .addHelpText(
      'after',
      examples('signalbox reply 3fa2c1 "yes, go on"', 'signalbox reply 3fa2c1 --file review.md'),
    )
    .action(
      act(async (cli, ask: string, words: string[], options: TextOptions & { ack?: boolean }) => {
        const source = { words, ...options };
        const read = options.ack ? readText : needText;
        const text = await read(source, cli.world.stdin);
        await closeAsk(cli, ask, text === undefined ? 'acknowledged' : 'replied', text);
      }),
    );
};
