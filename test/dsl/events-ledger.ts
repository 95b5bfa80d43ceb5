// What named people say of themselves and use, and what an operator bounds: the ledger's words.
import type { EventOf } from '../../schemas/event.js';
import { OPERATOR } from '../../schemas/uuid.js';
import { anyWord, bare, broker, type Draft, type Person, says } from './events.js';

interface UseWords {
  model?: unknown;
  input_tokens?: unknown;
  output_tokens?: unknown;
  cost_usd?: unknown;
  rate_limited?: unknown;
}

/** A turn that used something: ten tokens in and five out, unless told otherwise. */
export function uses(who: Person, words: UseWords = {}, state = 'idle'): Draft {
  const usage = { model: 'opus', input_tokens: 10, output_tokens: 5, ...words };
  return says(who, 'peer.turned', { state: anyWord(state), usage });
}

type Bounds = Pick<EventOf<'usage.budgeted'>, 'tokens_per_day' | 'cost_usd_per_day'>;

/** The operator bounds what a peer may use a day, or frees it when no bound is given. */
export function bounds(who: Person, words: Bounds = {}): Draft {
  const { peer, circle } = who;
  return bare(OPERATOR, 'usage.budgeted', { peer, circle, ...words });
}

export function boundsCircle(circle: string, words: Bounds = {}): Draft {
  return bare(OPERATOR, 'usage.budgeted', { circle, ...words });
}

/** Some broker finds that the peer has been away too long. */
export const givesUp = ({ peer, circle }: Person) => broker('peer.retired', { peer, circle });

export const describes = (who: Person, text: string, expires_at: number) =>
  says(who, 'peer.described', { text, expires_at });
