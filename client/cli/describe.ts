// The verb describe: says what you are working on, for those who look at the list of peers.
import type { Cli, CliVerb } from './cli.js';
import { examples, seconds, type TextOptions, withText } from './options.js';
import { needText } from './text.js';

export const describe: CliVerb = (program, act) => {
  withText(program.command('describe').description('say what you are working on, for a while'))
    .option('--ttl <time>', 'how long it stays (default: 15m)', seconds)
    .addHelpText('after', examples('signalbox describe "reviewing the parser" --ttl 2h'))
    .action(act(run));
};

async function run(cli: Cli, words: string[], options: TextOptions & { ttl?: number }) {
  const text = await needText({ words, ...options }, cli.world);
  const reach = await cli.reach();
  const ttl = options.ttl === undefined ? {} : { ttl_s: Math.ceil(options.ttl) };
  const call = reach.speak('peer.describe', { text, ...ttl });
  const result = await cli.terminal.during('describing', call);
  await cli.terminal.one(result, () => [`described: ${text}`]);
}
