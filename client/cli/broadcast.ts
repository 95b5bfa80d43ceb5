// The verb broadcast: tells every other peer of a circle.
import { shortId } from '../terminal/short-id.js';
import type { CliVerb } from './cli.js';
import { examples, type TextOptions, withText } from './options.js';
import { noteShown } from './reach/find.js';
import { needText } from './text.js';

export const broadcast: CliVerb = (program, act) => {
  withText(program.command('broadcast').description('tell every other peer of your circle'))
    .addHelpText('after', examples('signalbox broadcast "main is frozen until 17:00"'))
    .action(
      act(async (cli, words: string[], options: TextOptions) => {
        const text = await needText({ words, ...options }, cli.world);
        const reach = await cli.reach();
        const { circle } = cli.options;
        const sent = reach.speak('broadcast.send', { text, ...(circle && { circle }) });
        const result = await cli.terminal.during('telling everybody', sent);
        await noteShown(cli, reach, [result.message]);
        const whom = `${result.recipients} ${result.recipients === 1 ? 'peer' : 'peers'}`;
        await cli.terminal.one(result, () => [`message ${shortId(result.message)} to ${whom}`]);
      }),
    );
};
