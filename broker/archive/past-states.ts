// A cache of past states in memory: where a fold of the past begins, so that none is ever long.
import { limits } from '../../schemas/limits.js';
import type { PastState } from '../core/past-fold.js';
import type { KeptTable } from '../core/rows/snapshot.js';

interface Kept {
  state: PastState;
  rows: number;
}

/**
 * The newest states of the log in a row, and beside them those that readers came by last. Bounded
 * by `limits.past_states_items` and, as the states of a large mesh are large, by
 * `limits.past_states_rows`. https://en.wikipedia.org/wiki/Cache_replacement_policies
 */
export class PastStates {
  /** In the order of the log. */
  #newest: Kept[] = [];
  /** The one used longest ago comes first. */
  readonly #visited = new Map<number, Kept>();
  #rows = 0;

  /** Keeps a state of the newest; one that is older than all of as many is let go of again. */
  keep(state: PastState): void {
    this.#newest.push(this.#weighed(state));
    this.#newest.sort((a, b) => a.state.sequence - b.state.sequence);
    while (this.#newest.length > limits.past_states_items || this.#isHeavy(this.#newest.length)) {
      this.#forget(this.#newest.shift());
    }
  }

  /** Keeps a state that a reader came by. */
  visit(state: PastState): void {
    this.#forget(this.#visited.get(state.sequence));
    this.#visited.delete(state.sequence);
    this.#visited.set(state.sequence, this.#weighed(state));
    while (this.#visited.size > limits.past_visits_items || this.#isHeavy(this.#visited.size)) {
      const [oldest = -1] = this.#visited.keys();
      this.#forget(this.#visited.get(oldest));
      this.#visited.delete(oldest);
    }
  }

  /** The newest state at or before a commit; undefined when none is kept of then. */
  before(sequence: number): PastState | undefined {
    const row = this.#newest.findLast(({ state }) => state.sequence <= sequence)?.state;
    let visited: PastState | undefined;
    for (const { state } of this.#visited.values()) {
      if (state.sequence > sequence || state.sequence <= (visited?.sequence ?? -1)) continue;
      visited = state;
    }
    if (visited === undefined || visited.sequence <= (row?.sequence ?? -1)) return row;
    const kept = this.#visited.get(visited.sequence)!;
    this.#visited.delete(visited.sequence);
    this.#visited.set(visited.sequence, kept);
    return visited;
  }

  /** Lets go of what readers came by. */
  forgetVisits(): void {
    for (const kept of this.#visited.values()) this.#forget(kept);
    this.#visited.clear();
  }

  /** How many are kept. */
  get size(): number {
    return this.#newest.length + this.#visited.size;
  }

  #weighed(state: PastState): Kept {
    const rows = rowsIn(state.rows);
    this.#rows += rows;
    return { state, rows };
  }

  #forget(kept: Kept | undefined): void {
    this.#rows -= kept?.rows ?? 0;
  }

  /** One of a kind is kept however large the mesh is. */
  #isHeavy(count: number): boolean {
    return count > 1 && this.#rows > limits.past_states_rows;
  }
}

/** About how many rows a state has of its own or points to: what keeping and restoring it costs. */
export function rowsIn({ peers, asks, messages, inbox, jobs, ...more }: KeptTable): number {
  const { schedules, reviews, usage, tokens, chains } = more;
  let rows = peers.length + tokens.length + chains.length;
  rows += asks.open.length + asks.closed.length + messages.live.length + messages.ended.length;
  rows += jobs.open.length + jobs.ended.length + schedules.live.length + schedules.ended.length;
  rows += reviews.rows.length + reviews.facts.held.length + reviews.facts.loose.length;
  for (const { items } of inbox) rows += 1 + items.length;
  for (const { days } of usage.peers) rows += 1 + days.length;
  return rows;
}
