// The timeline index: a part that writes what the log says into SQLite, and answers from it.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { limits } from '../../../schemas/limits.js';
import type { Fold } from '../../core/fold.js';
import type { FoldedCommit } from '../../core/words.js';
import type { Log } from '../../log/log.js';
import type { Clock } from '../../system/clock.js';
import { causeOf } from '../../system/fault.js';
import type { TimelinePart } from '../part.js';
import type { IndexAnswer, IndexQuestion } from './index-questions.js';
import { answerCold } from './read/cold-answers.js';
import { filtered } from './read/filtered.js';
import { search } from './read/search.js';
import { thread } from './read/thread.js';
import { removeMark } from './store/clean-mark.js';
import { IndexStore } from './store/index-store.js';
import { IntegrityCheck } from './store/integrity.js';
import { DamagedIndex } from './store/sealing.js';
import { isDamage, isFull, Sqlite } from './store/sqlite.js';
import { IndexBatch } from './write/batch.js';
import { StageNotes } from './write/stage-notes.js';

export interface IndexConfig {
  dataDir: string;
  log: Pick<Log, 'read' | 'head'>;
  clock: Clock;
  onWarning(line: string): void;
  /** The index holds nothing any more: the log is to be followed from its start, by a new one. */
  startOver(): void;
}

/** In the data directory, only for its owner to read. */
export const INDEX_FILE = 'timeline.db';

/**
 * What it holds is a cache of the log: on any doubt it is thrown away and made anew.
 * https://learn.microsoft.com/azure/architecture/patterns/materialized-view
 */
export class TimelineIndex implements TimelinePart {
  readonly name = 'index';
  readonly #config: IndexConfig;
  readonly #path: string;
  readonly #stages = new StageNotes();
  #store: IndexStore;
  #batch = new IndexBatch();
  #logId = '';
  #begunAt = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Set when the cursor's place in the history was found to be the log's. */
  #isProven = false;
  #isGone = false;
  /** Looks through the file meanwhile; nothing is answered from one that may be damaged. */
  readonly #check: IntegrityCheck | undefined;
  readonly #whole: Promise<boolean>;
  #isWhole = false;

  private constructor(config: IndexConfig, path: string, store: IndexStore) {
    this.#config = config;
    this.#path = path;
    this.#store = store;
    this.#isProven = store.cursor.sequence === 0;
    if (!store.isNew) this.#check = new IntegrityCheck(path, store.isAsClosed);
    this.#whole = this.#lookedThrough();
  }

  /**
   * Opens the index of a data directory; one that is damaged, of another layout or ahead of the log
   * is made anew. Rejects where there is no SQLite.
   */
  static async open(config: IndexConfig): Promise<TimelineIndex> {
    const path = join(config.dataDir, INDEX_FILE);
    const store = await openAnew(path, config);
    return new TimelineIndex(config, path, store);
  }

  cursor(): number {
    return this.#store.cursor.sequence;
  }

  /** The fold stands before the cursor or at it. */
  begin(fold: Fold): void {
    if (fold.sequence === this.cursor()) this.passed(fold);
  }

  /** The fold stands at the cursor: what the inboxes hold there is known. */
  passed({ table, digest, sequence }: Fold): void {
    this.#stages.begin(table);
    if (sequence === 0) return;
    const { cursor } = this.#store;
    if (cursor.log === table.log.id && Buffer.compare(cursor.digest, digest) === 0) {
      this.#isProven = true;
    } else this.#discard('it is of another history');
  }

