// A cache of what GitHub said of pull requests, those included that nobody here has spoken of.
import { limits } from '../../../schemas/limits.js';
import { isUnder } from './repo-names.js';

export interface PullFacts {
  pr_url: string;
  state: 'open' | 'merged' | 'closed';
  head_sha?: string | undefined;
  title?: string | undefined;
  /** When a broker was told last, in ms UTC, never ahead of log time. */
  observed_at: number;
  /** When GitHub last saw it change, as far as known; in ms UTC, never ahead of log time. */
  updated_at: number;
  /** Since which position the state is so. */
  state_position: number;
  /** GitHub's id of the repository, as far as it was told. */
  repo?: string | undefined;
  /** The head before the one that was pushed at `updated_at`. */
  before?: string | undefined;
  /** What was closed and reopened at `updated_at`; see `core/reviews/pull-states.ts`. */
  second?: PullSecond | undefined;
}

/** GitHub tells the time in seconds, so what happened within one comes in any order. */
export interface PullSecond {
  /** The state before that second. */
  from: 'open' | 'closed';
  /** How often it was reopened, less how often it was closed. */
  sum: number;
  /** How many of both were told. */
  steps: number;
  /** True when GitHub was asked after that second: nothing of it can be news. */
  isOver: boolean;
}

export interface PullFactsSnapshot {
  held: PullFacts[];
  loose: PullFacts[];
}

/**
 * By URL: all that is known of pull requests with a row, and of at most `limits.reviews_rows`
 * others. https://en.wikipedia.org/wiki/Cache_replacement_policies
 */
export class PullFactRows {
  /** Of pull requests that have a row: these stay as long as it does. */
  readonly #held = new Map<string, PullFacts>();
  /** Of all others a bounded number, the ones told of longest ago first. */
  readonly #loose = new Map<string, PullFacts>();

  get(pr_url: string): PullFacts | undefined {
    return this.#held.get(pr_url) ?? this.#loose.get(pr_url);
  }

  put(facts: PullFacts): void {
    if (this.#held.has(facts.pr_url)) {
      this.#held.set(facts.pr_url, facts);
      return;
    }
    this.#loose.delete(facts.pr_url);
    this.#loose.set(facts.pr_url, facts);
    if (this.#loose.size <= limits.reviews_rows) return;
    const [oldest = ''] = this.#loose.keys();
    this.#loose.delete(oldest);
  }

  /** Those that lie below an address. */
  *under(address: string): Iterable<string> {
    for (const url of this.#held.keys()) if (isUnder(url, address)) yield url;
    for (const url of this.#loose.keys()) if (isUnder(url, address)) yield url;
  }

  /** What was said of one address holds for the other; of two words the newer. */
  rename(from: string, to: string): void {
    const facts = this.get(from);
    if (facts === undefined) return;
    this.#held.delete(from);
    this.#loose.delete(from);
    const there = this.get(to);
    const isNewer = there === undefined || isAfter(facts, there);
    if (isNewer) this.put({ ...facts, pr_url: to });
  }

  /** Its rows are gone by somebody's word, but GitHub's stays. */
  loosen(pr_url: string): void {
    const facts = this.#held.get(pr_url);
    if (facts === undefined) return;
    this.#held.delete(pr_url);
    this.put(facts);
  }

  /** From now on the pull request has a row. */
  hold(pr_url: string): void {
    const facts = this.#loose.get(pr_url);
    if (facts === undefined) return;
    this.#loose.delete(pr_url);
    this.#held.set(pr_url, facts);
  }

  /** Its last row is gone, and what was known goes with it. */
  release(pr_url: string): void {
    this.#held.delete(pr_url);
  }

  toSnapshot(): PullFactsSnapshot {
    return { held: [...this.#held.values()], loose: [...this.#loose.values()] };
  }

  restore({ held, loose }: PullFactsSnapshot): void {
    for (const facts of held) this.#held.set(facts.pr_url, facts);
    for (const facts of loose) this.#loose.set(facts.pr_url, facts);
  }
}

/** What is merged stays so. */
function isAfter(one: PullFacts, other: PullFacts): boolean {
  if (one.state !== other.state && (one.state === 'merged' || other.state === 'merged')) {
    return one.state === 'merged';
  }
  return one.updated_at > other.updated_at;
}
