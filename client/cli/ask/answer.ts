// Waiting for the reply to one ask, and telling it: its words on stdout, how it ended by the exit.
import type { Thread } from '../../../schemas/ask.js';
import { threadWhenClosed } from '../../sdk/waiting.js';
import { Failure } from '../../terminal/exit.js';
import { hasRunOut, outcomeText } from '../../terminal/outcome.js';
import { shortId } from '../../terminal/short-id.js';
import { span } from '../../terminal/times.js';
import type { Cli } from '../cli.js';
import type { Wait } from '../options.js';
import { brokerTime } from '../reach/calls.js';
import type { Reach } from '../reach/reach.js';
import { interruptible, patienceOf } from '../reach/waiting.js';

/** Waits for the reply and prints it. A Failure when none comes in time, or none that helps. */
export async function answer(
  { terminal }: Cli,
  reach: Reach,
  { to, ask }: { to: string; ask: string },
  wait: Wait,
): Promise<void> {
  const short = shortId(ask);
  terminal.say(`asked ${to} (${short})`);
  const replied = threadWhenClosed(reach.look, ask, patienceOf(wait, terminal.say));
  const message = `stopped waiting; the ask ${short} is still open: signalbox cancel ${short}`;
  const watched = terminal.during(`waiting for ${to}`, replied);
  const thread = await interruptible(message, watched);
  if (thread?.state !== 'closed') {
    throw new Failure('waited', `${to} has not answered in ${span(Number(wait))}`, {
      hint: `its reply will come to your inbox; to end it: signalbox cancel ${short}`,
    });
  }
  const seen = () => reach.own('inbox.ack', { refs: [ask] });
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
  const { text = '', option } = thread.reply ?? {};
  const said = [option ?? '', text].filter(part => part !== '').map(terminal.text);
  switch (thread.outcome) {
    case 'replied':
      return terminal.one(thread, () => said);
    case 'acknowledged':
      if (thread.question?.kind === 'permission') {
        throw new Failure('conflict', `${to} acknowledged it and gave no permission`);
      }
      terminal.say(`${to} acknowledged it`);
      return terminal.one(thread, () => said);
    case 'declined':
    case 'denied':
    case 'cancelled':
    case 'expired':
    case 'retired':
    case undefined:
      if (terminal.format !== 'people') await terminal.one(thread, () => []);
      if (hasRunOut(thread)) {
        throw new Failure('conflict', `${outcomeText(thread, brokerTime.now())} (${to})`);
      }
      throw new Failure('conflict', [`the ask to ${to} was ${thread.outcome}`, ...said].join(': '));
  }
}