  folded(commit: FoldedCommit, { table }: Fold): void {
    if (this.#isGone) return;
    if (this.#batch.last === undefined) this.#begunAt = this.#config.clock.elapsed();
    this.#logId = table.log.id;
    this.#batch.add(commit, table, this.#stages);
  }

  async rested(_: Fold, isAtHead: boolean): Promise<void> {
    const { records, times, bytes, last } = this.#batch;
    if (last === undefined || this.#isGone) return;
    const isBig =
      records.length >= limits.index_batch_events ||
      times.length >= limits.index_batch_commits ||
      bytes >= limits.index_batch_bytes;
    const age = this.#config.clock.elapsed() - this.#begunAt;
    if (isBig || (isAtHead && age >= limits.index_batch_ms)) await this.flush();
    else if (isAtHead) this.#timer ??= setTimeout(() => this.#flushLater(), limits.index_batch_ms);
  }

  /** Writes all that was folded. While the disk is full it waits, says so, and tries again. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#check?.writable;
    let isSaid = false;
    while (this.#batch.last !== undefined && !this.#isGone) {
      try {
        this.#store.write(this.#batch, this.#logId);
        this.#batch = new IndexBatch();
        if (isSaid) this.#config.onWarning('the timeline index goes on');
      } catch (error) {
        if (this.#isBroken(error)) return;
        if (!isFull(error)) throw error;
        if (!isSaid) this.#config.onWarning(`the timeline index pauses: ${causeOf(error)}`);
        isSaid = true;
        await pause(limits.index_retry_ms);
      }
    }
  }

  /** Writes all that was folded, and sees to it that it stays. */
  async settle(): Promise<void> {
    await this.flush();
    if (!this.#isGone) this.#store.settle();
  }

  async answer(question: IndexQuestion, signal: AbortSignal, fold: Fold): Promise<IndexAnswer> {
    await this.flush();
    const isPartial = question.find === 'search' || question.find === 'thread';
    // Who can read the log instead does not wait, and is told of all that it has: a bit that flips
    // in what a kill left may lie in a term, where no check of SQLite looks.
    const isExact = this.#isWhole && this.#isUnbroken;
    if (question.find === 'records' && !isExact) return { isElsewhere: true };
    const isWhole = await this.#whole;
    // The records of a search are read from the log itself, whatever the index says of them.
    if (this.#isGone || !isWhole || !(this.#isProven || isPartial)) return { isElsewhere: true };
    const { log, clock } = this.#config;
    const ground = { store: this.#store, log, elapsed: () => clock.elapsed() };
    try {
      switch (question.find) {
        case 'records':
          return { found: await filtered(ground, question, signal) };
        case 'search':
          return { found: await search(ground, question, signal) };
        case 'thread':
          return { found: await thread(ground, question, signal) };
        default:
          return await answerCold(ground, fold, question, signal);
      }
    } catch (error) {
      if (this.#isGone || this.#isBroken(error)) return { isElsewhere: true };
      throw error;
    }
  }

  /** What was not looked through to its end is not marked as whole. */
  async close(): Promise<void> {
    if (this.#isGone) return;
    this.#isGone = true;
    clearTimeout(this.#timer);
    this.#check?.stop();
    const store = this.#store;
    const isWritable = this.#isWhole || !store.isAsClosed;
    try {
      if (this.#batch.last !== undefined && isWritable) store.write(this.#batch, this.#logId);
    } catch (error) {
      this.#config.onWarning(`the timeline index lost its last commits: ${causeOf(error)}`);
    }
    if (this.#isWhole) await store.closeWhole(this.#isUnbroken);
    else store.close();
  }

  /** Since it was made, it was closed cleanly each time, and found as it was closed. */
  get #isUnbroken(): boolean {
    return this.#check?.isUnbroken ?? true;
  }

  async #lookedThrough(): Promise<boolean> {
    try {
      const damage = await this.#check?.damage;
      if (damage !== undefined) this.#discard(damage);
      this.#isWhole = damage === undefined;
    } catch (error) {
      const { onWarning } = this.#config;
      if (!this.#isGone) onWarning(`the timeline index is not looked through: ${causeOf(error)}`);
    }
    return this.#isWhole;
  }

  #flushLater(): void {
    this.#timer = undefined;
    // What goes wrong here goes wrong again, and is told, where the follower waits for it.
    this.flush().catch(() => {});
  }

  #isBroken(error: unknown): boolean {
    if (!isDamage(error) && !(error instanceof DamagedIndex)) return false;
    this.#discard(causeOf(error));
    return true;
  }

  #discard(why: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    clearTimeout(this.#timer);
    this.#check?.stop();
    const { onWarning, startOver } = this.#config;
    onWarning(`the timeline index is made anew: ${why}`);
    this.#store.close();
    removeIndex(this.#path);
    startOver();
  }
}

/** Throws only where there is no SQLite, or no room for an empty index. */
async function openAnew(path: string, config: IndexConfig): Promise<IndexStore> {
  const { log, onWarning } = config;
  try {
    const store = await IndexStore.open(path);
    const { sequence } = store.cursor;
    if (sequence === 0 || sequence <= (await log.head())) return store;
    store.close();
    onWarning('the timeline index is made anew: it is ahead of the log');
  } catch (error) {
    if (!isDamage(error) && !(error instanceof DamagedIndex)) throw error;
    onWarning(`the timeline index is made anew: ${causeOf(error)}`);
  }
  removeIndex(path);
  return IndexStore.open(path);
}

function removeIndex(path: string): void {
  Sqlite.remove(path);
  removeMark(path);
}
