// The part of the timeline that knows the past: views as they were at any moment of the log.
import type { Refusal } from '../../schemas/refusal.js';
import { TimeTravel, TooManyMoments } from '../archive/time-travel.js';
import type { Fold } from '../core/fold.js';
import type { PastFold } from '../core/past-fold.js';
import { type PastQuestion, type PastRows, pastRows } from '../core/views/past.js';
import { Sight } from '../core/views/views.js';
import type { FoldedCommit } from '../core/words.js';
import type { Log } from '../log/log.js';
import type { Clock } from '../system/clock.js';
import { PAST, TimelineAway, type TimelinePart } from './part.js';

export interface PastConfig {
  log: Pick<Log, 'read'>;
  clock: Pick<Clock, 'elapsed'>;
  /** See `TimeTravelConfig`. */
  every?: number | undefined;
}

/** Answers a PastQuestion with PastRows or a refusal. */
export class Past implements TimelinePart {
  readonly name = PAST;
  readonly #config: PastConfig;
  #travel: TimeTravel | undefined;
  /** What was counted in a table is counted once. */
  readonly #sights = new WeakMap<PastFold, Sight>();

  constructor(config: PastConfig) {
    this.#config = config;
  }

  begin(fold: Fold): void {
    this.#travel = new TimeTravel({ ...this.#config, fold });
  }

  folded({ records }: FoldedCommit): void {
    this.#travel?.folded(records.length);
  }

  async answer(question: PastQuestion): Promise<PastRows | Refusal> {
    try {
      const past = await this.#travel!.at(question.moment);
      const sight = this.#sights.get(past) ?? new Sight(past.table);
      this.#sights.set(past, sight);
      return pastRows(sight, past.position, question);
    } catch (error) {
      if (error instanceof TooManyMoments) throw new TimelineAway(error.message);
      throw error;
    }
  }
}
