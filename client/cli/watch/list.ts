// The verb watch list: what is waited for, what holds now, and what each has told.
import type { WatchRow } from '../../../schemas/watch.js';
import { allRows } from '../../sdk/pages.js';
import { type Column, columnLines } from '../../terminal/columns.js';
import { type Names, nameIds } from '../../terminal/names.js';
import { oneLine } from '../../terminal/safe.js';
import { shortId } from '../../terminal/short-id.js';
import { span } from '../../terminal/times.js';
import { localZone, whenText } from '../../terminal/when.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples } from '../options.js';
import { brokerTime } from '../reach/calls.js';
import { noteShown } from '../reach/find.js';
import { peerNames } from '../reach/peers.js';

interface Options {
  all?: boolean;
  others?: boolean;
}

const TEXT_CHARS = 120;

export const list: CliVerb = (group, act) => {
  group
    .command('list')
    .description('list the watches that you made or that tell you')
    .option('--all', 'those that are over too, as long as they are remembered')
    .option('--others', 'also those of other peers, as far as you may see them')
    .addHelpText(
      'after',
      examples('signalbox watch list', 'signalbox watch list --all --others --json'),
    )
    .action(act(run));
};

async function run(cli: Cli, { all, others }: Options): Promise<void> {
  const { terminal } = cli;
  const reach = await cli.reach();
  const filter = { mine: !others, ...(!all && { state: 'active' as const }) };
  const rows = await terminal.during(
    'asking',
    allRows(at => reach.look('watch.list', { ...filter, ...at })),
  );
  const ids = rows.map(({ watch }) => watch);
  await noteShown(cli, reach, ids);
  const names = await peerNames(reach, rows);
  const lines = () => columnLines(columns(ids, names, brokerTime.now()), rows, terminal.width);
  await terminal.many(nameIds(rows, names), lines, 'no watches; see also --all and --others');
}

function columns(ids: readonly string[], names: Names, now: number): Column<WatchRow>[] {
  return [
    { head: 'WATCH', of: ({ watch }) => shortId(watch, ids) },
    { head: 'BY', of: ({ by }) => names.of(by) },
    { head: 'TO', of: ({ to }) => names.of(to) },
    {
      head: 'STATE',
      of: ({ state, ended }) => (state === 'active' ? state : `${state} (${ended})`),
    },
    { head: 'WHEN', of: row => conditionText(row, names) },
    { head: 'HOLDS', of: ({ holding = 0 }) => (holding === 0 ? '' : String(holding)) },
    { head: 'NEXT', of: row => nextText(row, now), isOptional: true },
    { head: 'FIRED', of: ({ fired }) => String(fired) },
    { head: 'LAST', of: row => lastText(row, now), isOptional: true },
    { head: 'TEXT', of: ({ text }) => oneLine(text ?? '', TEXT_CHARS), isOptional: true },
  ];
}

/** The condition as one would say it. */
function conditionText(row: WatchRow, names: Names): string {
  const { when, queue, peer, ask, job, owner, kind, in_circle } = row;
  const of = [
    queue,
    peer && names.of(peer),
    ask && shortId(ask),
    job && shortId(job),
    owner && names.of(owner),
    kind && oneLine(kind, TEXT_CHARS),
    in_circle && `in ${in_circle}`,
    boundText(row),
  ];
  return [when, ...of.filter(word => word !== undefined)].join(' ');
}

function boundText({ for_s, age_s, depth, percent, tokens, cost_usd }: WatchRow): string {
  const wait = for_s ?? age_s;
  const words = [
    depth !== undefined && String(depth),
    percent !== undefined && `${percent} %`,
    tokens !== undefined && `${tokens} tokens`,
    cost_usd !== undefined && `$${cost_usd}`,
    wait !== undefined && span(wait),
  ];
  return words.filter(word => word !== false).join(' ');
}

function nextText({ next_at }: WatchRow, now: number): string {
  return next_at === undefined ? '' : whenText(next_at, now, localZone());
}

function lastText({ last }: WatchRow, now: number): string {
  if (last === undefined) return '';
  const many = last.count === 1 ? '' : ` (${last.count})`;
  const how = last.unsaid === undefined ? many : `, untold: ${last.unsaid}`;
  return `${whenText(last.at, now, localZone())}${how}`;
}
