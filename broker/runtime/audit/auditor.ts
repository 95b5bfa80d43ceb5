// The auditor, as the gateway asks it: verification, exports, and what this broker vouches for.
import { limits } from '../../../schemas/limits.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import {
  ExportDiffers,
  type ExportPage,
  type ExportPlace,
  type ExportRequest,
  lastLine,
} from '../../archive/audit/export.js';
import { isSignedBy, statementText } from '../../core/audit/checkpoint.js';
import type { Verified, VerifyRequest } from '../../core/audit/verified.js';
import type { Fold } from '../../core/fold.js';
import type { CheckpointRow } from '../../core/rows/checkpoints.js';
import type { Signer } from '../../disk/signing-key.js';
import { Semaphore } from '../../system/semaphore.js';
import { AUDIT, type AuditPart, type AuditQuestion } from '../../timeline/audit-part.js';
import type { Timeline } from '../../timeline/timeline.js';

export interface AuditorConfig {
  fold: Fold;
  signer: Signer;
  timeline: Timeline | undefined;
  /** Answers on this thread where nothing follows the log beside it. */
  inline: AuditPart;
  /** Mesh time in ms UTC. */
  now(): number;
}

/** What this broker holds for the history. */
export interface AuditFacts {
  log: string;
  sequence: number;
  /** Hex, as all hashes here. */
  digest: string;
  key: string;
  checkpoint: CheckpointRow | undefined;
  /** The last verification, and when it ended (ms UTC). */
  verified: (Verified & { time: number; key: string | undefined }) | undefined;
}

export interface ExportAnswer {
  lines: string[];
  next?: string;
  /** The last commit told of, and the last there will be. */
  done: number;
  to: number;
}

const PAGE = 'signalbox export page 1';

/** All of it is read in the worker of the timeline; what is signed is signed here. */
export class Auditor {
  readonly #config: AuditorConfig;
  #verified: AuditFacts['verified'];
  #running = 0;
  readonly #pages = new Semaphore(limits.export_calls);

  constructor(config: AuditorConfig) {
    this.#config = config;
  }

  facts(): AuditFacts {
    const { fold, signer } = this.#config;
    return {
      log: fold.table.log.id,
      sequence: fold.sequence,
      digest: Buffer.from(fold.digest).toString('hex'),
      key: signer.key,
      checkpoint: fold.table.checkpoints.newest(),
      verified: this.#verified,
    };
  }

  /**
   * Verifies a stretch, as far as one call gets. Refuses `rate_limited` while as many as
   * `limits.verify_calls` are under way. Rejects when the log is away, or nobody waits.
   */
  async verify(
    request: VerifyRequest,
    key: string | undefined,
    signal?: AbortSignal,
  ): Promise<Verified | Refusal> {
    if (this.#running >= limits.verify_calls) {
      const message = 'The log is being verified by others; let them end, then try again.';
      return refuse('rate_limited', message, { retry_after_s: 1 });
    }
    this.#running++;
    try {
      const verified = (await this.#ask({ verify: request }, signal)) as Verified;
      this.#verified = { ...verified, time: this.#config.now(), key };
      return verified;
    } finally {
      this.#running--;
    }
  }

  /** Verifies the newest stretch up to a commit, for ourselves. */
  async recheck(sequence: number): Promise<Verified> {
    return (await this.#ask({ verify: { from: sequence, to: sequence } })) as Verified;
  }

  /** The hash of the state at a state point; undefined when it was not taken at the time. */
  async stateAt(sequence: number): Promise<string | undefined> {
    return (await this.#ask({ state: sequence }, undefined, sequence)) as string | undefined;
  }

  /** The first page of an export; a replay has none: `forbidden`. Rejects when the log is away. */
  async begin(request: ExportRequest): Promise<ExportAnswer | Refusal> {
    if (this.#config.signer.key === '') {
      const message = 'A replay signs nothing, so it exports nothing; ask the broker of that log.';
      return refuse('forbidden', message);
    }
    return this.#inTurn(async () => {
      const begun = (await this.#ask({ begin: request })) as ExportPage;
      return this.#page(begun.place, begun.lines);
    });
  }

  /** The page after another; refuses `invalid` what this broker has not written. */
  async goOn(after: string): Promise<ExportAnswer | Refusal> {
    const place = this.#placeIn(after);
    if (place === undefined) {
      const message = 'This broker did not write the page before; begin the export anew.';
      return refuse('invalid', message);
    }
    if (place.to > this.#config.fold.sequence) {
      return refuse('unavailable', 'The log is not folded as far yet; try again soon.');
    }
    return this.#inTurn(() => this.#page(place, []));
  }

  /**
   * Reads `limits.export_calls` pages at a time, and refuses `rate_limited` when
   * `limits.export_waiting_calls` wait: read all at once, they keep the store's answers waiting.
   */
  async #inTurn(read: () => Promise<ExportAnswer | Refusal>): Promise<ExportAnswer | Refusal> {
    if (this.#pages.waiting >= limits.export_waiting_calls) {
      const message = 'The log is being exported by many; let them go on, then try again.';
      return refuse('rate_limited', message, { retry_after_s: 1 });
    }
    await this.#pages.enter();
    try {
      return await read();
    } finally {
      this.#pages.leave();
    }
  }

  async #page(from: ExportPlace, before: string[]): Promise<ExportAnswer | Refusal> {
    const { fold, signer } = this.#config;
    try {
      const { lines, place, isAtEnd } = (await this.#ask(
        { page: from },
        undefined,
        // Not up to the head: under load each page would wait for the follower anew.
        from.to,
      )) as ExportPage;
      const all = [...before, ...lines];
      const reached = { done: place.next - 1, to: place.to };
      if (isAtEnd) return { lines: [...all, lastLine(fold, place, signer)], ...reached };
      return { lines: all, next: this.#sealed(place), ...reached };
    } catch (error) {
      if (!(error instanceof Error) || !isOther(error)) throw error;
      return refuse('unavailable', `${error.message}; look with: signalbox log verify`);
    }
  }

  /** Where the next page begins, so that nobody else can make it up: the last line is signed. */
  #sealed(place: ExportPlace): string {
    const text = JSON.stringify(place);
    const signature = this.#config.signer.sign(statementText(PAGE, { text }));
    return Buffer.from(JSON.stringify({ text, signature })).toString('base64url');
  }

  #placeIn(after: string): ExportPlace | undefined {
    try {
      const { text, signature } = JSON.parse(Buffer.from(after, 'base64url').toString());
      const isOurs = isSignedBy(this.#config.signer.key, statementText(PAGE, { text }), signature);
      const place = isOurs ? (JSON.parse(text) as ExportPlace) : undefined;
      return place?.log === this.#config.fold.table.log.id ? place : undefined;
    } catch {
      return undefined;
    }
  }

  async #ask(
    question: AuditQuestion,
    signal = new AbortController().signal,
    upTo = this.#config.fold.sequence,
  ): Promise<unknown> {
    const { timeline, inline, fold } = this.#config;
    if (timeline === undefined) return inline.answer(question, signal, fold);
    return timeline.ask({ part: AUDIT, question, upTo }, signal);
  }
}

/** An error that came from the worker is known by its words alone. */
function isOther(error: Error): boolean {
  return error instanceof ExportDiffers || error.message.startsWith('the store no longer has');
}
