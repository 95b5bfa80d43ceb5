// The snapshot writer: puts the fold on disk when too much would have to be folded again.
import { stat } from 'node:fs/promises';
import { limits } from '../../../schemas/limits.js';
import type { Fold } from '../../core/fold.js';
import type { FoldedCommit } from '../../core/words.js';
import { freeBytes, prepareSnapshots, snapshotsIn } from '../../disk/snapshot-dir.js';
import type { Log } from '../../log/log.js';
import type { Clock } from '../../system/clock.js';
import type { TimelinePart } from '../part.js';
import { commitHash } from './head.js';
import { saveSnapshot } from './save.js';
import { ToldOnce } from './told-once.js';

/** The newest snapshot, as plain data. */
export interface SavedSnapshot {
  /** The commit that it stands at. */
  sequence: number;
  bytes: number;
  /** How long ago it was written, in ms; never negative, whatever became of the clock. */
  age_ms: number;
}

export interface SnapshotWriterConfig {
  dataDir: string;
  clock: Clock;
  log: Pick<Log, 'read'>;
  onWarning(line: string): void;
  /** How many events are folded between two, by default `limits.snapshot_debt_events`. */
  every?: number | undefined;
  /** What else is to be durable up to here first: the next start may begin at the snapshot. */
  before?(): Promise<void>;
  /** Told of the one that is there at the beginning, and of each that is written. */
  onSaved?(snapshot: SavedSnapshot): void;
}

/**
 * Writes by replay debt: the events and bytes folded since the last snapshot. A snapshot costs as
 * much as all rows, so it waits until that is little beside what was folded, or the mesh rests.
 */
export class SnapshotWriter implements TimelinePart {
  readonly name = 'snapshots';
  readonly #config: SnapshotWriterConfig;
  /** The digest before the newest commit. */
  #before: Uint8Array = new Uint8Array(0);
  #digest: Uint8Array = new Uint8Array(0);
  #debt = { events: 0, bytes: 0 };
  #eventsAtRest = 0;
  /** When the last one was written (monotonic), how long that took, and its size. */
  #last = { at: Number.NEGATIVE_INFINITY, ms: 0, bytes: 0 };
  /** Without a snapshot a start only takes longer: what is in the way is said once. */
  readonly #guarded: ToldOnce;

  constructor(config: SnapshotWriterConfig) {
    this.#config = config;
    this.#guarded = new ToldOnce(message => {
      config.onWarning(`no snapshot is written, so the next start takes longer: ${message}`);
    });
  }

  async begin({ digest }: Fold): Promise<void> {
    this.#digest = digest;
    await this.#guarded.guard(() => this.#look());
  }

  folded({ bytes, digest, records }: FoldedCommit): void {
    this.#before = this.#digest;
    this.#digest = digest;
    this.#debt.events += records.length;
    this.#debt.bytes += bytes.length;
  }

  async rested(fold: Fold, isAtHead: boolean): Promise<void> {
    const isIdle = isAtHead && this.#debt.events === this.#eventsAtRest;
    this.#eventsAtRest = this.#debt.events;
    if (!this.#isDue(isIdle)) return;
    await this.#guarded.guard(() => this.#write(fold));
  }

  async #look(): Promise<void> {
    const { dataDir, clock, onSaved } = this.#config;
    await prepareSnapshots(dataDir);
    const [newest] = await snapshotsIn(dataDir);
    if (newest === undefined) return;
    const { size: bytes, mtimeMs } = await stat(newest.file);
    const age_ms = Math.max(0, clock.now() - mtimeMs);
    onSaved?.({ sequence: newest.sequence, bytes, age_ms });
  }

  #isDue(isIdle: boolean): boolean {
    const { events, bytes } = this.#debt;
    const { every = limits.snapshot_debt_events } = this.#config;
    if (isIdle && events >= limits.snapshot_idle_events) return true;
    if (events < every && bytes < limits.snapshot_debt_bytes) return false;
    const { at, ms } = this.#last;
    return this.#config.clock.elapsed() - at >= ms * limits.snapshot_pause_ratio;
  }

  async #write(fold: Fold): Promise<void> {
    const { dataDir, clock, log, before, onSaved } = this.#config;
    const began = clock.elapsed();
    // Counted from here, so that one that fails is not tried again at once.
    this.#debt = { events: 0, bytes: 0 };
    this.#eventsAtRest = 0;
    this.#last = { ...this.#last, at: began };
    const room = (await freeBytes(dataDir)) - limits.snapshot_margin_bytes;
    if (room < 2 * this.#last.bytes) throw new Error('there is too little room on the disk');
    let first = '';
    await before?.();
    for await (const commit of log.read(1, 1)) first = commitHash(commit.bytes);
    const bytes = await saveSnapshot({ dataDir, fold, before: this.#before, first });
    const now = clock.elapsed();
    this.#last = { at: now, ms: now - began, bytes };
    onSaved?.({ sequence: fold.sequence, bytes, age_ms: 0 });
  }
}
