// The verb ask: asks one peer, and waits for the reply when told to.
import type { Thread } from '../../schemas/ask.js';
import type { Cli, Verb } from './cli.js';
import { Failure } from './exit.js';
import { examples, type TextOptions, type Wait, waitOption, withText } from './options.js';
import { findRef, noteShown } from './reach/find.js';
import type { Reach } from './reach/reach.js';
import { interruptible, waitFor } from './reach/waiting.js';
import { shortId } from './show/short-id.js';
import { span } from './show/times.js';
import { needText } from './text.js';

interface Options extends TextOptions {
  wait?: Wait;
  replyTo?: string;
}

export const ask: Verb = (program, act) => {
  withText(
    program
      .command('ask')
      .description('ask one peer; the reply comes to your inbox, or here with --wait')
      .argument('<to>', 'the name or id of a peer'),
  )
    .addOption(waitOption('wait for the reply and print it'))
    .option('--reply-to <ask>', 'answer this ask with the new one, which closes it')
    .addHelpText(
      'after',
      examples(
        'signalbox ask api "may I merge?" --wait 10m',
        'git diff main | signalbox ask reviewer "please review" - --wait',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, to: string, words: string[], options: Options): Promise<void> {
  const text = await needText({ words, ...options }, cli.world.stdin);
  const reach = await cli.reach();
  const { circle } = cli.options;
  const reply_to = options.replyTo && (await findRef(cli, reach, options.replyTo, ['ask']));
  const params = { to, text, ...(circle && { circle }), ...(reply_to && { reply_to }) };
  const opened = await cli.terminal.during(`asking ${to}`, reach.speak('ask.open', params));
  await noteShown(cli, reach, [opened.ask]);
  if (options.wait !== undefined) return answer(cli, reach, { to, ask: opened.ask }, options.wait);
  const state = opened.delivery === 'offered' ? 'offered' : `queued until ${to} looks`;
  await cli.terminal.one(opened, () => [`ask ${shortId(opened.ask)} to ${to}: ${state}`]);
  cli.terminal.hint('the reply comes to your inbox: signalbox inbox --wait');
}

async function answer(
  { terminal }: Cli,
  reach: Reach,
  { to, ask }: { to: string; ask: string },
  wait: Wait,
): Promise<void> {
  const short = shortId(ask);
  terminal.say(`asked ${to} (${short})`);
  const slice = async (timeout_s: number) => {
    const thread = await reach.speak('ask.wait', { ask, timeout_s }, (timeout_s + 10) * 1_000);
    return thread.state === 'closed' ? thread : undefined;
  };
  const replied = waitFor(wait, slice, terminal.say);
  const message = `stopped waiting; the ask ${short} is still open: signalbox cancel ${short}`;
  const watched = terminal.during(`waiting for ${to}`, replied);
  const thread = await interruptible(message, watched);
  if (thread === undefined) {
    throw new Failure('waited', `${to} has not answered in ${span(Number(wait))}`, {
      hint: `its reply will come to your inbox; to end it: signalbox cancel ${short}`,
    });
  }
  const seen = () => reach.speak('inbox.ack', { refs: [ask] });
  try {
    await tell(terminal, to, thread);
  } catch (error) {
    // What is told as a failure is told; a closed pipe has shown nobody anything.
    if (error instanceof Failure) await seen();
    throw error;
  }
  await seen();
}

async function tell(terminal: Cli['terminal'], to: string, thread: Thread): Promise<void> {
  const text = thread.reply?.text ?? '';
  const said = text === '' ? [] : [terminal.text(text)];
  switch (thread.outcome) {
    case 'replied':
      return terminal.one(thread, () => said);
    case 'acknowledged':
      terminal.say(`${to} acknowledged it`);
      return terminal.one(thread, () => said);
    case 'declined':
    case 'denied':
    case 'cancelled':
    case 'expired':
    case 'retired':
    case undefined:
      if (terminal.format !== 'people') await terminal.one(thread, () => []);
      throw new Failure('conflict', [`the ask to ${to} was ${thread.outcome}`, ...said].join(': '));
  }
}
