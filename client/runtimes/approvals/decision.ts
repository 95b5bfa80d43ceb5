// The decision on a permission question: the first answer of a person in the log, or none.
import type { Thread } from '../../../schemas/ask.js';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { firstChars } from '../../../schemas/text-cut.js';
import { safeText } from '../../terminal/safe.js';

/** What is made of the answers so far. `none`: nobody will decide, the runtime asks by itself. */
export type Decision =
  | { is: 'open' }
  | { is: 'none' }
  | { is: 'allowed' }
  | { is: 'denied'; message: string };

/** What of a thread counts. */
export type Answered = Pick<
  Thread,
  'state' | 'outcome' | 'reason' | 'reply' | 'position' | 'to_name'
>;

/**
 * The first answer by position in the log decides. `isHuman` says of a peer whether its role is
 * human, by the broker's word: an answer of any other peer counts as none.
 */
export function decisionOf(
  threads: readonly Answered[],
  isHuman: (peer: string) => boolean,
): Decision {
  const closed = threads.filter(({ state }) => state === 'closed');
  // Only the session itself takes a question back: it was answered where it runs.
  if (closed.some(({ outcome }) => outcome === 'cancelled')) return { is: 'none' };
  const first = closed
    .filter(({ reply }) => reply !== undefined && isHuman(reply.by))
    .toSorted((a, b) => a.position - b.position)
    .find(isAnswer);
  if (first !== undefined) {
    return isLeave(first) ? { is: 'allowed' } : { is: 'denied', message: refusalText(first) };
  }
  if (closed.length < threads.length) return { is: 'open' };
  const isLapsed = closed.some(({ reason }) => reason === 'deadline');
  return isLapsed ? { is: 'denied', message: LAPSED } : { is: 'none' };
}

const LAPSED = 'Denied: nobody allowed it through Signalbox by its deadline.';

/** Leave is given by the option alone: words that sound like it give none. */
function isLeave({ outcome, reply }: Answered): boolean {
  return outcome === 'replied' && reply?.option === 'allow';
}

function isAnswer(thread: Answered): boolean {
  const { outcome, reply } = thread;
  const isNo = outcome === 'denied' || outcome === 'declined' || reply?.option === 'deny';
  return isNo || isLeave(thread);
}

function refusalText({ reply, to_name }: Answered): string {
  const who = safeText(reply?.by_name ?? to_name ?? 'a person');
  const words = firstChars(safeText(reply?.text ?? '').trim(), limits.approval_words_chars);
  return `Denied by ${who} through Signalbox${words === '' ? '.' : `: ${words}`}`;
}
