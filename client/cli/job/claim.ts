// The verb job claim: takes on a job, and prints what is to be done and what is known of it.
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../../../schemas/limits.js';
import type { Result } from '../../../schemas/method.js';
import { RefusalError } from '../../sdk/errors.js';
import { waitFor } from '../../sdk/waiting.js';
import { Failure, refused } from '../../terminal/exit.js';
import { nameIds } from '../../terminal/names.js';
import { safeText } from '../../terminal/safe.js';
import { shortId } from '../../terminal/short-id.js';
import { span } from '../../terminal/times.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples, type Wait, waitOption } from '../options.js';
import { brokerTime } from '../reach/calls.js';
import { findJob, noteShown } from '../reach/find.js';
import { peerNames } from '../reach/peers.js';
import type { Reach } from '../reach/reach.js';
import { interruptible, patienceOf } from '../reach/waiting.js';
import { isEnded, jobLines } from './lines.js';

interface Options {
  kind?: string;
  wait?: Wait;
}

type Claimed = Result<'job.claim'>;
type Which = { job?: string; kind?: string };

export const claim: CliVerb = (group, act) => {
  group
    .command('claim')
    .description('take on a job: this one, or the next of a kind')
    .argument('[job]', 'its number or id as shown (default: what is for you, then the oldest)')
    .option('--kind <name>', 'the next one of this kind')
    .addOption(waitOption('wait for one to come'))
    .addHelpText(
      'after',
      examples(
        'signalbox job claim --kind review --wait',
        'signalbox job claim 3fa2c1',
        'signalbox job claim --kind fix --json',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, typed: string | undefined, options: Options): Promise<void> {
  const { kind, wait } = options;
  if (typed !== undefined && kind !== undefined) {
    throw new Failure('usage', 'name a job or a kind, not both');
  }
  const reach = await cli.reach();
  const which =
    typed === undefined ? { ...(kind && { kind }) } : { job: await findJob(cli, reach, typed) };
  const claimed =
    wait === undefined
      ? await cli.terminal.during('claiming', attempt(reach, which))
      : await claimWithin(cli, reach, which, wait);
  if (claimed?.job !== undefined) return print(cli, reach, claimed);
  throw refused(
    'job_unknown',
    `no ${kind ?? ''} job waits for you`.replace('  ', ' '),
    'wait for one with --wait',
  );
}

async function claimWithin(
  cli: Cli,
  reach: Reach,
  which: Which,
  wait: Wait,
): Promise<Claimed | undefined> {
  const slice = async (left_s: number) => {
    const claimed = await attempt(reach, which, true);
    if (claimed === undefined) await sleep(Math.min(left_s, limits.cli_look_s) * 1_000);
    return claimed;
  };
  const claiming = waitFor(patienceOf(wait, cli.terminal.say), slice);
  const work = cli.terminal.during('waiting for a job', claiming);
  const claimed = await interruptible('stopped waiting; nothing was claimed', work);
  if (claimed !== undefined) return claimed;
  throw new Failure('waited', `no job came in ${span(Number(wait))}`);
}

/** One try; undefined when there is none to take. Why a named job cannot be had is thrown. */
async function attempt(
  reach: Reach,
  which: Which,
  isPatient = false,
): Promise<Claimed | undefined> {
  try {
    const claimed = await reach.speak('job.claim', which);
    return claimed.job === undefined ? undefined : claimed;
  } catch (error) {
    const refusal = error instanceof RefusalError ? error.refusal : '';
    if (which.job === undefined && (refusal === 'job_unknown' || refusal === 'job_state')) {
      return undefined;
    }
    if (!isPatient || which.job === undefined || refusal !== 'job_state') throw error;
    const { state } = await reach.look('job.get', { job: which.job });
    if (isEnded(state)) throw error;
    return undefined;
  }
}

async function print(cli: Cli, reach: Reach, claimed: Claimed): Promise<void> {
  const { terminal } = cli;
  const { job = '', attempt: number, handoff } = claimed;
  await noteShown(cli, reach, [job]);
  const names = await peerNames(reach, claimed);
  const row = claimed.row ?? (await reach.look('job.get', { job }));
  const known = handoff?.text ? ['', ...safeText(handoff.text).split('\n')] : [];
  await terminal.one(nameIds(claimed, names), () => [
    ...jobLines(row, names, brokerTime.now()),
    ...known,
  ]);
  const short = shortId(job);
  terminal.say(`attempt ${number} is yours; say how it goes every ${span(row.lease_s)} or sooner`);
  terminal.hint(`signalbox job update ${short} --progress 0.5 --note "…"`);
  terminal.hint(`signalbox job finish ${short} "what was done"`);
}
