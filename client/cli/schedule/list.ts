// The verb schedule list: what will be said when, by whom to whom, and what became of the last.
import type { ScheduleRow } from '../../../schemas/schedule.js';
import { type Column, columnLines } from '../../terminal/columns.js';
import { type Names, nameIds } from '../../terminal/names.js';
import { oneLine } from '../../terminal/safe.js';
import { shortId } from '../../terminal/short-id.js';
import { localZone, whenText } from '../../terminal/when.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples } from '../options.js';
import { brokerTime } from '../reach/calls.js';
import { noteShown } from '../reach/find.js';
import { allSchedules } from '../reach/lists.js';
import { peerNames } from '../reach/peers.js';

interface Options {
  all?: boolean;
  others?: boolean;
}

const TEXT_CHARS = 200;
const RULE_CHARS = 60;

export const list: CliVerb = (group, act) => {
  group
    .command('list')
    .description('list the schedules that you made or that send to you')
    .option('--all', 'those that are over too')
    .option('--others', 'also those of other peers, as far as you may see them')
    .addHelpText(
      'after',
      examples('signalbox schedule list', 'signalbox schedule list --all --others --json'),
    )
    .action(act(run));
};

async function run(cli: Cli, { all, others }: Options): Promise<void> {
  const { terminal } = cli;
  const reach = await cli.reach();
  const mine = !others;
  const states = all ? [undefined] : (['active', 'paused'] as const);
  const lists = states.map(state => allSchedules(reach, { mine, ...(state && { state }) }));
  const rows = (await terminal.during('asking', Promise.all(lists))).flat();
  const ids = rows.map(({ schedule }) => schedule);
  await noteShown(cli, reach, ids);
  const names = await peerNames(reach, rows);
  const lines = () =>
    columnLines(scheduleColumns(ids, names, brokerTime.now()), rows, terminal.width);
  const none = 'no schedules; see also --all and --others';
  await terminal.many(nameIds(rows, names), lines, none);
}

/** The table of schedules, as they stand at a time in ms UTC. */
export function scheduleColumns(
  ids: readonly string[],
  names: Names,
  now: number,
): Column<ScheduleRow>[] {
  return [
    { head: 'SCHEDULE', of: ({ schedule }) => shortId(schedule, ids) },
    { head: 'BY', of: ({ by }) => names.of(by) },
    { head: 'TO', of: ({ to }) => names.of(to) },
    { head: 'KIND', of: ({ kind }) => kind },
    { head: 'STATE', of: ({ state }) => state },
    { head: 'NEXT', of: row => nextText(row, now) },
    { head: 'RULE', of: ruleText, isOptional: true },
    { head: 'LAST', of: row => lastText(row, now), isOptional: true },
    { head: 'TEXT', of: ({ text }) => oneLine(text, TEXT_CHARS) },
  ];
}

function nextText({ state, next_at }: ScheduleRow, now: number): string {
  return state !== 'active' || next_at === undefined ? '' : whenText(next_at, now, localZone());
}

function ruleText({ cron, zone }: ScheduleRow): string {
  if (cron === undefined) return '';
  return oneLine(zone === undefined || zone === localZone() ? cron : `${cron} ${zone}`, RULE_CHARS);
}

function lastText({ last }: ScheduleRow, now: number): string {
  return last === undefined ? '' : `${last.outcome} ${whenText(last.nominal_at, now, localZone())}`;
}
