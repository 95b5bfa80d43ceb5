// What GitHub said of pull requests, those included that nobody here has spoken of yet.
import { limits } from '../../schemas/limits.js';

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
}

export interface PullFactsSnapshot {
  held: PullFacts[];
  loose: PullFacts[];
}

export class PullFactRows {
  /** Of pull requests that have a row: these stay as long as it does. */
  private readonly held = new Map<string, PullFacts>();
  /** Of all others a bounded number, the ones told of longest ago first. */
  private readonly loose = new Map<string, PullFacts>();

  get(pr_url: string): PullFacts | undefined {
    return this.held.get(pr_url) ?? this.loose.get(pr_url);
  }

  put(facts: PullFacts): void {
    if (this.held.has(facts.pr_url)) {
      this.held.set(facts.pr_url, facts);
      return;
    }
    this.loose.delete(facts.pr_url);
    this.loose.set(facts.pr_url, facts);
    if (this.loose.size <= limits.reviews_rows) return;
    const [oldest = ''] = this.loose.keys();
    this.loose.delete(oldest);
  }

  /** From now on the pull request has a row. */
  hold(pr_url: string): void {
    const facts = this.loose.get(pr_url);
    if (facts === undefined) return;
    this.loose.delete(pr_url);
    this.held.set(pr_url, facts);
  }

  /** Its last row is gone, and what was known goes with it. */
  release(pr_url: string): void {
    this.held.delete(pr_url);
  }

  toSnapshot(): PullFactsSnapshot {
    return { held: [...this.held.values()], loose: [...this.loose.values()] };
  }

  restore({ held, loose }: PullFactsSnapshot): void {
    for (const facts of held) this.held.set(facts.pr_url, facts);
    for (const facts of loose) this.loose.set(facts.pr_url, facts);
  }
}
