// The part of the timeline that knows the past: views as they were at any moment of the log.
import { limits } from '../../schemas/limits.js';
import { isRefusal, type Refusal } from '../../schemas/refusal.js';
import { TimeTravel, TooManyMoments } from '../archive/time-travel.js';
import type { Fold } from '../core/fold.js';
import type { PastFold } from '../core/past-fold.js';
import { type PastQuestion, type PastRows, pageOf, sortedRows } from '../core/views/past.js';
import { type Row, Selection } from '../core/views/selection.js';
import { Sight } from '../core/views/views.js';
import type { FoldedCommit } from '../core/words.js';
import type { Log } from '../log/log.js';
import type { Clock } from '../system/clock.js';
import { PAST, TimelineAway, type TimelinePart } from './part.js';
import { OldStates, type OldStatesConfig } from './snapshots/old-states.js';

export interface PastConfig {
  log: Pick<Log, 'read'>;
  clock: Pick<Clock, 'elapsed'>;
  /** See `TimeTravelConfig`. */
  every?: number | undefined;
  /** Absent where nothing outlives the process. */
  onDisk?: Pick<OldStatesConfig, 'dataDir' | 'every' | 'onWarning'> | undefined;
}

/** What was computed of one moment: done once, and gone with its table. */
class Seen {
  readonly sight: Sight;
  /** Rows in order, by the key of the selection; the one made first comes first. */
  readonly #lists = new Map<string, readonly [string, Row][]>();

  constructor({ table }: PastFold) {
    this.sight = new Sight(table);
  }

  /** The rows of a selection, kept for the next page. */
  rows(selection: Selection): readonly [string, Row][] {
    const rows = this.#lists.get(selection.key) ?? sortedRows(selection.rows(this.sight));
    this.#lists.set(selection.key, rows);
    if (this.#lists.size > limits.past_selections_items) {
      const [oldest = ''] = this.#lists.keys();
      this.#lists.delete(oldest);
    }
    return rows;
  }
}

/** Answers a PastQuestion with PastRows or a refusal. */
export class Past implements TimelinePart {
  readonly name = PAST;
  readonly #config: PastConfig;
  #travel: TimeTravel | undefined;
  #states: OldStates | undefined;
  readonly #seen = new WeakMap<PastFold, Seen>();
  readonly #closing = new AbortController();
  #refilling: Promise<void> | undefined;

  constructor(config: PastConfig) {
    this.#config = config;
  }

  async begin(fold: Fold): Promise<void> {
    const { onDisk, clock } = this.#config;
    this.#states = onDisk && (await OldStates.open({ ...onDisk, clock, fold }));
    this.#travel = new TimeTravel({ ...this.#config, fold, lasting: this.#states });
    // Where the log cannot be read, who asks is told so.
    this.#refilling = this.#travel.refill(this.#closing.signal).catch(() => {});
  }

  folded({ records }: FoldedCommit): void {
    this.#travel?.folded(records.length);
  }

  async answer(question: PastQuestion): Promise<PastRows | Refusal> {
    const selection = Selection.of(question, question.beholder);
    if (isRefusal(selection)) return selection;
    try {
      const past = await this.#travel!.at(question.moment);
      const seen = this.#seen.get(past) ?? new Seen(past);
      this.#seen.set(past, seen);
      const { position, table } = past;
      return pageOf(seen.rows(selection), { position, time: table.time }, question);
    } catch (error) {
      if (error instanceof TooManyMoments) throw new TimelineAway(error.message);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#refilling;
    await this.#states?.close();
  }
}
