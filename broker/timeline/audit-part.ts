// The auditor of the timeline: state hashes, verification and exports, off the broker's thread.
import { limits } from '../../schemas/limits.js';
import {
  beginExport,
  type ExportPage,
  type ExportPlace,
  type ExportRequest,
  nextPage,
} from '../archive/audit/export.js';
import { verifyLog } from '../archive/audit/verify.js';
import type { Verified, VerifyRequest } from '../core/audit/verified.js';
import type { Fold } from '../core/fold.js';
import { foldVersion } from '../core/snapshots/snapshot.js';
import { stateHash } from '../core/snapshots/state-hash.js';
import type { FoldedCommit } from '../core/words.js';
import type { Log } from '../log/log.js';
import type { Clock } from '../system/clock.js';
import type { TimelinePart } from './part.js';

export const AUDIT = 'audit';

/** What the auditor may be asked. */
export type AuditQuestion =
  /** The hash of the state at a state point; none when it was not there at the time. */
  { state: number } | { verify: VerifyRequest } | { begin: ExportRequest } | { page: ExportPlace };

/** Takes the hash of the state where the log says so; else it only reads. */
export class AuditPart implements TimelinePart {
  readonly name = AUDIT;
  readonly #log: Pick<Log, 'read'>;
  readonly #clock: Clock;
  readonly #states = new Map<number, string>();
  /** Nobody waits for the states of long ago. */
  #isLive = false;

  constructor(log: Pick<Log, 'read'>, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  folded({ sequence }: FoldedCommit, fold: Fold): void {
    if (!this.#isLive || !fold.table.checkpoints.isPoint(sequence)) return;
    this.#states.set(sequence, `${foldVersion}:${stateHash(fold)}`);
    for (const oldest of this.#states.keys()) {
      if (this.#states.size <= limits.checkpoint_states_rows) break;
      this.#states.delete(oldest);
    }
  }

  rested(_: Fold, isAtHead: boolean): void {
    if (isAtHead) this.#isLive = true;
  }

  answer(
    question: AuditQuestion,
    signal: AbortSignal,
    fold: Fold,
  ): string | undefined | Promise<Verified | ExportPage> {
    if ('state' in question) return this.#states.get(question.state);
    const source = { log: this.#log, fold };
    if ('begin' in question) return beginExport(source, question.begin);
    if ('page' in question) return nextPage(source, question.page);
    const elapsed = () => this.#clock.elapsed();
    return verifyLog({ ...source, elapsed, signal }, question.verify);
  }
}
