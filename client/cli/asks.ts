// The verb asks: the open asks to you and by you; all of them when told so.
import type { Thread } from '../../schemas/ask.js';
import type { Cli, Verb } from './cli.js';
import { examples } from './options.js';
import { noteShown } from './reach/find.js';
import { allAsks, peerNames } from './reach/peers.js';
import { oneLine } from './show/safe.js';
import { shortId } from './show/short-id.js';
import { tableLines } from './show/table.js';
import { age } from './show/times.js';

interface Options {
  in?: boolean;
  out?: boolean;
  all?: boolean;
}

const TEXT_CHARS = 160;

export const asks: Verb = (program, act) => {
  program
    .command('asks')
    .description('list open asks, yours and those made to you')
    .option('--in', 'only those made to you')
    .option('--out', 'only yours')
    .option('--all', 'closed ones too')
    .addHelpText('after', examples('signalbox asks --in', 'signalbox asks --all --json'))
    .action(act(run));
};

async function run(cli: Cli, options: Options): Promise<void> {
  const { terminal } = cli;
  const reach = await cli.reach();
  const direction: 'both' | 'in' | 'out' =
    options.in === options.out ? 'both' : options.in ? 'in' : 'out';
  const wanted = options.all ? { direction } : { direction, state: 'open' as const };
  const threads = await terminal.during('asking the broker', allAsks(reach, wanted));
  const ids = threads.map(thread => thread.ask);
  await noteShown(cli, reach, ids);
  const names = terminal.format === 'people' ? await peerNames(reach) : undefined;
  const row = (thread: Thread) => [
    shortId(thread.ask, ids),
    names?.of(thread.from) ?? thread.from,
    names?.of(thread.to) ?? thread.to,
    age(thread.opened_at, Date.now()),
    thread.outcome ?? thread.state,
    oneLine(thread.text, TEXT_CHARS),
  ];
  const head = ['ASK', 'FROM', 'TO', 'OPENED', 'STATE', 'TEXT'];
  const lines = () => tableLines(head, threads.map(row), terminal.width);
  await terminal.many(threads, () => (threads.length === 0 ? [] : lines()));
  if (threads.length === 0) terminal.hint(options.all ? 'no asks' : 'no open asks');
}
