// The verb reply: answers an ask, with words, a choice, leave to go on, or a bare acknowledgement.
import { Option } from 'commander';
import type { Thread } from '../../schemas/ask.js';
import { Failure, refused } from '../terminal/exit.js';
import { shortId } from '../terminal/short-id.js';
import type { Cli, CliVerb } from './cli.js';
import { type Closing, closeFound, findAsk } from './close.js';
import { examples, type TextOptions, withText } from './options.js';
import { needText, readText } from './text.js';

interface Options extends TextOptions {
  ack?: boolean;
  option?: string;
  allow?: boolean;
  deny?: boolean;
}

export const reply: CliVerb = (program, act) => {
  withText(
    program
      .command('reply')
      .description('answer an ask made to you')
      .argument('<ask>', 'its id as shown, or enough of it, or the peer whose only one it is'),
  )
    .addOption(
      new Option('--ack', 'close it without words: seen and done').conflicts([
        'option',
        'allow',
        'deny',
      ]),
    )
    .addOption(new Option('--option <id>', 'choose this answer of its question').conflicts('deny'))
    .addOption(new Option('--allow', 'give the permission it asks for').conflicts('option'))
    .addOption(new Option('--deny', 'refuse the permission it asks for').conflicts('allow'))
    .addHelpText(
      'after',
      examples(
        'signalbox reply 3fa2c1 "yes, go on"',
        'signalbox reply 3fa2c1 --file review.md',
        'signalbox reply 3fa2c1 blue',
        'signalbox reply 3fa2c1 --option blue "it is calmer"',
        'signalbox reply 3fa2c1 --deny "not on a Friday"',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, typed: string, words: string[], options: Options): Promise<void> {
  const { option, allow, deny, ack } = options;
  const isWordless = ack || allow || deny || option !== undefined;
  const read = isWordless ? readText : needText;
  const text = await read({ words, ...options }, cli.world);
  const said = text === undefined ? {} : { text };
  const reach = await cli.reach();
  const ask = await findAsk(cli, reach, typed, 'in');
  const thread = await reach.look('ask.get', { ask });
  const chosen = isWordless || text === undefined ? undefined : choiceIn(thread, text);
  if (chosen !== undefined) {
    return closeFound(cli, reach, ask, closingOf(thread, chosen, undefined));
  }
  await closeFound(cli, reach, ask, { ...closingOf(thread, options, text), ...said });
}

/**
 * What the words choose when they are nothing but an option: its id or its label, in any case.
 * Words that only begin like one are words.
 */
function choiceIn({ question, state }: Thread, text: string): Options | undefined {
  if (question === undefined || state !== 'open') return undefined;
  const { kind, options = [] } = question;
  const said = plain(text);
  const exact = options.find(({ id }) => id === text.trim());
  const alike = options.filter(({ id, label }) => [id, label].map(plain).includes(said));
  if (exact !== undefined || alike.length === 1) return { option: (exact ?? alike[0])?.id ?? '' };
  if (kind !== 'permission') return undefined;
  if (said === 'allow') return { allow: true };
  return said === 'deny' ? { deny: true } : undefined;
}

function plain(text: string): string {
  return text.trim().toLowerCase();
}

function closingOf(thread: Thread, options: Options, text: string | undefined): Closing {
  const { option, allow, deny } = options;
  const isPermission = thread.question?.kind === 'permission';
  if (allow || deny || (isPermission && option === 'deny'))
    return permissionClosing(thread, !allow);
  if (option !== undefined) return { outcome: 'replied', option };
  // Words alone would read as leave to whoever waits for it.
  if (isPermission && thread.state === 'open') {
    const short = shortId(thread.ask);
    throw new Failure('usage', `${short} asks for a permission, which words alone do not decide`, {
      hint: `signalbox reply ${short} --allow, or --deny, with the words behind it`,
    });
  }
  return { outcome: text === undefined ? 'acknowledged' : 'replied' };
}

/** Of the options a permission may offer, `allow` is the one meant; of others one must be named. */
export function permissionClosing({ ask, question }: Thread, isDenied: boolean): Closing {
  if (question?.kind !== 'permission') {
    throw refused(
      'ask_not_question',
      `${shortId(ask)} asks for no permission`,
      `answer it with: signalbox reply ${shortId(ask)} "…"`,
    );
  }
  if (isDenied) return { outcome: 'denied' };
  if (question.options === undefined) return { outcome: 'replied', text: 'allowed' };
  const ids = question.options.map(({ id }) => id);
  if (ids.includes('allow')) return { outcome: 'replied', option: 'allow' };
  throw new Failure('usage', `${shortId(ask)} offers several ways to allow it`, {
    hint: `name one with --option: ${ids.join(' ')}`,
  });
}
