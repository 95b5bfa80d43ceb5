// The verb board scan: what of a board is ready, and what the mesh already does about it.
import type { LinkStanding, StandingItem, StandingScan } from '../../boards/standing.js';
import { type Column, columnLines } from '../../terminal/columns.js';
import { oneLine } from '../../terminal/safe.js';
import { shortId } from '../../terminal/short-id.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples } from '../options.js';
import { BOARD, chosenBoard, deskOf } from './desk.js';

interface Options {
  board?: string;
  ready?: boolean;
  all?: boolean;
  mine?: boolean;
}

const TITLE_CHARS = 120;
const LINE_CHARS = 200;

export const scan: CliVerb = (group, act) => {
  group
    .command('scan')
    .description('list what is ready on a board: to do, waiting for nothing, and nobody at it')
    .option('--board <board>', BOARD)
    .option('--ready', 'what is ready (the default)')
    .option('--all', 'every item, also done ones')
    .option('--mine', 'yours: you own it, moved it last, or have part in what is done about it')
    .addHelpText(
      'after',
      examples(
        'signalbox board scan',
        'signalbox board scan --all --json',
        'signalbox board scan --board github:acme/7',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, options: Options): Promise<void> {
  const { terminal } = cli;
  const { board, others } = await chosenBoard(cli, options.board);
  const { standingScan } = await import('../../boards/standing.js');
  const scanned = await terminal.during('scanning', standingScan(board, deskOf(cli)));
  const { items } = scanned;
  const isShown = (item: StandingItem) =>
    (options.mine ? item.isMine : true) && (options.all || options.mine ? true : item.isReady);
  const rows = items.filter(isShown);
  const told = rows.map(row => plainRow(board.name, row));
  const lines = () => columnLines(columns, rows, terminal.width);
  await terminal.many(told, lines, `nothing ready on ${oneLine(board.name, LINE_CHARS)}`);
  for (const line of remarks(scanned, rows)) terminal.say(line);
  terminal.say(`${oneLine(board.name, LINE_CHARS)}, to move: signalbox board move <item> <column>`);
  if (others.length > 0)
    terminal.say(`other boards here: ${oneLine(others.join(' '), LINE_CHARS)}`);
}

const columns: Column<StandingItem>[] = [
  { head: 'ITEM', of: ({ id }) => oneLine(id, TITLE_CHARS) },
  { head: 'COLUMN', of: ({ column }) => oneLine(column, TITLE_CHARS) },
  { head: 'OWNER', of: ({ owners }) => oneLine(owners.join(','), TITLE_CHARS), isOptional: true },
  { head: 'PRIO', of: ({ priority = '' }) => oneLine(priority, TITLE_CHARS), isOptional: true },
  { head: 'DOING', of: ({ doing }) => doing.map(inWords).join(', '), isOptional: true },
  { head: 'TITLE', of: ({ title }) => oneLine(title, TITLE_CHARS) },
];

function inWords({ ref, state, who }: LinkStanding): string {
  const what = /^(?:job|ask|peer)_/.test(ref) ? shortId(ref) : oneLine(ref, TITLE_CHARS);
  return [what, state, who && `(${oneLine(who, TITLE_CHARS)})`].filter(Boolean).join(' ');
}

/** What is to be said beside the table. */
function remarks(
  { items, notes, unknown }: StandingScan,
  shown: readonly StandingItem[],
): string[] {
  const doubts = items.flatMap(({ id, title, doubts: [doubt] }) =>
    doubt === undefined
      ? []
      : [`${id} "${oneLine(title, TITLE_CHARS)}": ${oneLine(doubt, LINE_CHARS)}`],
  );
  const open = items.filter(({ status }) => status !== 'done').length;
  const hidden = items.length - shown.length;
  return [
    ...notes.map(note => oneLine(note, LINE_CHARS)),
    ...doubts,
    ...(unknown === undefined ? [] : [`what the mesh does is not known: ${unknown}`]),
    ...(hidden > 0 ? [`${items.length} items, ${open} of them not done: --all shows them`] : []),
  ];
}

/** A row as programs read it: in the words of the protocol. */
function plainRow(board: string, { isReady, isTaken, isMine, doing, ...row }: StandingItem) {
  const links = doing.map(({ isLive, isDone, ...link }) => ({
    ...link,
    live: isLive,
    done: isDone,
  }));
  return { board, ...row, ready: isReady, taken: isTaken, mine: isMine, doing: links };
}
