// The verb approve: what waits for you, permissions first; allows or denies one, or watches them.
import { Option } from 'commander';
import { Failure } from '../terminal/exit.js';
import { shortId } from '../terminal/short-id.js';
import { showWaiting, waitingAsks } from './approve/waiting.js';
import type { Cli, CliVerb } from './cli.js';
import { closeFound, findAsk } from './close.js';
import { examples, type TextOptions, withText } from './options.js';
import { permissionClosing } from './reply.js';
import { readText } from './text.js';

interface Options extends TextOptions {
  deny?: boolean;
  watch?: boolean;
}

export const approve: CliVerb = (program, act) => {
  withText(
    program
      .command('approve')
      .description('see which permissions wait for you; allow one, or deny it')
      .argument('[ask]', 'what to allow: its id as shown, or enough of it, or its only asker'),
  )
    .option('--deny', 'deny it; the words behind it say why')
    .addOption(
      new Option('--watch', 'stay, show each as it comes, and decide by typing').conflicts('deny'),
    )
    .addHelpText(
      'after',
      examples(
        'signalbox approve',
        'signalbox approve 3fa2c1',
        'signalbox approve 3fa2c1 --deny "not on a Friday"',
        'signalbox approve --watch',
      ),
    )
    .action(act(run));
};

async function run(
  cli: Cli,
  typed: string | undefined,
  words: string[],
  { deny = false, watch = false, file }: Options,
): Promise<void> {
  if (watch) {
    if (typed !== undefined) throw new Failure('usage', '--watch takes no ask');
    const { watchApprovals } = await import('./approve/watch.js');
    return watchApprovals(cli);
  }
  if (typed === undefined) {
    if (deny) throw new Failure('usage', 'say which one to deny', { hint: 'signalbox approve' });
    return list(cli);
  }
  const text = await readText({ words, ...(file && { file }) }, cli.world);
  const reach = await cli.reach();
  const ask = await findAsk(cli, reach, typed, 'in');
  const thread = await reach.look('ask.get', { ask });
  const closing = permissionClosing(thread, deny);
  await closeFound(cli, reach, ask, { ...closing, ...(text !== undefined && { text }) });
}

async function list(cli: Cli): Promise<void> {
  const { terminal } = cli;
  const reach = await cli.reach();
  const waiting = await terminal.during('asking the broker', waitingAsks(cli, reach));
  await showWaiting(cli, reach, waiting);
  const [first] = waiting;
  if (first?.question?.kind !== 'permission') return;
  const short = shortId(
    first.ask,
    waiting.map(({ ask }) => ask),
  );
  terminal.hint(`allow it: signalbox approve ${short}   or: signalbox approve ${short} --deny "…"`);
}
