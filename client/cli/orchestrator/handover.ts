// The verb orchestrator handover: a brief of what another one leaves, and then all of it is yours.
import type { PeerRow } from '../../../schemas/peer.js';
import { RefusalError } from '../../sdk/errors.js';
import { Failure } from '../../terminal/exit.js';
import { nameIds } from '../../terminal/names.js';
import type { Cli, CliVerb } from '../cli.js';
import { countOf, examples } from '../options.js';
import { brokerTime } from '../reach/calls.js';
import { allPeers, knownSelf, orMe, peerCalled, peerNames } from '../reach/peers.js';
import type { Reach } from '../reach/reach.js';
import { dutiesIn, gatherBrief } from './brief.js';
import { briefLines } from './brief-lines.js';

const USUAL = 20;
const PREPARED_S = 604_800;

interface Options {
  from?: string;
  to?: string;
  note?: string;
  dryRun?: boolean;
  force?: boolean;
  prepare?: boolean;
  max?: number;
}

export const handover: CliVerb = (group, act) => {
  group
    .command('handover')
    .description('take over from an orchestrator that is away: a brief first, then all it left')
    .option('--from <peer>', 'whose place is taken; me to hand over (default: the one away)')
    .option('--to <peer>', 'who takes it, an orchestrator or a human (default: you)')
    .option('--note <text>', 'what both are told with it')
    .option('--dry-run', 'show the brief; take over nothing')
    .option('--prepare', 'only leave the note where a successor finds it, for a week')
    .option('--force', 'although it is connected still; for people alone')
    .option('--max <count>', `lines of each kind (default: ${USUAL})`, countOf)
    .addHelpText(
      'after',
      examples(
        'signalbox orchestrator handover --dry-run',
        'signalbox orchestrator handover --from boss --note "credit is used up"',
        'signalbox orchestrator handover --from me --to deputy',
        'signalbox orchestrator handover --prepare --note "waiting for the review of #12"',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, options: Options): Promise<void> {
  const { terminal } = cli;
  const { dryRun = false, max = USUAL, note, prepare = false } = options;
  if (prepare) {
    await prepared(cli, options);
    return;
  }
  const reach = await cli.reach();
  const of = await formerOf(cli, reach, options.from);
  const brief = await terminal.during('reading the log', gatherBrief(reach, of));
  const names = await peerNames(reach, brief);
  const lines = briefLines(brief, { names, now: brokerTime.now(), terminal, max });
  const told = async (outcome: object, ...last: string[]) =>
    terminal.one({ ...nameIds(brief, names), ...outcome }, () => [...lines, ...last]);
  if (dryRun) {
    await told({ taken: false }, `nothing was taken over; ${dutiesIn(brief)} things would be`);
    return;
  }
  const { circle } = cli.options;
  const to = options.to === undefined ? undefined : await peerCalled(reach, options.to, circle);
  try {
    const { things, position } = await reach.speak('orchestrator.handover', {
      from: of.peer,
      ...(to && { to }),
      ...(note && { note }),
      ...(options.force && { force: true }),
    });
    const heir = to === undefined ? 'you' : names.of(to);
    await told({ taken: true, things, position }, `${things} things are with ${heir} now`);
  } catch (error) {
    if (!isOurs(error, to ?? (await knownSelf(cli, reach)))) throw error;
    await told({ taken: false, already: true }, `taken over from ${of.name} already`);
  }
}

/** True where the very one who was to take over has done so, and nothing has come since. */
function isOurs(error: unknown, heir: string | undefined): boolean {
  if (!(error instanceof RefusalError) || error.refusal !== 'handed_over') return false;
  return error.data?.peer === heir;
}

/** The note stands as what the peer says of itself, so it is in lists, the log and each brief. */
async function prepared(cli: Cli, { note, from }: Options): Promise<void> {
  if (note === undefined || from !== undefined) {
    throw new Failure('usage', '--prepare leaves a note of your own: give --note, and no --from');
  }
  const reach = await cli.reach();
  const text = `handover: ${note}`;
  const done = await reach.speak('peer.describe', { text, ttl_s: PREPARED_S });
  await cli.terminal.one(done, () => ['a successor finds the note in its brief']);
}

/** Who is named, or the one orchestrator beside this one that is away. */
async function formerOf(cli: Cli, reach: Reach, called: string | undefined): Promise<PeerRow> {
  const rows = await allPeers(reach);
  if (called !== undefined) {
    const peer = await peerCalled(reach, await orMe(cli, reach, called), cli.options.circle);
    const row = rows.find(each => each.peer === peer);
    if (row !== undefined) return row;
    throw new Failure('unknown', `${called} is no peer that is or may come back`, {
      hint: 'see who there is: signalbox peers --all',
    });
  }
  const me = await knownSelf(cli, reach);
  const { circle } = cli.options;
  const others = rows.filter(
    row => row.role === 'orchestrator' && row.peer !== me && (circle ?? row.circle) === row.circle,
  );
  const away = others.filter(({ status }) => status === 'offline');
  const left = away.filter(({ handed_to }) => handed_to === undefined);
  // Called again, it is about whose place this one has already.
  const [found, ...more] = left.length > 0 ? left : away.filter(row => row.handed_to === me);
  if (found !== undefined && more.length === 0) return found;
  const lines = others.map(({ name, status, peer }) => `${name}  ${status}  ${peer}`);
  const hint = lines.length > 0 ? `name it with --from:\n  ${lines.join('\n  ')}` : undefined;
  const what = found === undefined ? 'no orchestrator is away' : 'several orchestrators are away';
  throw new Failure('conflict', what, { ...(hint && { hint }) });
}
