// The verb notify: tells one peer something that needs no answer.
import { Option } from 'commander';
import type { Backlog } from '../../schemas/message.js';
import { deliveryText } from '../runtimes/when-seen.js';
import { shortId } from '../terminal/short-id.js';
import type { Cli, CliVerb } from './cli.js';
import {
  type AttachOptions,
  attached,
  examples,
  moment,
  type TextOptions,
  withAttachments,
  withText,
} from './options.js';
import { findRef, noteShown } from './reach/find.js';
import { needText } from './text.js';

interface Options extends TextOptions, AttachOptions {
  expires?: string | number;
  supersedes?: string;
  backlog?: Backlog;
}

const backlog = new Option(
  '--backlog <policy>',
  'if the peer is away: deliver it later, as one line of a digest, or drop it',
).choices(['deliver', 'digest', 'drop']);

export const notify: CliVerb = (program, act) => {
  const verb = program
    .command('notify')
    .description('tell one peer something that needs no answer')
    .argument('<to>', 'the name or id of a peer');
  withAttachments(withText(verb))
    .option('--expires <time>', 'expires after 10m, 2h, 18:00, tomorrow …', moment)
    .option('--supersedes <message>', 'replaces this earlier message of yours')
    .addOption(backlog)
    .addHelpText(
      'after',
      examples(
        'signalbox notify api "deploying now" --expires 10m',
        'signalbox notify ada "the demo is up" --expires "tomorrow 18:00"',
        'signalbox notify api "as agreed" --attach plan.md --inline',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, to: string, words: string[], options: Options): Promise<void> {
  const { expires, backlog } = options;
  const text = await needText({ words, ...options }, cli.world);
  const files = await attached(options, cli.world.directory);
  const reach = await cli.reach();
  const former = options.supersedes && (await findRef(cli, reach, options.supersedes, ['msg']));
  const { circle } = cli.options;
  const sent = reach.speak('notify.send', {
    to,
    text,
    ...(circle && { circle }),
    ...(expires !== undefined && { expires_at: expires }),
    ...(former && { supersedes: former }),
    ...(backlog && { backlog }),
    ...files,
  });
  const result = await cli.terminal.during(`telling ${to}`, sent);
  await noteShown(cli, reach, [result.message]);
  const line = `message ${shortId(result.message)} to ${to}: ${deliveryText(result)}`;
  await cli.terminal.one(result, () => [line]);
}
