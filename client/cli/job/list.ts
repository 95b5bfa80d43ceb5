// The verb job list: the jobs there are, how they stand and who works on them.
import { Option } from 'commander';
import type { JobRow, JobState } from '../../../schemas/job.js';
import type { CallParams } from '../../sdk/api.js';
import { type Column, columnLines } from '../../terminal/columns.js';
import { type Names, nameIds } from '../../terminal/names.js';
import { oneLine } from '../../terminal/safe.js';
import { shortId } from '../../terminal/short-id.js';
import { age } from '../../terminal/times.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples } from '../options.js';
import { brokerTime } from '../reach/calls.js';
import { noteShown } from '../reach/find.js';
import { allJobs } from '../reach/lists.js';
import { orMe, peerCalled, peerNames } from '../reach/peers.js';
import type { Reach } from '../reach/reach.js';
import { leaseText, stateText, timeText } from './lines.js';

interface Options {
  state?: string;
  kind?: string;
  to?: string;
  owner?: string;
  mine?: boolean;
  all?: boolean;
}

const TITLE_CHARS = 200;
/** The states of what is not over. */
export const OPEN: readonly JobState[] = [
  'scheduled',
  'queued',
  'claimed',
  'running',
  'awaiting_input',
  'blocked',
];
const ENDED: readonly JobState[] = ['completed', 'failed', 'cancelled', 'expired'];

export const list: CliVerb = (group, act) => {
  const states = new Option('--state <state>', 'only those in this state');
  group
    .command('list')
    .description('list the jobs that are not over, the newest first')
    .addOption(states.choices([...OPEN, ...ENDED].map(spoken)))
    .option('--kind <name>', 'only those of this kind')
    .option('--to <peer>', 'only those for this peer; me for yourself')
    .option('--owner <peer>', 'only those that this peer owns')
    .option('--mine', 'only those that you made, own, work on or are to do')
    .option('--all', 'those that are over too')
    .addHelpText(
      'after',
      examples('signalbox job list --mine', 'signalbox job list --state failed --json'),
    )
    .action(act(run));
};

async function run(cli: Cli, options: Options): Promise<void> {
  const { terminal } = cli;
  const reach = await cli.reach();
  const filter = await filterOf(cli, reach, options);
  const found = await terminal.during('asking', jobsIn(reach, filter, options));
  const me = options.mine ? await orMe(cli, reach, 'me') : undefined;
  const rows = me === undefined ? found : found.filter(row => concerns(row, me));
  const ids = rows.map(({ job }) => job);
  await noteShown(cli, reach, ids);
  const names = await peerNames(reach, rows);
  const none = options.all ? 'no jobs' : 'no open jobs; see also --all';
  const lines = () => columnLines(jobColumns(ids, names, brokerTime.now()), rows, terminal.width);
  await terminal.many(nameIds(rows, names), lines, none);
}

type Filter = CallParams<'job.list'>;

async function filterOf(cli: Cli, reach: Reach, { kind, to, owner }: Options): Promise<Filter> {
  const { circle } = cli.options;
  const peer = async (called: string) => peerCalled(reach, await orMe(cli, reach, called), circle);
  return {
    ...(circle && { circle }),
    ...(kind && { kind }),
    ...(to && { to: await peer(to) }),
    ...(owner && { owner: await peer(owner) }),
  };
}

/** What is over may be much: it is asked for only when it is wanted. */
async function jobsIn(reach: Reach, filter: Filter, { state, all }: Options): Promise<JobRow[]> {
  const meant = [...OPEN, ...ENDED].find(each => spoken(each) === state);
  if (meant !== undefined) return allJobs(reach, { ...filter, state: meant });
  if (all) return allJobs(reach, filter);
  const open = await Promise.all(OPEN.map(each => allJobs(reach, { ...filter, state: each })));
  // One that changes its state meanwhile may be seen twice.
  const rows = new Map(open.flat().map(row => [row.job, row]));
  return [...rows.values()].sort((a, b) => b.position - a.position);
}

/** As it is typed here and at `job update`. */
function spoken(state: JobState): string {
  return state === 'awaiting_input' ? 'awaiting' : state;
}

function concerns({ from, to, owner, worker }: JobRow, me: string): boolean {
  return [from, to, owner, worker].includes(me);
}

/** The table of jobs, as they stand at a time in ms UTC. */
export function jobColumns(ids: readonly string[], names: Names, now: number): Column<JobRow>[] {
  const called = (peer: string | undefined) => (peer === undefined ? '' : names.of(peer));
  return [
    { head: '#', of: ({ number }) => `${number}` },
    { head: 'JOB', of: ({ job }) => shortId(job, ids) },
    { head: 'STATE', of: stateText },
    { head: 'KIND', of: ({ kind }) => kind },
    { head: 'FOR', of: ({ to }) => called(to), isOptional: true },
    { head: 'WORKER', of: ({ worker }) => called(worker), isOptional: true },
    { head: 'LEASE', of: row => leaseText(row, now), isOptional: true },
    { head: 'WHEN', of: row => timeText(row, now), isOptional: true },
    { head: 'MADE', of: ({ created_at }) => age(created_at, now) },
    { head: 'TITLE', of: ({ title }) => oneLine(title, TITLE_CHARS) },
  ];
}
