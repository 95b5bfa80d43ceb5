// Time travel: the table as it was at a position or time, folded from the nearest state before it.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { limits } from '../../schemas/limits.js';
import type { Fold } from '../core/fold.js';
import { nothingYet, PastFold, type PastState } from '../core/past-fold.js';
import type { PastMoment } from '../core/shared/query-context.js';
import type { Delivery } from '../core/words.js';
import type { Log } from '../log/log.js';
import type { Clock } from '../system/clock.js';
import { PastStates, rowsIn } from './past-states.js';
import { sequenceAt } from './replay.js';

export interface TimeTravelConfig {
  log: Pick<Log, 'read'>;
  /** Knows the verdicts, and goes at least as far as what is asked for. */
  fold: Fold;
  clock: Pick<Clock, 'elapsed'>;
  /** How many events may lie between two states, by default `limits.past_state_every_events`. */
  every?: number | undefined;
  lasting?: LastingStates | undefined;
}

/** States that outlive this process. None of it throws: without them the folds are only longer. */
export interface LastingStates {
  /** True when one of this commit is worth its room. Cheap: asked at every commit. */
  wants(sequence: number): boolean;
  /** Begins to keep it. */
  keep(state: PastState): void;
  /**
   * The newest of those at or before `sequence`; undefined when it is not after `after` by enough
   * to be worth reading.
   */
  between(after: number, sequence: number): Promise<PastState | undefined>;
}

/** As many folds wait as may: try again soon. */
export class TooManyMoments extends Error {}

/**
 * Folds one moment at a time, in slices, so that whoever else runs on the thread goes on; whoever
 * asks for the same moment shares its table, which nobody may change.
 */
export class TimeTravel {
  readonly #config: TimeTravelConfig;
  readonly #states = new PastStates();
  /** Those folded last, by their moment; the one used longest ago comes first. */
  readonly #tables = new Map<number, Promise<PastFold>>();
  #waiting = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #eventsSince = 0;
  #rows = 0;
  #usedAt = 0;

  constructor(config: TimeTravelConfig) {
    this.#config = config;
  }

  /** The fold has come so far by a commit of so many events: a state is kept now and then. */
  folded(events: number): void {
    this.#forgetIdle();
    const { sequence, table } = this.#config.fold;
    this.#offer(sequence, () => PastFold.stateOf(sequence, table));
    this.#eventsSince += events;
    if (this.#eventsSince < this.#interval) return;
    const state = PastFold.stateOf(sequence, table);
    this.#eventsSince = 0;
    this.#rows = rowsIn(state.rows);
    this.#states.keep(state);
  }

  /**
   * The fold at a moment. Rejects with TooManyMoments, and when the log cannot be read. A position
   * between two events means the first of them.
   */
  async at(moment: PastMoment): Promise<PastFold> {
    const place = 'position' in moment ? moment.position : await this.#endBy(moment.time);
    const known = this.#tables.get(place);
    this.#usedAt = this.#config.clock.elapsed();
    if (known === undefined && this.#waiting >= limits.past_waiting_calls) {
      throw new TooManyMoments('as many moments of the past are being folded as may be');
    }
    const table = known ?? this.#inTurn(() => this.#foldTo(place));
    this.#tables.delete(place);
    this.#tables.set(place, table);
    // What could not be folded is not remembered.
    if (known === undefined) table.catch(() => this.#tables.delete(place));
    if (this.#tables.size > limits.past_tables_items) {
      const [oldest = -1] = this.#tables.keys();
      this.#tables.delete(oldest);
    }
    return table;
  }

  /** How many events may lie between two states: a large table is copied less often. */
  get #interval(): number {
    const { every = limits.past_state_every_events } = this.#config;
    return Math.max(every, this.#rows / limits.past_copied_rows);
  }

  /** Who looked into the past has gone: tables as large as that of now are not needed. */
  #forgetIdle(): void {
    if (this.#tables.size === 0) return;
    if (this.#config.clock.elapsed() - this.#usedAt < limits.past_idle_ms) return;
    this.#tables.clear();
    this.#states.forgetVisits();
  }

  /** The last position of the last commit at or before a time. */
  async #endBy(time: number): Promise<number> {
    const { log, fold } = this.#config;
    return endOf(await sequenceAt(log, fold, time + 1));
  }

  async #inTurn<Folded>(fold: () => Promise<Folded>): Promise<Folded> {
    this.#waiting++;
    const turn = this.#turn.then(fold).finally(() => this.#waiting--);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /**
   * After a restart: folds the newest of what was before once more, in turn with those who ask, to
   * keep its states. Ends early when the signal says so; rejects when the log cannot be read.
   */
  async refill(signal: AbortSignal): Promise<void> {
    const { sequence: last, events } = this.#config.fold;
    if (last === 0) return;
    // Events are not counted by commit: about so many.
    const wanted = (limits.past_states_items * this.#interval * last) / Math.max(last, events);
    const past = await this.#inTurn(() => this.#pastAt(Math.floor(last - wanted)));
    while (past.sequence < last && !signal.aborted) {
      await this.#inTurn(() => this.#refillOne(past, last));
    }
  }

  async #refillOne(past: PastFold, last: number): Promise<void> {
    let events = 0;
    for await (const delivery of this.#inSlices(past.sequence + 1, last)) {
      events += past.commit(delivery);
      this.#offer(past.sequence, () => past.state());
      if (events >= this.#interval) break;
    }
    if (events < this.#interval) return;
    const state = past.state();
    this.#rows = rowsIn(state.rows);
    this.#states.keep(state);
  }

  async #foldTo(position: number): Promise<PastFold> {
    const { fold } = this.#config;
    const last = Math.min(Math.floor(position / limits.commit_positions), fold.sequence);
    const past = await this.#pastAt(last - 1);
    let events = 0;
    for await (const delivery of this.#inSlices(past.sequence + 1, last)) {
      const isLast = delivery.sequence === last;
      // From here the next one who looks around this moment goes on.
      if (events >= this.#interval || (isLast && events > limits.past_visit_events)) {
        this.#states.visit(past.state());
        events = 0;
      }
      events += past.commit(delivery, isLast ? position : undefined);
      if (!isLast) this.#offer(past.sequence, () => past.state());
    }
    if (past.sequence < last) throw new Error(`commit ${past.sequence + 1} cannot be read back`);
    return past;
  }

  /** The commits from one to another, with a rest after each slice. */
  async *#inSlices(first: number, last: number): AsyncGenerator<Delivery> {
    const { log, clock } = this.#config;
    let began = clock.elapsed();
    for await (const delivery of log.read(first, last)) {
      yield delivery;
      if (clock.elapsed() - began < limits.timeline_slice_ms) continue;
      await nextTurn();
      began = clock.elapsed();
    }
  }

  #offer(sequence: number, state: () => PastState): void {
    const { lasting } = this.#config;
    if (lasting?.wants(sequence)) lasting.keep(state());
  }

  /** The nearest state at or before a commit, to be folded on. */
  async #pastAt(sequence: number): Promise<PastFold> {
    const { lasting, fold } = this.#config;
    const kept = this.#states.before(sequence) ?? nothingYet;
    const stored = await lasting?.between(kept.sequence, sequence);
    if (stored !== undefined) this.#states.visit(stored);
    return new PastFold(stored ?? kept, at => fold.voids.reason(at));
  }
}

/** No commit has as many events as there are positions in it. */
function endOf(sequence: number): number {
  return sequence === 0 ? 0 : (sequence + 1) * limits.commit_positions - 1;
}
