// What the answers of one turn used of a model, each counted once however often it is told.
import type { TurnUsage } from '../../runtimes/opencode/plugin-calls.js';

/** Sums up a turn; an answer that was counted with an earlier turn is not counted again. */
export class TurnUsages {
  #now = new Map<string, TurnUsage>();
  #before: ReadonlyMap<string, TurnUsage> = new Map();
  #model = 'unknown';

  /** An answer, by its message: what it has used so far. */
  note(message: string, usage: TurnUsage): void {
    this.#model = usage.model;
    if (!this.#before.has(message)) this.#now.set(message, usage);
  }

  /** The provider has slowed the turn down: nothing more was used by that. */
  limited(): TurnUsage {
    return { model: this.#model, input_tokens: 0, output_tokens: 0, rate_limited: true };
  }

  /** The turn is over; undefined where its model did nothing. */
  take(): TurnUsage | undefined {
    const all = [...this.#now.values()];
    const last = all.at(-1);
    this.#before = this.#now;
    this.#now = new Map();
    const sum = (of: (usage: TurnUsage) => number) => all.reduce((all, each) => all + of(each), 0);
    const cost_usd = sum(({ cost_usd = 0 }) => cost_usd);
    return (
      last && {
        model: last.model,
        input_tokens: sum(({ input_tokens }) => input_tokens),
        output_tokens: sum(({ output_tokens }) => output_tokens),
        ...(cost_usd > 0 && { cost_usd }),
      }
    );
  }
}
