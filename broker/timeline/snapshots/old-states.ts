// Past states on disk: sparse starting points over the whole history, a cache for time travel.
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../../schemas/limits.js';
import type { LastingStates } from '../../archive/time-travel.js';
import type { Fold } from '../../core/fold.js';
import type { PastState } from '../../core/past-fold.js';
import type { Frame } from '../../core/rows/frame.js';
import { keptFrames, TableReader } from '../../core/rows/frames.js';
import { foldVersion } from '../../core/snapshots/snapshot.js';
import { type PastFile, pastDir, pastFilesIn, pastName } from '../../disk/past-dir.js';
import { freeBytes, prepareDir } from '../../disk/snapshot-dir.js';
import { readSnapshot, writeSnapshot } from '../../disk/snapshot-file.js';
import type { Clock } from '../../system/clock.js';
import { HEAD_FRAME } from './head.js';
import { ToldOnce } from './told-once.js';

export interface OldStatesConfig {
  dataDir: string;
  /** Its marks say what the log had come to at the commits of the files. */
  fold: Fold;
  clock: Pick<Clock, 'elapsed'>;
  /** How many events lie between two at least, by default `limits.past_file_every_events`. */
  every?: number | undefined;
  onWarning(line: string): void;
}

/** What is in a file before its rows; all of it must be as here, or the file is of no use. */
interface Head {
  fold: string;
  log: string;
  sequence: number;
  digest: string;
}

/** The file is not what it should be: it is removed. */
class UnfitState extends Error {}

/**
 * Kept where the fold has marks, so that a digest proves of which log a file is. As the history
 * grows those that lie closest are removed: the distance of the others follows its length.
 * https://en.wikipedia.org/wiki/Application_checkpointing
 */
export class OldStates implements LastingStates {
  readonly #config: OldStatesConfig;
  /** The oldest first. */
  #files: PastFile[] = [];
  #writing: Promise<void> | undefined;
  /** When the last one was written (monotonic), and how long that took. */
  #last = { at: Number.NEGATIVE_INFINITY, ms: 0 };
  /** Without them the past only takes longer: what is in the way is said once. */
  readonly #guarded: ToldOnce;

