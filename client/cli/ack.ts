// The verb ack: says that items left waiting in the inbox have been seen.
import { limits } from '../../schemas/limits.js';
import { Failure, refused } from '../terminal/exit.js';
import { isFullId } from '../terminal/short-id.js';
import type { CliVerb } from './cli.js';
import { examples } from './options.js';
import { onlyOne } from './reach/find.js';
import type { Reach } from './reach/reach.js';

export const ack: CliVerb = (program, act) => {
  program
    .command('ack')
    .description('acknowledge items of your inbox')
    .argument('[items...]', 'their ids as shown, or enough of each')
    .option('--all', 'everything that waits now')
    .addHelpText('after', examples('signalbox ack 3fa2c1', 'signalbox ack --all'))
    .action(
      act(async (cli, typed: string[], options: { all?: boolean }) => {
        if ((typed.length === 0) === !options.all) {
          throw new Failure('usage', 'name the items to acknowledge, or give --all');
        }
        const reach = await cli.reach();
        const work = options.all ? ackAll(reach) : ackSome(reach, typed);
        const refs = await cli.terminal.during('acknowledging', work);
        await cli.terminal.one({ acknowledged: refs }, () => [`acknowledged ${refs.length}`]);
      }),
    );
};

async function ackAll(reach: Reach): Promise<string[]> {
  const all: string[] = [];
  for (;;) {
    const refs = await waiting(reach);
    if (refs.length === 0) return all;
    await reach.own('inbox.ack', { refs });
    all.push(...refs);
  }
}

async function ackSome(reach: Reach, typed: readonly string[]): Promise<string[]> {
  const shown = typed.every(isFullId) ? [...typed] : await waiting(reach);
  const refs = typed.map(text => {
    const ref = isFullId(text) ? text : onlyOne(text, shown);
    if (ref !== undefined) return ref;
    throw refused('message_unknown', `nothing called ${text} waits in your inbox`);
  });
  await reach.own('inbox.ack', { refs });
  return refs;
}

async function waiting(reach: Reach): Promise<string[]> {
  const { items } = await reach.look('inbox.read', { max: limits.list_items, claim_s: 0 });
  return [...new Set(items.map(item => item.ref))];
}
