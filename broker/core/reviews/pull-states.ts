// Order-independent state of a pull request: what GitHub says of it comes in any order.
import type { EventOf } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import type { PullFacts, PullSecond } from '../rows/pull-facts.js';

type Observed = EventOf<'review.observed'>;
type State = PullFacts['state'];

/** What an action does to the state, however often it is told of another that came before. */
const moves: Readonly<Record<string, number>> = { closed: -1, reopened: 1 };

/** True for a delivery that tells of a step from one state to another. */
export function isStep({ action = '' }: Observed): boolean {
  return Object.hasOwn(moves, action);
}

/**
 * Whether what is said of the moment that is known already was asked for after it was over. GitHub
 * tells the time in seconds; the rest is for clocks that differ a little.
 */
export function isSettling({ delivery, observed_at }: Observed, at: number): boolean {
  return delivery === undefined && (observed_at ?? 0) >= at + limits.review_settled_ms;
}

/**
 * The state after an observation of the moment `at`, which is not before what is known. A step
 * later or earlier within one second changes only a sum, and the state follows from where that
 * second began: closed and reopened is open, in whichever order it is told.
 * https://en.wikipedia.org/wiki/Conflict-free_replicated_data_type
 */
export function stateAfter(
  event: Observed,
  at: number,
  known: PullFacts | undefined,
): { state: State; second?: PullSecond | undefined } {
  const { state } = event;
  if (state === 'merged' || known?.state === 'merged') return { state: 'merged' };
  const isSame = known !== undefined && at === known.updated_at;
  if (isSame && !isStep(event)) {
    if (isSettling(event, at))
      return { state, second: { from: state, sum: 0, steps: 0, isOver: true } };
    return { state: isLikelier(event, known) ? state : known.state, second: known.second };
  }
  const begun = isSame ? known.second : undefined;
  // A pull request that nobody has spoken of is most likely open.
  const from = begun?.from ?? known?.state ?? (isStep(event) ? 'open' : state);
  const sum = (begun?.sum ?? 0) + (isStep(event) ? (moves[event.action ?? ''] ?? 0) : 0);
  const steps = (begun?.steps ?? 0) + (isStep(event) ? 1 : 0);
  const second: PullSecond = { from, sum, steps, isOver: isSettling(event, at) };
  return { state: isStep(event) ? reached(second) : state, second };
}

/** While no step of a second is told, an end is believed: it is seldom undone within it. */
export function isLikelier({ state }: Observed, known: PullFacts): boolean {
  return known.state === 'open' && state !== 'open' && (known.second?.steps ?? 0) === 0;
}

function reached({ from, sum }: PullSecond): State {
  return (from === 'open' ? 0 : -1) + sum >= 0 ? 'open' : 'closed';
}
