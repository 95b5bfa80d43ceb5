// The retry of a call, alike by socket and POST: what is repeated, after which rest, under one id.
import { isProposing } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import type { MethodName } from '../../schemas/method.js';
import { type Backoff, fullJitter } from './backoff.js';
import { withId } from './command-id.js';
import { brokerTimeIn, ClientError, RefusalError, type Refused } from './errors.js';
import type { CallFields } from './followers.js';
import type { BrokerTime } from './identity.js';

/** True when the same call may succeed later: the broker said so, or was not there to answer. */
export function mayRepeat(error: unknown): boolean {
  if (error instanceof RefusalError) return error.retry;
  return error instanceof ClientError && ['timeout', 'unreachable'].includes(error.code);
}

/** Resolves after so many ms. */
export function rest(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

const pace: Backoff = { first_ms: limits.call_retry_first_ms, max_ms: limits.call_retry_max_ms };

/**
 * The parameters of one call over all its attempts. A command keeps one id (an idempotency key), so
 * that it takes effect once; only an id that was made here, was refused for its time and can have
 * done nothing is made anew, once.
 */
export class Attempts {
  readonly #method: MethodName;
  readonly #time: BrokerTime;
  #params: CallFields;
  #isRenewable: boolean;
  readonly #most: number;
  #failures = 0;
  /** True once it was handed out to be sent: from then on its outcome may be unknown. */
  wasSent = false;

  /** `most`: how often it is tried at most, an id made anew not counted. */
  constructor(method: MethodName, params: CallFields, time: BrokerTime, most = Infinity) {
    this.#method = method;
    this.#params = params;
    this.#time = time;
    this.#most = most;
    this.#isRenewable = isProposing(method) && params.id === undefined;
  }

  /** The parameters to send now, with the id that a command needs. */
  next(): CallFields {
    // What was sent before may have taken effect: its id stays.
    if (this.wasSent) this.#isRenewable = false;
    this.#params = withId(this.#method, this.#params, this.#time);
    this.wasSent = true;
    return this.#params;
  }

  /** The command id that was sent, if one was: calling again with it settles what is unknown. */
  get sentId(): string | undefined {
    const { id } = this.#params;
    return this.wasSent && typeof id === 'string' ? id : undefined;
  }

  /** How many ms to rest before the next attempt; undefined when there should be none. */
  restAfter(failure: Refused | ClientError, random: number): number | undefined {
    if (failure instanceof ClientError)
      return mayRepeat(failure) ? this.#rest(0, random) : undefined;
    const told = brokerTimeIn(failure);
    if (told !== undefined) this.#time.learn(told);
    if (told !== undefined && this.#isRenewable) return this.#renew();
    const { retry, retry_after_s = 0 } = failure.data;
    return retry ? this.#rest(Number(retry_after_s) * 1_000, random) : undefined;
  }

  #renew(): number {
    const { id: _, ...params } = this.#params;
    this.#params = params;
    this.#isRenewable = false;
    return 0;
  }

  #rest(told_ms: number, random: number): number | undefined {
    const failures = this.#failures++;
    return this.#failures < this.#most ? told_ms + fullJitter(failures, pace, random) : undefined;
  }
}
