// The newest commits that some webhook is to be told of, a ring buffer bounded in bytes.
import { limits } from '../../../schemas/limits.js';
import { recordsOf } from '../../core/commits/record.js';
import type { Fold } from '../../core/fold.js';
import type { RecordHead } from '../../core/webhooks/interest.js';
import type { FoldedCommit } from '../../core/words.js';

export interface ReadCommit {
  sequence: number;
  /** Log time in ms UTC. */
  time: number;
  readonly records: readonly (RecordHead & { position: number; bytes: Uint8Array })[];
}

/** Holds bytes that the log holds, so that what is told at once need not be read back. */
export class RecentCommits {
  readonly #fold: Pick<Fold, 'voids'>;
  readonly #commits: Pick<FoldedCommit, 'sequence' | 'time' | 'bytes'>[] = [];
  #base: number;
  #bytes = 0;

  constructor(fold: Pick<Fold, 'voids'>, base: number) {
    this.#fold = fold;
    this.#base = base;
  }

  /** From the commit after this one on, none that is wanted is missing. */
  get base(): number {
    return this.#base;
  }

  /** Begins anew: up to this commit nothing is here. */
  restart(base: number): void {
    this.#commits.length = 0;
    this.#bytes = 0;
    this.#base = base;
  }

  note({ sequence, time, bytes }: FoldedCommit): void {
    this.#commits.push({ sequence, time, bytes });
    this.#bytes += bytes.length;
    while (this.#bytes > limits.outgoing_recent_bytes) {
      const oldest = this.#commits.shift()!;
      this.#bytes -= oldest.bytes.length;
      this.#base = oldest.sequence;
    }
  }

  /** Those from `sequence` on, in order. */
  *from(sequence: number): Generator<ReadCommit> {
    for (const commit of this.#commits) {
      if (commit.sequence < sequence) continue;
      const { time, bytes } = commit;
      const records = recordsOf(commit.sequence, bytes, at => this.#fold.voids.reason(at));
      yield { sequence: commit.sequence, time, records };
    }
  }
}
