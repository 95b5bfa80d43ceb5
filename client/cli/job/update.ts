// The verb job update: says how it goes, which keeps the job.
import { InvalidArgumentError, Option } from 'commander';
import { limits } from '../../../schemas/limits.js';
import { oneLine } from '../../terminal/safe.js';
import { shortId } from '../../terminal/short-id.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples } from '../options.js';
import { brokerTime } from '../reach/calls.js';
import { findJob } from '../reach/find.js';
import { peerNames } from '../reach/peers.js';
import { attemptAt, attemptOption } from './attempt.js';
import { ahead } from './lines.js';

type State = 'running' | 'awaiting_input' | 'blocked';

interface Options {
  state?: 'running' | 'awaiting' | 'blocked';
  progress?: number;
  phase?: string;
  note?: string;
  attempt?: number;
}

export const update: CliVerb = (group, act) => {
  group
    .command('update')
    .description('say how a job of yours goes, which renews its lease')
    .argument('<job>', 'its number or id as shown')
    .addOption(
      new Option('--state <state>', 'whether it goes on, or what it waits for').choices([
        'running',
        'awaiting',
        'blocked',
      ]),
    )
    .option('--progress <share>', 'how much is done: 0.5 or 50%', share)
    .option('--phase <word>', 'what is being done, as tests')
    .option('--note <text>', 'what the next worker should know if you do not finish it')
    .addOption(attemptOption())
    .addHelpText(
      'after',
      examples(
        'signalbox job update 3fa2c1 --progress 50% --phase tests',
        'signalbox job update 3fa2c1 --state blocked --note "waits for the key"',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, typed: string, options: Options): Promise<void> {
  const { terminal } = cli;
  const { progress, phase, note } = options;
  const reach = await cli.reach();
  const job = await findJob(cli, reach, typed);
  const attempt = await attemptAt(cli, reach, job, options.attempt);
  const state: State | undefined = options.state === 'awaiting' ? 'awaiting_input' : options.state;
  const call = reach.speak('job.update', {
    job,
    attempt,
    ...(state && { state }),
    ...(progress !== undefined && { progress }),
    ...(phase !== undefined && { phase }),
    ...(note !== undefined && { note }),
  });
  const updated = await terminal.during('updating', call);
  const { lease_until, cancel } = updated;
  const lease =
    lease_until === undefined ? '' : `: the lease ends ${ahead(lease_until, brokerTime.now())}`;
  await terminal.one(updated, () => [`updated ${shortId(job)}${lease}`]);
  if (cancel === undefined) return;
  const by = (await peerNames(reach)).of(cancel.by);
  const reason = oneLine(cancel.reason, limits.cli_command_chars);
  terminal.say(`${by} asks you to stop${reason ? `: ${reason}` : ''}`);
  terminal.hint(`signalbox job finish ${shortId(job)} --failed "stopped"`);
}

function share(text: string): number {
  const [, number = '', sign] = /^(\d+(?:\.\d+)?)(%)?$/.exec(text) ?? [];
  const value = Number(number) / (sign ? 100 : 1);
  if (number !== '' && value <= 1) return value;
  throw new InvalidArgumentError('Write a share from 0 to 1, or a percentage as 50%.');
}
