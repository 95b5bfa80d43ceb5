// The verb schedule show: one schedule in full, its next times, and what became of those before.
import type { Result } from '../../../schemas/method.js';
import type { SchedulePast } from '../../../schemas/schedule.js';
import { factLines } from '../../terminal/facts.js';
import { type Names, nameIds } from '../../terminal/names.js';
import { oneLine, safeText } from '../../terminal/safe.js';
import { shortId } from '../../terminal/short-id.js';
import { age, stamp } from '../../terminal/times.js';
import { localZone, whenText } from '../../terminal/when.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples } from '../options.js';
import { brokerTime } from '../reach/calls.js';
import { findRef, noteShown } from '../reach/find.js';
import { peerNames } from '../reach/peers.js';

const LINE_CHARS = 200;

export const show: CliVerb = (group, act) => {
  group
    .command('show')
    .description('show a schedule in full, its next times and why past ones were skipped')
    .argument('<schedule>', 'its id as shown, or enough of it')
    .addHelpText('after', examples('signalbox schedule show 3fa2c1'))
    .action(act(run));
};

async function run(cli: Cli, typed: string): Promise<void> {
  const { terminal } = cli;
  const reach = await cli.reach();
  const schedule = await findRef(cli, reach, typed, ['sched']);
  const row = await terminal.during('asking', reach.look('schedule.get', { schedule }));
  const said = row.history.flatMap(({ ref }) => (ref === undefined ? [] : [ref]));
  await noteShown(cli, reach, [schedule, ...said]);
  const names = await peerNames(reach, row);
  await terminal.one(nameIds(row, names), () => lines(row, names, brokerTime.now()));
}

function lines(row: Result<'schedule.get'>, names: Names, now: number): string[] {
  const at = (time: number | undefined) =>
    time === undefined ? undefined : whenText(time, now, localZone());
  const exact = (time: number) => `${stamp(time)} (${at(time)})`;
  return [
    ...factLines([
      ['schedule', row.schedule],
      ['state', row.state],
      ['by', `${names.of(row.by)}, ${age(row.created_at, now)}`],
      ['to', `${names.of(row.to)} (${row.kind})`],
      ['at', row.fire_at === undefined ? undefined : exact(row.fire_at)],
      ['rule', row.cron && oneLine(`${row.cron} (${row.zone ?? 'UTC'})`, LINE_CHARS)],
      ['until', at(row.until)],
      ['catch up', row.catch_up],
      ['overlap', row.kind === 'ask' ? row.overlap : undefined],
      ['so far', `${row.fired} fired, ${row.skipped} skipped`],
      ...row.upcoming.map((time, n) => [n === 0 ? 'next' : '', exact(time)] as const),
    ]),
    '',
    ...safeText(row.text).split('\n'),
    ...(row.history.length === 0 ? [] : ['']),
    ...row.history.map(past => oneLine(pastText(past), LINE_CHARS)),
  ];
}

function pastText({ nominal_at, outcome, reason, count = 1, to_at, ref }: SchedulePast): string {
  const from = stamp(nominal_at);
  const to = count > 1 && to_at !== undefined ? ` to ${stamp(to_at)}` : '';
  const times = count > 1 ? `, ${count} times` : '';
  const why = reason === undefined ? '' : `: ${reason.replaceAll('_', ' ')}`;
  return `${from}${to} ${outcome}${times}${why}${ref === undefined ? '' : ` (${shortId(ref)})`}`;
}
