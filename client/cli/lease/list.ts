// The verb lease list: who works on which files, and until when.
import type { LeaseRow } from '../../../schemas/lease.js';
import type { CallParams } from '../../sdk/api.js';
import { allRows } from '../../sdk/pages.js';
import { type Column, columnLines } from '../../terminal/columns.js';
import { type Names, nameIds } from '../../terminal/names.js';
import { oneLine } from '../../terminal/safe.js';
import { shortId } from '../../terminal/short-id.js';
import { minuteOf, span } from '../../terminal/times.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples } from '../options.js';
import { brokerTime } from '../reach/calls.js';
import { folderOf } from '../reach/folder.js';
import { peerNames } from '../reach/peers.js';
import type { Reach } from '../reach/reach.js';
import { filesOf, pathsText, pathText } from './typed.js';

interface Options {
  mine?: boolean;
  all?: boolean;
}

const NOTE_CHARS = 200;

export const list: CliVerb = (group, act) => {
  group
    .command('list')
    .description('list the leases of this project, or only those in the way of paths')
    .argument('[path...]', 'only what lies at, above or below these')
    .option('--mine', 'only your own, of every project')
    .option('--all', 'those of every project')
    .addHelpText(
      'after',
      examples(
        'signalbox lease list',
        'signalbox lease list src/ --json',
        'signalbox lease list --mine',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, typed: string[], options: Options): Promise<void> {
  const { terminal } = cli;
  const filter = filterOf(cli, typed, options);
  const reach = await cli.reach();
  const rows = await terminal.during('asking', allLeases(reach, filter));
  const names = await peerNames(reach, rows);
  const ids = rows.map(({ lease }) => lease);
  const isOne = filter.project !== undefined;
  const lines = () =>
    columnLines(columns(ids, names, brokerTime.now(), isOne), rows, terminal.width);
  const where = isOne ? `of ${pathText(filter.project ?? '')}; see also --all` : 'here';
  await terminal.many(nameIds(rows, names), lines, `nobody holds any files ${where}`);
}

/** A project is meant where paths are, or where one stands in a repository. */
function filterOf(cli: Cli, typed: string[], { mine, all }: Options): CallParams<'lease.list'> {
  const { directory } = cli.world;
  const { circle } = cli.options;
  const scope = { ...(circle && { circle }), ...(mine && { mine }) };
  if (typed.length > 0) {
    const { project, paths } = filesOf(typed, directory);
    return { ...scope, project, paths: [...paths] };
  }
  const isIn = folderOf(directory).repository !== undefined;
  return all || mine || !isIn ? scope : { ...scope, project: filesOf(['.'], directory).project };
}

/** Leases of every circle that this shell may see, or as the filter has it. */
export function allLeases(reach: Reach, filter: CallParams<'lease.list'>): Promise<LeaseRow[]> {
  const list = filter.mine ? reach.own : reach.look;
  return allRows(at => list('lease.list', { circle: '*', ...filter, ...at }));
}

function columns(
  ids: readonly string[],
  names: Names,
  now: number,
  isOne: boolean,
): Column<LeaseRow>[] {
  return [
    { head: 'LEASE', of: ({ lease }) => shortId(lease, ids) },
    { head: 'BY', of: ({ by }) => names.of(by) },
    { head: 'MODE', of: ({ mode }) => mode },
    { head: 'UNTIL', of: row => untilText(row, now) },
    ...(isOne ? [] : [{ head: 'PROJECT', of: (row: LeaseRow) => pathText(row.project) }]),
    { head: 'PATHS', of: ({ paths }) => pathsText(paths) },
    { head: 'NOTE', of: ({ note = '' }) => oneLine(note, NOTE_CHARS), isOptional: true },
  ];
}

function untilText({ until, away_until }: LeaseRow, now: number): string {
  const end = Math.min(until, away_until ?? until);
  const away = away_until === undefined ? '' : ', its holder is away';
  const left = span(Math.ceil(Math.max(0, end - now) / 1_000));
  return `${minuteOf(end, now)} (${left} left${away})`;
}
