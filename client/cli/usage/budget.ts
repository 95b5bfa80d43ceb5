// The verb usage budget: bounds what a peer or a circle may use a day.
import { Option } from 'commander';
import { Failure } from '../../terminal/exit.js';
import type { Cli, CliVerb } from '../cli.js';
import { dollars, examples, wholeNumber } from '../options.js';
import { peerCalled } from '../reach/peers.js';

interface Options {
  peer?: string;
  tokens?: number;
  cost?: number;
  clear?: boolean;
}

export const budget: CliVerb = (group, act) => {
  group
    .command('budget')
    .description('limit what a peer, or with --circle a circle, may use a day (UTC); for operators')
    .option('--peer <peer>', 'the peer that is limited')
    .option('--tokens <count>', 'tokens read and written together', wholeNumber)
    .option('--cost <usd>', 'in US dollars', dollars)
    .addOption(new Option('--clear', 'remove the limits').conflicts(['tokens', 'cost']))
    .addHelpText(
      'after',
      examples(
        'signalbox usage budget --peer api --tokens 2000000',
        'signalbox usage budget --circle web --cost 25',
        'signalbox usage budget --circle web --clear',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, { peer: called, tokens, cost, clear }: Options): Promise<void> {
  const { circle } = cli.options;
  if (called === undefined && circle === undefined) {
    throw new Failure('usage', 'say whose budget: --peer PEER or --circle CIRCLE');
  }
  if (tokens === undefined && cost === undefined && !clear) {
    throw new Failure('usage', 'say how much: --tokens COUNT, --cost USD, or --clear');
  }
  const reach = await cli.reach();
  const peer = called && (await peerCalled(reach, called, circle));
  const call = reach.read('usage.budget', {
    ...(peer && { peer }),
    ...(circle && { circle }),
    ...(tokens !== undefined && { tokens_per_day: tokens }),
    ...(cost !== undefined && { cost_usd_per_day: cost }),
  });
  const set = await cli.terminal.during('setting', call);
  const whose = called ?? `circle ${circle}`;
  await cli.terminal.one(set, () => [`${whose} has ${clear ? 'no budget' : 'a budget'} now`]);
}
