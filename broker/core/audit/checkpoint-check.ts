// The check of checkpoints as commits pass by: their digests and their signatures.
import { limits } from '../../../schemas/limits.js';
import type { EventMark } from '../commits/commit-bytes.js';
import { decodeEvent } from '../commits/record.js';
import { checkpointText, isSignedBy } from './checkpoint.js';

/** A checkpoint that was held to the history, and fits. */
export interface HeldCheckpoint {
  sequence: number;
  key: string;
}

/** A checkpoint that does not fit, at its position. */
export interface CheckpointFlaw {
  position: number;
  /** The commit up to which something is not what was signed; absent when only the signature is. */
  upTo?: number;
  reason: string;
}

/**
 * Is shown the commits in order, each with the digest after it. A checkpoint of a commit that came
 * before the first shown, or too long ago, cannot be held to anything.
 */
export class CheckpointCheck {
  readonly #log: { log: string; mesh: string };
  /** False until the id that the log has here is known for sure. */
  #isSure: boolean;
  readonly #digests = new Map<number, string>();
  #taken: HeldCheckpoint[] = [];

  /** `log` is the newest id of the log, and the only one when `isFromStart` says so. */
  constructor(log: { log: string; mesh: string }, isFromStart: boolean) {
    this.#log = { log: log.log, mesh: log.mesh };
    this.#isSure = isFromStart;
  }

  commit(
    sequence: number,
    digest: Uint8Array,
    marks: readonly EventMark[],
    isVoid: (position: number) => boolean,
  ): CheckpointFlaw | undefined {
    for (const [i, { type, bytes }] of marks.entries()) {
      if (type !== 'log.opened' && type !== 'log.checkpointed') continue;
      const position = sequence * limits.commit_positions + i;
      if (isVoid(position)) continue;
      if (type === 'log.opened') this.#opened(bytes);
      const flaw = type === 'log.opened' ? undefined : this.#flawOf(bytes);
      if (flaw !== undefined) return { position, ...flaw };
    }
    this.#digests.set(sequence, Buffer.from(digest).toString('hex'));
    for (const oldest of this.#digests.keys()) {
      if (this.#digests.size <= limits.verify_digests_rows) break;
      this.#digests.delete(oldest);
    }
    return undefined;
  }

  /** Those that fitted since this was last asked. */
  taken(): HeldCheckpoint[] {
    return this.#taken.splice(0);
  }

  /** After an accepted loss a log goes on under another id, which is signed from then on. */
  #opened(bytes: Uint8Array): void {
    const event = decodeEvent(bytes, 'log.opened');
    if (event?.type !== 'log.opened') return;
    this.#log.log = event.log;
    this.#isSure = true;
  }

  #flawOf(bytes: Uint8Array): Omit<CheckpointFlaw, 'position'> | undefined {
    const event = decodeEvent(bytes, 'log.checkpointed');
    if (event?.type !== 'log.checkpointed') return undefined;
    const { sequence, key, signature } = event;
    const digest = this.#digests.get(sequence);
    if (digest === undefined) return undefined;
    if (digest !== event.digest) {
      return { upTo: sequence, reason: `the checkpoint of commit ${sequence} has another digest` };
    }
    if (!isSignedBy(key, checkpointText({ ...event, ...this.#log }), signature)) {
      // Under an earlier id of the log it may fit.
      if (!this.#isSure) return undefined;
      return { reason: `the signature of the checkpoint of commit ${sequence} does not fit` };
    }
    this.#taken.push({ sequence, key });
    return undefined;
  }
}
