// The verb timeline: what a peer, a session or those who work on a project did, in order.
import { createRecordLines } from '../terminal/events.js';
import { Failure } from '../terminal/exit.js';
import { nameIds } from '../terminal/names.js';
import { PLACE_HELP } from '../terminal/places.js';
import type { Cli, CliVerb } from './cli.js';
import { countOf, examples } from './options.js';
import { brokerTime } from './reach/calls.js';
import { type FilterOptions, filterOf, withFilter } from './reach/filter.js';
import { noteShown } from './reach/find.js';
import { learnDeparted, orMe, peerCalled, peerNames } from './reach/peers.js';
import { place } from './reach/place.js';
import type { Reach } from './reach/reach.js';
import { recordOf, searchAll, stretchOf } from './timeline/hits.js';

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
    .option('--from <place>', 'where to begin (default: the start)', place)
    .option('--to <place>', 'where to end (default: now)', place)
    .option('--max <count>', `how many of the latest (default: ${USUAL})`, countOf);
  withFilter(verb)
    .addHelpText(
      'after',
      `\n${PLACE_HELP}\n${examples(
        'signalbox timeline --peers api --from tuesday',
        'signalbox timeline --session web',
        'signalbox timeline --project shop --kinds ask,job',
      )}`,
    )
    .action(act(run));
};

async function run(cli: Cli, options: Options): Promise<void> {
  const { terminal } = cli;
  const { from, to, project, session, max = USUAL } = options;
  if (session !== undefined && options.peers !== undefined) {
    throw new Failure('usage', '--session and --peers both say whose; give one of them');
  }
  const reach = await cli.reach();
  const began = session === undefined ? undefined : await sessionOf(cli, reach, session);
  const filter = await filterOf(cli, reach, options);
  const asked = {
    query: '',
    records: true,
    filter: began === undefined ? filter : { ...filter, peers: [began.peer] },
    ...(project !== undefined && { project }),
  };
  const between = await stretchOf(reach, { from, to });
  if (from === undefined && began !== undefined) between.from = began.time;
  const looking = searchAll(reach, asked, max, between);
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
