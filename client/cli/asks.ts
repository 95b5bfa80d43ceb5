// The verb asks: the open asks to you and by you; all of them when told so.
import type { Thread } from '../../schemas/ask.js';
import { type Column, columnLines } from '../terminal/columns.js';
import { type Names, nameIds } from '../terminal/names.js';
import { outcomeText } from '../terminal/outcome.js';
import { howToAnswer, questionCell } from '../terminal/question.js';
import { oneLine } from '../terminal/safe.js';
import { shortId } from '../terminal/short-id.js';
import { age } from '../terminal/times.js';
import { localZone, whenText } from '../terminal/when.js';
import type { Cli, CliVerb } from './cli.js';
import { examples } from './options.js';
import { brokerTime } from './reach/calls.js';
import { noteShown } from './reach/find.js';
import { allAsks } from './reach/lists.js';
import { knownSelf, peerNames } from './reach/peers.js';

interface Options {
  in?: boolean;
  out?: boolean;
  all?: boolean;
}

const TEXT_CHARS = 160;
const NAME_CHARS = 30;

export const asks: CliVerb = (program, act) => {
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
  const found = await terminal.during('asking the broker', allAsks(reach, wanted));
  const threads = permissionsFirst(found);
  const ids = threads.map(thread => thread.ask);
  const groups = threads.flatMap(({ group }) => (group === undefined ? [] : [group]));
  await noteShown(cli, reach, [...ids, ...new Set(groups)]);
  const names = await peerNames(reach, threads);
  const columns = askColumns(ids, names, brokerTime.now());
  const none = options.all ? 'no asks' : 'no open asks; see also --all';
  const lines = () => columnLines(columns, threads, terminal.width);
  await terminal.many(nameIds(threads, names), lines, none);
  const me = await knownSelf(cli, reach);
  const mine = threads.find(({ state, to }) => state === 'open' && to === me);
  if (mine) terminal.hint(`answer: ${howToAnswer(shortId(mine.ask, ids), mine.question)}`);
}

/** What may be waiting at a prompt comes first, the rest as it was. */
function permissionsFirst(threads: readonly Thread[]): Thread[] {
  const isPressing = ({ state, question }: Thread) =>
    state === 'open' && question?.kind === 'permission';
  return threads.toSorted((a, b) => Number(isPressing(b)) - Number(isPressing(a)));
}

/** The table of asks, as they stand at a time in ms UTC. */
export function askColumns(ids: readonly string[], names: Names, now: number): Column<Thread>[] {
  return [
    { head: 'ASK', of: ({ ask }) => shortId(ask, ids) },
    { head: 'FROM', of: ({ from }) => names.of(from) },
    { head: 'TO', of: ({ to }) => names.of(to) },
    { head: 'OPENED', of: ({ opened_at }) => age(opened_at, now) },
    { head: 'STATE', of: thread => outcomeText(thread, now) },
    { head: 'ANSWER', of: thread => until(thread, now), isOptional: true },
    { head: 'WANTS', of: ({ question }) => questionCell(question), isOptional: true },
    { head: 'WITH', of: withCell, isOptional: true },
    { head: 'TEXT', of: ({ text }) => oneLine(text, TEXT_CHARS) },
  ];
}

function until({ state, deadline_at }: Thread, now: number): string {
  if (state !== 'open' || deadline_at === undefined) return '';
  return deadline_at > now ? whenText(deadline_at, now, localZone()) : 'overdue';
}

function withCell({ attachments = [] }: Thread): string {
  if (attachments.length < 2) return oneLine(attachments[0]?.name ?? '', NAME_CHARS);
  return `${attachments.length} files`;
}
