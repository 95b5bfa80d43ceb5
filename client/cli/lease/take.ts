// The verb lease take: holds files for a while, or says who does and until when.
import type { LeaseHolder } from '../../../schemas/lease.js';
import type { Result } from '../../../schemas/method.js';
import type { PeerRow } from '../../../schemas/peer.js';
import type { CallParams } from '../../sdk/api.js';
import { RefusalError } from '../../sdk/errors.js';
import { lookFor, waitFor } from '../../sdk/waiting.js';
import { Failure, refused } from '../../terminal/exit.js';
import { oneLine } from '../../terminal/safe.js';
import { shortId } from '../../terminal/short-id.js';
import { minuteOf, span } from '../../terminal/times.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples, seconds, type Wait, waitOption } from '../options.js';
import { brokerTime } from '../reach/calls.js';
import { allPeers, knownSelf } from '../reach/peers.js';
import type { Reach } from '../reach/reach.js';
import { interruptible, patienceOf } from '../reach/waiting.js';
import { filesOf, type ProjectFiles, pathsText, pathText } from './typed.js';

interface Options {
  for?: number;
  note?: string;
  shared?: boolean;
  wait?: Wait;
}

const NOTE_CHARS = 120;
const wholeSeconds = (text: string) => Math.ceil(seconds(text));

export const take: CliVerb = (group, act) => {
  group
    .command('take')
    .description('work on these files and folders; exit 6 if another peer does')
    .argument('<path...>', 'files and folders of one project, there or not yet')
    .option(
      '--for <time>',
      'for 90s, 10m, 2h … (default: 30m); take them again to go on',
      wholeSeconds,
    )
    .option('--note <words>', 'what for, for those who want the same')
    .option('--shared', 'beside others who share them too: for reading')
    .addOption(waitOption('wait until they are free, exit 124 if they never are'))
    .addHelpText(
      'after',
      examples(
        'signalbox lease take src/a.ts docs/ --for 1h --note "the parser"',
        'signalbox lease take package.json --wait 5m',
        'signalbox lease take src --shared',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, typed: string[], options: Options): Promise<void> {
  const { terminal, world } = cli;
  const files = filesOf(typed, world.directory);
  const { project, top } = files;
  const { circle } = cli.options;
  const { for: ttl_s, note, shared, wait } = options;
  const params: CallParams<'lease.take'> = {
    project,
    paths: [...files.paths],
    ...(shared && { mode: 'shared' as const }),
    ...(ttl_s !== undefined && { ttl_s }),
    ...(note !== undefined && { note }),
    ...(circle && { circle }),
  };
  const reach = await cli.reach();
  const taken = await takeNow(cli, reach, params, wait);
  const beside = await neighbours(cli, reach, files);
  await terminal.one({ ...taken, project, ...(beside.length > 0 && { beside }) }, () => [
    line(taken, files, shared),
  ]);
  for (const { name } of beside) {
    terminal.say(
      `${name} works in this work tree too, ${top}: your edits mix; take one of your own`,
    );
  }
}

type Taken = Result<'lease.take'>;

function line({ lease = '', until }: Taken, { paths, project }: ProjectFiles, shared?: boolean) {
  const now = brokerTime.now();
  const end = until === undefined ? '' : ` until ${timeText(until, now)}`;
  const how = shared ? 'share' : 'hold';
  return `you ${how} ${pathsText(paths)} of ${pathText(project)}${end} (lease ${shortId(lease)})`;
}

/** Takes them; who waits is told once who has them. A Failure says who when it is over. */
async function takeNow(
  { terminal }: Cli,
  reach: Reach,
  params: CallParams<'lease.take'>,
  wait: Wait | undefined,
): Promise<Taken> {
  if (wait === undefined) {
    return reach.speak('lease.take', params).catch(error => {
      throw held(error) ?? error;
    });
  }
  let last: Failure | undefined;
  const slice = (wait_s: number) =>
    reach.speak('lease.take', { ...params, wait_s }, lookFor(wait_s)).catch(error => {
      const failure = held(error);
      if (failure === undefined) throw error;
      if (last === undefined) terminal.say(`${failure.message}; waiting`);
      last = failure;
      return undefined;
    });
  const first = await slice(0);
  const work = async () => first ?? (await waitFor(patienceOf(wait, terminal.say), slice));
  const taken = await interruptible('no longer waiting for the files', work());
  if (taken !== undefined) return taken;
  throw new Failure('waited', last?.message ?? 'the broker was away all that time', {
    refusal: 'lease_held',
    ...(last?.hint && { hint: last.hint }),
  });
}

/** Who has the files and until when, of a refusal that says so. */
function held(error: unknown): Failure | undefined {
  if (!(error instanceof RefusalError) || error.refusal !== 'lease_held') return undefined;
  const now = brokerTime.now();
  const holders = (error.data.holders ?? []) as LeaseHolder[];
  const [first, ...more] = holders.map(holder => holderText(holder, now));
  // It was free again when the broker looked who had come first.
  if (first === undefined) return refused('lease_held', 'another peer was quicker; try again');
  const next = `ask: signalbox ask ${holders[0]?.name ?? holders[0]?.peer} "…"; or --wait`;
  return refused('lease_held', first, [...more, next].join('\n  '));
}

function holderText({ path, peer, name = peer, mode, until, note }: LeaseHolder, now: number) {
  const how = mode === 'shared' ? 'shared' : 'held';
  const why = note === undefined ? '' : `: ${oneLine(note, NOTE_CHARS)}`;
  return `${pathText(path)} is ${how} by ${name} until ${timeText(until, now)}${why}`;
}

function timeText(until: number, now: number): string {
  return `${minuteOf(until, now)} (${span(Math.ceil(Math.max(0, until - now) / 1_000))} left)`;
}

/** Other sessions in the same work tree, as far as the log knows where they stand. */
async function neighbours(cli: Cli, reach: Reach, { isIn }: ProjectFiles): Promise<Neighbour[]> {
  const [rows, me] = await Promise.all([
    allPeers(reach).catch((): PeerRow[] => []),
    knownSelf(cli, reach),
  ]);
  const isOther = ({ peer, status, runtime }: PeerRow) =>
    peer !== me && runtime !== undefined && status !== 'offline';
  return rows
    .filter(row => isOther(row) && isIn(row))
    .map(({ peer, name, path }) => ({ peer, name, path }));
}

interface Neighbour {
  peer: string;
  name: string;
  path?: string | undefined;
}
