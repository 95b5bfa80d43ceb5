// The verb log read: what happened between two places, forward or back.
import type { Command } from 'commander';
import type { LogPage } from '../../sdk/log-api.js';
import { LogReader } from '../../sdk/reading.js';
import { createRecordLines, type RecordLines } from '../../terminal/events.js';
import { PLACE_HELP } from '../../terminal/places.js';
import type { Act, Cli } from '../cli.js';
import { countOf, examples } from '../options.js';
import { brokerTime } from '../reach/calls.js';
import { type FilterOptions, filterOf, withFilter } from '../reach/filter.js';
import { noteShown } from '../reach/find.js';
import { learnDeparted, peerNames } from '../reach/peers.js';
import { place, placeOf } from '../reach/place.js';
import type { Reach } from '../reach/reach.js';

const USUAL = 100;

/** Adds the verb below `log`. */
export function addRead(log: Command, act: Act): void {
  const verb = log
    .command('read')
    .description('read what happened, from one place to another')
    .option('--from <place>', 'where to begin (default: the start)', place)
    .option('--to <place>', 'where to end (default: the end)', place)
    .option('--reverse', 'the newest first')
    .option('--max <count>', `how many events (default: ${USUAL}, with --to all)`, countOf)
    .option('--all', 'to the end');
  withFilter(verb)
    .addHelpText(
      'after',
      `\n${PLACE_HELP}\n${examples(
        'signalbox log read --from 2h --kinds ask,job',
        'signalbox log read --reverse --max 20 --peers api',
        'signalbox log read --from 2026-03-09T07:00 --to 2026-03-09T08:00 --jsonl',
      )}`,
    )
    .action(act(run));
}

interface Options extends FilterOptions {
  from?: string;
  to?: string;
  reverse?: boolean;
  max?: number;
  all?: boolean;
}

async function run(cli: Cli, options: Options): Promise<void> {
  const { terminal } = cli;
  const reach = await cli.reach();
  // Told the broker's time, a while ago is a while ago there.
  const names = await peerNames(reach);
  const filter = await filterOf(cli, reach, options);
  const { from, to, reverse = false, all = to !== undefined, max } = options;
  const reader = new LogReader(params => reach.read('log.read', params), {
    ...(from !== undefined && { from: placeOf(from) }),
    ...(to !== undefined && { to: placeOf(to) }),
    reverse,
    filter,
    max: max ?? (all ? Infinity : USUAL),
  });
  const told = createRecordLines(terminal, names, brokerTime.now());
  const pages: LogPage[] = [];
  let last: LogPage | undefined;
  while (true) {
    const { value: page, done } = await terminal.during('reading the log', reader.next());
    if (done) break;
    last = page;
    if (terminal.format === 'json') pages.push(page);
    else await show(cli, reach, page, names, told);
  }
  if (terminal.format === 'json') {
    const rows = pages.flatMap(({ records }) => records);
    await terminal.many(rows, () => [], '', { to: last?.to, end: last?.end });
  } else if (last?.end === false) {
    const way = reverse ? ' --reverse' : '';
    terminal.hint(`to go on: signalbox log read --from ${last.to}${way}`);
  }
}

type Names = Awaited<ReturnType<typeof peerNames>>;

async function show(
  cli: Cli,
  reach: Reach,
  page: LogPage,
  names: Names,
  told: RecordLines,
): Promise<void> {
  const { terminal } = cli;
  const { records, to } = page;
  if (terminal.format === 'jsonl') {
    const lines = records.map((record, index) =>
      JSON.stringify(index === records.length - 1 ? { ...record, cursor: to } : record),
    );
    await terminal.out(...lines);
    return;
  }
  await learnDeparted(reach, names, records);
  const { lines, ids } = told(records);
  await terminal.one(undefined, () => lines);
  await noteShown(cli, reach, ids);
}
