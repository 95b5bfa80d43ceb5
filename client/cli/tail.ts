// The verb tail: follows the log, one line an event, across restarts of the broker.
import type { Batch, Notice } from '../index.js';
import { createRecordLines } from '../terminal/events.js';
import type { Names } from '../terminal/names.js';
import { PLACE_HELP } from '../terminal/places.js';
import type { Cli, CliVerb } from './cli.js';
import { examples } from './options.js';
import { brokerTime } from './reach/calls.js';
import { type FilterOptions, filterOf, withFilter } from './reach/filter.js';
import { noteShown } from './reach/find.js';
import { learnDeparted, peerNames } from './reach/peers.js';
import { place, placeOf } from './reach/place.js';
import type { Reach } from './reach/reach.js';
import { connectTo } from './reach/socket.js';

export const tail: CliVerb = (program, act) => {
  const verb = program
    .command('tail')
    .description('follow everything that happens')
    .option('--from <place>', 'where to begin', place, 'now')
    .option('--no-follow', 'end when everything up to now is printed');
  withFilter(verb)
    .addHelpText(
      'after',
      `\n${PLACE_HELP}\n${examples(
        'signalbox tail --from start --kinds ask',
        'signalbox tail --json --from "$CURSOR"',
      )}`,
    )
    .action(act(run));
};

interface Options extends FilterOptions {
  from: string;
  follow: boolean;
}

async function run(cli: Cli, options: Options): Promise<void> {
  const { from, follow } = options;
  const { terminal } = cli;
  const reach = await cli.reach();
  // Told the broker's time, a while ago is a while ago there.
  const names = await peerNames(reach);
  const observed = {
    filter: await filterOf(cli, reach, options),
    from: placeOf(from),
  };
  // Only now: a filter that means nothing would leave it open.
  const client = await connectTo(reach, notices(terminal.say));
  const feed = client.observe(observed);
  const stop = () => void feed.return();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const print =
      terminal.format === 'people' ? peoplePrinter(cli, reach, names) : scriptPrinter(cli);
    for await (const batch of feed) {
      await print(batch);
      if (batch.live && !follow) break;
    }
  } finally {
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
    await client.close();
    if (feed.cursor && follow)
      terminal.say(`to go on from here: signalbox tail --from ${feed.cursor}`);
  }
}

type Print = (batch: Batch) => Promise<void>;

function peoplePrinter(cli: Cli, reach: Reach, names: Names): Print {
  const { terminal } = cli;
  const told = createRecordLines(terminal, names, brokerTime.now());
  return async ({ records }) => {
    await learnDeparted(reach, names, records);
    const { lines, ids } = told(records);
    await terminal.one(undefined, () => lines);
    await noteShown(cli, reach, ids);
  };
}

/** The last line of every batch bears the cursor from which to go on. */
function scriptPrinter({ terminal }: Cli): Print {
  return async ({ records, to }) => {
    const lines = records.map(({ position, time, event, void: reason }, index) => {
      const cursor = index === records.length - 1 ? { cursor: to } : {};
      return JSON.stringify({ position, time, event, ...(reason && { void: reason }), ...cursor });
    });
    await terminal.out(...lines);
  };
}

function notices(say: (line: string) => void): (notice: Notice) => void {
  let isAway = false;
  return notice => {
    if (notice.kind === 'waiting' && !isAway) say(`the broker is away (${notice.reason}); waiting`);
    if (notice.kind === 'ready' && isAway) say('the broker is back');
    isAway = notice.kind === 'waiting';
  };
}