  private constructor(config: OldStatesConfig) {
    this.#config = config;
    this.#guarded = new ToldOnce(message => {
      config.onWarning(`no past state is kept on disk, so view.at takes longer: ${message}`);
    });
  }

  /** Looks at what is there; removes what another program or of another log wrote. */
  static async open(config: OldStatesConfig): Promise<OldStates> {
    const states = new OldStates(config);
    await states.#guarded.guard(() => states.#look());
    return states;
  }

  wants(sequence: number): boolean {
    if (sequence % limits.mark_every_commits !== 0 || this.#writing !== undefined) return false;
    const { at, ms } = this.#last;
    if (this.#config.clock.elapsed() - at < ms * limits.snapshot_pause_ratio) return false;
    const distance = this.#distance;
    return this.#files.every(file => Math.abs(file.sequence - sequence) >= distance);
  }

  keep(state: PastState): void {
    this.#writing = this.#guarded
      .guard(() => this.#write(state))
      .finally(() => {
        this.#writing = undefined;
      });
  }

  async between(after: number, sequence: number): Promise<PastState | undefined> {
    const worth = this.#distance / 8;
    for (const found of this.#files.filter(file => file.sequence <= sequence).reverse()) {
      if (found.sequence - after < worth) return undefined;
      try {
        return { sequence: found.sequence, rows: await this.#read(found) };
      } catch (error) {
        await this.#discard(found, error as NodeJS.ErrnoException);
      }
    }
    return undefined;
  }

  /** Resolves once nothing is being written any more. */
  async close(): Promise<void> {
    await this.#writing;
  }

  /** How many commits are to lie between two. */
  get #distance(): number {
    const { every = limits.past_file_every_events, fold } = this.#config;
    const largest = Math.max(1, ...this.#files.map(({ bytes }) => bytes));
    const files = Math.min(limits.past_files_items, limits.past_files_bytes / largest);
    // Events are not counted by commit: about so many. An empty commit costs as much as one.
    const commits = (every * fold.sequence) / Math.max(1, fold.sequence, fold.events);
    return Math.max(limits.mark_every_commits, commits, fold.sequence / Math.max(1, files));
  }

  async #look(): Promise<void> {
    const { dataDir, fold } = this.#config;
    await prepareDir(pastDir(dataDir));
    for (const found of await pastFilesIn(dataDir)) {
      const isAhead = found.sequence > fold.sequence;
      const isOurs = isAhead || this.#digestAt(found.sequence)?.startsWith(found.digest);
      if (found.fold === foldVersion && isOurs) this.#files.push(found);
      else await unlink(found.file);
    }
  }

  async #write(state: PastState): Promise<void> {
    const { dataDir, clock } = this.#config;
    const { sequence, rows } = state;
    const digest = this.#digestAt(sequence);
    if (digest === undefined) return;
    const began = clock.elapsed();
    // Counted from here, so that one that fails is not tried again at once.
    this.#last = { at: began, ms: limits.past_idle_ms / limits.snapshot_pause_ratio };
    const room = (await freeBytes(dataDir)) - limits.snapshot_margin_bytes;
    if (room < 2 * (this.#files.at(-1)?.bytes ?? 0)) throw new Error('the disk is nearly full');
    const head: Head = { fold: foldVersion, log: rows.log.id, sequence, digest };
    const file = join(pastDir(dataDir), pastName(head));
    const bytes = await writeSnapshot(file, framesOf(head, state));
    const now = clock.elapsed();
    this.#last = { at: now, ms: now - began };
    this.#files.push({ ...head, digest: digest.slice(0, 16), file, bytes });
    this.#files.sort((a, b) => a.sequence - b.sequence);
    await this.#thin();
  }

  /** Removes those that are missed least, until there are few enough. */
  async #thin(): Promise<void> {
    const files = this.#files;
    const bytes = () => files.reduce((sum, file) => sum + file.bytes, 0);
    while (
      files.length > limits.past_files_items ||
      (files.length > 1 && bytes() > limits.past_files_bytes)
    ) {
      const [missed] = files.splice(closest(files), 1);
      await unlink(missed!.file);
    }
  }

  async #read(found: PastFile): Promise<PastState['rows']> {
    const { table } = this.#config.fold;
    const reader = new TableReader();
    let head: Head | undefined;
    await readSnapshot(found.file, frame => {
      if (head !== undefined) return reader.take(frame);
      head = JSON.parse(frame.name === HEAD_FRAME ? String(frame.data) : '{}') as Head;
      if (head.fold !== foldVersion) throw new UnfitState('another version of the broker wrote it');
      const isOurs = head.sequence === found.sequence && head.log === table.log.id;
      if (isOurs && head.digest === this.#digestAt(found.sequence)) return;
      throw new UnfitState('it is of another log');
    });
    const rows = reader.kept();
    if (rows.log.id !== table.log.id) throw new UnfitState('its rows are of another log');
    return rows;
  }

  /** The digest of the log at a commit with a mark, hex. */
  #digestAt(at: number): string | undefined {
    const { sequence, digest } = this.#config.fold.marks.before(at);
    return sequence === at ? Buffer.from(digest).toString('hex') : undefined;
  }

  /** Not used again; removed, unless it only could not be read just now. */
  async #discard({ file }: PastFile, { message, syscall }: NodeJS.ErrnoException): Promise<void> {
    this.#files = this.#files.filter(each => each.file !== file);
    this.#config.onWarning(`a past state is not used: ${message} (${file})`);
    if (syscall === undefined) await unlink(file).catch(() => {});
  }
}

function* framesOf(head: Head, { rows }: PastState): Generator<Frame> {
  yield { name: HEAD_FRAME, data: JSON.stringify(head) };
  yield* keptFrames(rows);
}

/** Which of the files leaves the smallest hole; never the newest. */
function closest(files: readonly PastFile[]): number {
  let [best, smallest] = [0, Number.POSITIVE_INFINITY];
  for (let i = 0; i < files.length - 1; i++) {
    const hole = files[i + 1]!.sequence - (files[i - 1]?.sequence ?? 0);
    if (hole < smallest) [best, smallest] = [i, hole];
  }
  return best;
}
