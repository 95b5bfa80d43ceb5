// The verb inbox: prints what was sent to you, and acknowledges it once it is printed.
import type { InboxItem } from '../../schemas/message.js';
import { lookFor, waitFor } from '../sdk/waiting.js';
import { Failure } from '../terminal/exit.js';
import { itemLines } from '../terminal/items.js';
import { hasRunOut, isLapse, outcomeText } from '../terminal/outcome.js';
import { howToAnswer } from '../terminal/question.js';
import { shortId } from '../terminal/short-id.js';
import { span } from '../terminal/times.js';
import type { Cli, CliVerb } from './cli.js';
import { examples, type Wait, waitOption, wholeNumber } from './options.js';
import { brokerTime } from './reach/calls.js';
import { noteShown } from './reach/find.js';
import type { Reach } from './reach/reach.js';
import { interruptible, patienceOf } from './reach/waiting.js';

interface Options {
  wait?: Wait;
  ack: boolean;
  max: number;
}

interface Page {
  items: InboxItem[];
  remaining: number;
}

export const inbox: CliVerb = (program, act) => {
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
  const now = brokerTime.now();
  const endings = terminal.format === 'people' ? await endingsOf(reach, items, now) : new Map();
  const context = { among: ids, now, terminal, endings };
  const lines = () => items.flatMap(item => itemLines(item, context));
  await terminal.many(items, lines, 'nothing waits for you', { remaining });
  // An item counts as seen only when its text has left this process.
  if (options.ack && ids.length > 0) await reach.own('inbox.ack', { refs: [...new Set(ids)] });
  if (remaining > 0) terminal.say(`${remaining} more: signalbox inbox`);
  const next = items.find(item => item.kind === 'ask' || item.kind === 'job');
  if (next) terminal.hint(whatNext(next, shortId(next.ref, ids)));
}

/** What a bare `denied` does not tell: whether somebody said so, or the deadline did. */
async function endingsOf(
  reach: Reach,
  items: readonly InboxItem[],
  now: number,
): Promise<ReadonlyMap<string, string>> {
  const bare = items.filter(
    ({ kind, outcome, text, option }) =>
      kind === 'reply' && isLapse(outcome) && text === '' && option === undefined,
  );
  const looks = bare.map(async ({ ref }) => {
    const thread = await reach.look('ask.get', { ask: ref }).catch(() => undefined);
    return thread && hasRunOut(thread) ? ([ref, outcomeText(thread, now)] as const) : undefined;
  });
  return new Map((await Promise.all(looks)).filter(found => found !== undefined));
}

function whatNext({ kind, question }: InboxItem, ref: string): string {
  return kind === 'ask' ? `answer: ${howToAnswer(ref, question)}` : `signalbox job show ${ref}`;
}

async function read(cli: Cli, reach: Reach, { wait, ack, max }: Options): Promise<Page> {
  const { terminal } = cli;
  const page = async (wait_s: number): Promise<Page> => {
    // What is left waiting must not be hidden from the next reader.
    const claim = ack ? {} : { claim_s: 0 };
    return reach.look('inbox.read', { max, wait_s, ...claim }, lookFor(wait_s));
  };
  if (wait === undefined) return terminal.during('reading', page(0));
  const slice = async (wait_s: number) => {
    const read = await page(wait_s);
    return read.items.length > 0 ? read : undefined;
  };
  const next = waitFor(patienceOf(wait, terminal.say), slice);
  const found = await interruptible('stopped waiting', terminal.during('waiting', next));
  if (found !== undefined) return found;
  throw new Failure('waited', `nothing came in ${span(Number(wait))}`);
}
