// The verb inbox: prints what was sent to you, and acknowledges it once it is printed.
import type { InboxItem } from '../../schemas/message.js';
import type { Cli, Verb } from './cli.js';
import { Failure } from './exit.js';
import { examples, type Wait, waitOption, wholeNumber } from './options.js';
import { brokerTime } from './reach/broker-time.js';
import { noteShown } from './reach/find.js';
import type { Reach } from './reach/reach.js';
import { interruptible, waitFor } from './reach/waiting.js';
import { itemLines } from './show/items.js';
import { howToAnswer } from './show/question.js';
import { shortId } from './show/short-id.js';
import { span } from './show/times.js';

interface Options {
  wait?: Wait;
  ack: boolean;
  max: number;
}

interface Page {
  items: InboxItem[];
  remaining: number;
}

export const inbox: Verb = (program, act) => {
  program
    .command('inbox')
    .description('print what waits for you, oldest first; printed is acknowledged')
    .addOption(waitOption('wait for the next item when there is none'))
    .option('--no-ack', 'leave the items waiting')
    .option('--max <count>', 'print at most so many items', wholeNumber, 20)
    .addHelpText(
      'after',
      examples('signalbox inbox', 'signalbox inbox --wait 10m', 'signalbox inbox --no-ack --json'),
    )
    .action(act(run));
};

async function run(cli: Cli, options: Options): Promise<void> {
  const { terminal } = cli;
  const reach = await cli.reach();
  const { items, remaining } = await read(cli, reach, options);
  const ids = items.map(item => item.ref);
  await noteShown(cli, reach, ids);
  const context = { among: ids, now: brokerTime.now(), terminal };
  await terminal.many(items, () => items.flatMap(item => itemLines(item, context)));
  // An item counts as seen only when its text has left this process.
  if (options.ack && ids.length > 0) await reach.own('inbox.ack', { refs: [...new Set(ids)] });
  if (remaining > 0) terminal.say(`${remaining} more: signalbox inbox`);
  const next = items.find(item => item.kind === 'ask' || item.kind === 'job');
  if (next) terminal.hint(whatNext(next, shortId(next.ref, ids)));
  if (items.length === 0) terminal.hint('nothing waits for you');
}

function whatNext({ kind, question }: InboxItem, ref: string): string {
  return kind === 'ask' ? `answer: ${howToAnswer(ref, question)}` : `signalbox job show ${ref}`;
}

async function read(cli: Cli, reach: Reach, { wait, ack, max }: Options): Promise<Page> {
  const { terminal } = cli;
  const page = async (wait_s: number): Promise<Page> => {
    // What is left waiting must not be hidden from the next reader.
    const claim = ack ? {} : { claim_s: 0 };
    return reach.look('inbox.read', { max, wait_s, ...claim }, (wait_s + 10) * 1_000);
  };
  if (wait === undefined) return terminal.during('reading', page(0));
  const slice = async (wait_s: number) => {
    const read = await page(wait_s);
    return read.items.length > 0 ? read : undefined;
  };
  const next = waitFor(wait, slice, terminal.say);
  const found = await interruptible('stopped waiting', terminal.during('waiting', next));
  if (found !== undefined) return found;
  throw new Failure('waited', `nothing came in ${span(Number(wait))}`);
}
