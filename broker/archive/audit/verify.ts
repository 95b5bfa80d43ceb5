// Verification of the stored log: read again, its digest chain held to what was folded of it.
import { setTimeout as pause } from 'node:timers/promises';
import { limits } from '../../../schemas/limits.js';
import { CheckpointCheck } from '../../core/audit/checkpoint-check.js';
import type { Verified, VerifyRequest } from '../../core/audit/verified.js';
import { decodeCommit } from '../../core/commits/commit-bytes.js';
import { rollDigest } from '../../core/commits/hash-chain.js';
import type { Fold } from '../../core/fold.js';
import type { Delivery } from '../../core/words.js';
import type { Log } from '../../log/log.js';

export interface VerifyTools {
  log: Pick<Log, 'read'>;
  /** What was folded of the log: the marks are what the bytes must come to. */
  fold: Fold;
  /** Monotonic ms. */
  elapsed(): number;
  signal: AbortSignal;
}

/**
 * Reads from the last mark before `from` to the first after `to`, at most
 * `limits.verify_slice_events` and for `limits.verify_slice_ms`: `to` says how far it came. It
 * rests as long as it works, for those who share its thread. Rejects when the log is away, and
 * with the signal's reason.
 */
export async function verifyLog(tools: VerifyTools, request: VerifyRequest): Promise<Verified> {
  const { fold } = tools;
  const head = { sequence: fold.sequence, digest: fold.digest };
  const from = Math.min(Math.max(1, request.from), Math.max(1, head.sequence));
  const to = Math.max(from, Math.min(request.to, head.sequence));
  const run = new Run(tools, head, from, to);
  try {
    await run.read();
  } catch (error) {
    if (tools.signal.aborted || !/hole|missing/.test((error as Error).message)) throw error;
    run.fault(run.next, `commit ${run.next} is missing in the store`);
  }
  return run.result;
}

type Head = Pick<Fold, 'sequence' | 'digest'>;

class Run {
  readonly result: Verified;
  /** The commit that is to come next. */
  next: number;
  readonly #tools: VerifyTools;
  readonly #head: Head;
  readonly #to: number;
  readonly #checks: CheckpointCheck;
  #digest: Uint8Array;
  /** The last commit up to which the digest was as folded. */
  #good: number;
  #events = 0;

  constructor(tools: VerifyTools, head: Head, from: number, to: number) {
    const { sequence, digest } = tools.fold.marks.before(from - 1);
    const { id: log, mesh } = tools.fold.table.log;
    this.#tools = tools;
    this.#head = head;
    this.#to = to;
    this.#digest = digest;
    this.#good = sequence;
    this.next = sequence + 1;
    this.#checks = new CheckpointCheck({ log, mesh }, sequence === 0);
    this.result = { ok: true, from, to: from - 1, events: 0, signed: {} };
  }

  async read(): Promise<void> {
    const { log, elapsed, signal } = this.#tools;
    const began = elapsed();
    let workedSince = began;
    if (this.#head.sequence === 0) return;
    for await (const delivery of log.read(this.next, this.#head.sequence)) {
      signal.throwIfAborted();
      if (!this.#take(delivery)) return;
      const moment = elapsed();
      const isLong = moment - began > limits.verify_slice_ms;
      const isMuch = this.#events > limits.verify_slice_events;
      if (this.#good === this.next - 1 && (this.#good >= this.#to || isLong || isMuch)) return;
      const worked = moment - workedSince;
      if (worked < limits.verify_turn_ms) continue;
      await pause(Math.min(worked, limits.verify_turn_ms), undefined, { signal });
      workedSince = elapsed();
    }
    if (this.#good < this.#head.sequence) {
      this.fault(this.next, `the store ends before commit ${this.next}`);
    }
  }

  fault(commit: number, reason: string): void {
    const first = Math.max(commit, this.result.from) * limits.commit_positions;
    Object.assign(this.result, { ok: false, first_bad: first, reason });
  }

  /** False at the first that is bad. */
  #take({ sequence, bytes }: Delivery): boolean {
    if (sequence !== this.next) {
      this.fault(this.next, `commit ${this.next} is missing in the store`);
      return false;
    }
    this.next++;
    this.#digest = rollDigest(this.#digest, bytes);
    const { fold } = this.#tools;
    const marks = decodeCommit(bytes)?.events ?? [];
    if (sequence >= this.result.from) this.#events += marks.length;
    const isVoid = (position: number) => fold.voids.reason(position) !== undefined;
    const known = this.#knownAt(sequence);
    if (known !== undefined && Buffer.compare(known, this.#digest) !== 0) {
      const first = this.#good + 1;
      const where =
        first === sequence ? `commit ${first}` : `one of commits ${first} to ${sequence}`;
      this.fault(first, `${where} is not what was folded`);
      return false;
    }
    const flaw = this.#checks.commit(sequence, this.#digest, marks, isVoid);
    if (flaw !== undefined) {
      this.fault(this.#good + 1, flaw.reason);
      if (flaw.upTo === undefined) this.result.first_bad = flaw.position;
      return false;
    }
    const { signed } = this.result;
    for (const held of this.#checks.taken()) {
      signed[held.key] = Math.max(signed[held.key] ?? 0, held.sequence);
    }
    if (known !== undefined) this.#vouch(sequence);
    return true;
  }

  #vouch(sequence: number): void {
    this.#good = sequence;
    this.result.to = Math.max(sequence, this.result.from - 1);
    this.result.events = this.#events;
  }

  #knownAt(sequence: number): Uint8Array | undefined {
    if (sequence === this.#head.sequence) return this.#head.digest;
    if (sequence % limits.mark_every_commits !== 0) return undefined;
    const mark = this.#tools.fold.marks.before(sequence);
    return mark.sequence === sequence ? mark.digest : undefined;
  }
}
