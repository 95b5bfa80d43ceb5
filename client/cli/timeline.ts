// The verb timeline: what a peer, a session or those who work on a project did, in order.
import { createRecordLines } from '../terminal/events.js';
import { nameIds } from '../terminal/names.js';
import type { Cli, CliVerb } from './cli.js';
import { examples, wholeNumber } from './options.js';
import { brokerTime } from './reach/calls.js';
import { type FilterOptions, filterOf, withFilter } from './reach/filter.js';
import { noteShown } from './reach/find.js';
import { learnDeparted, orMe, peerCalled, peerNames } from './reach/peers.js';
import type { Reach } from './reach/reach.js';
import { pastMoment, recordOf, searchAll } from './timeline/hits.js';

const USUAL = 50;

interface Options extends FilterOptions {
  from?: string;
  to?: string;
  project?: string;
  session?: string;
  max?: number;
}

export const timeline: CliVerb = (program, act) => {
  const verb = program
    .command('timeline')
    .description('show what peers, a session or a project did, the latest last')
    .option('--session <peer>', 'what this peer did since it last joined or came back')
    .option('--project <name>', 'from or to peers who work on it only')
    .option('--from <time>', 'from then on, as tuesday, 2h, 18:00 or 2026-03-09T07:00')
    .option('--to <time>', 'before then')
    .option('--max <count>', `how many of the latest (default: ${USUAL})`, wholeNumber);
  withFilter(verb)
    .addHelpText(
      'after',
      examples(
        'signalbox timeline --peers api --from tuesday',
        'signalbox timeline --session web',
        'signalbox timeline --project shop --kinds ask,job',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, options: Options): Promise<void> {
  const { terminal } = cli;
  const reach = await cli.reach();
  const { from, to, project, session, max = USUAL } = options;
  const began = session === undefined ? undefined : await sessionOf(cli, reach, session);
  const filter = await filterOf(cli, reach, options);
  const asked = {
    query: '',
    records: true,
    filter: began === undefined ? filter : { ...filter, peers: [began.peer] },
    ...(project !== undefined && { project }),
    ...(began !== undefined && { from: began.time }),
    ...(from !== undefined && { from: await pastMoment(reach, from) }),
    ...(to !== undefined && { to: await pastMoment(reach, to) }),
  };
  const looking = searchAll(reach, asked, Math.max(1, max));
  const { hits, indexed_to, next } = await terminal.during('looking', looking);
  hits.reverse();
  const records = hits.flatMap(({ record }) => (record && recordOf(record)) ?? []);
  const names = await peerNames(reach, hits);
  await learnDeparted(reach, names, records);
  const { lines, ids } = createRecordLines(terminal, names, brokerTime.now())(records);
  await noteShown(cli, reach, ids);
  const rest = { indexed_to, ...(next && { next }) };
  await terminal.many(nameIds(records, names), () => lines, 'nothing happened', rest);
  if (next !== undefined) terminal.hint(`there is more before that: --max ${2 * hits.length}`);
}

/** Whose session, and since when: its last join, or its return on another connection. */
async function sessionOf(cli: Cli, reach: Reach, called: string) {
  const { circle } = cli.options;
  const peer = await peerCalled(reach, await orMe(cli, reach, called), circle);
  const types = ['peer.joined', 'peer.connected'];
  const asked = { query: '', filter: { peers: [peer], types } };
  const { hits } = await searchAll(reach, asked, 1);
  return { peer, time: hits[0]?.time ?? 0 };
}
