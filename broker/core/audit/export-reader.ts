// The verifier of an export: reads it line by line, and names the first that cannot be as written.
import { limits } from '../../../schemas/limits.js';
import { decodeCommit } from '../commits/commit-bytes.js';
import { rollDigest } from '../commits/hash-chain.js';
import type { Delivery } from '../words.js';
import { DIGEST_HEX, isSignedBy, KEY_HEX } from './checkpoint.js';
import { CheckpointCheck } from './checkpoint-check.js';
import {
  type ExportCommit,
  type ExportEnd,
  type ExportHead,
  type ExportTally,
  exportFormats,
  exportText,
  FIRST_SUM,
  shownEvents,
  unsealLine,
} from './export-lines.js';

/** What is known of an export once it was read, as far as it could be. */
export interface ExportReport extends Partial<Omit<ExportHead, 'signalbox' | 'v'>> {
  ok: boolean;
  /** The last commit; `digest` is that after it once the whole was read, else that at the start. */
  to?: number;
  commits: number;
  events: number;
  /** `signed` when a key from outside signed some of it, up to the commit `signed_to`. */
  grade: 'signed' | 'self_consistent';
  signed_to?: number;
  /** The keys that signed anything in it. */
  keys: string[];
  /** The first line that is wrong, from 1, and the position it should have told of. */
  bad_line?: number;
  first_bad?: number;
  reason?: string;
}

/** Something in the export is not as it was written. */
class ExportFault extends Error {}

function fault(reason: string): never {
  throw new ExportFault(reason);
}

/**
 * Takes the lines of an export, without their line breaks, in order. Every change of a byte, cut,
 * swap and insertion breaks the chain of sums; whoever made the sums anew still has not the bytes
 * of the digest chain, nor the signatures. Without a key from outside all of that shows only that
 * the export agrees with itself.
 */
export class ExportReader {
  readonly #keys: ReadonlySet<string>;
  readonly #onCommit: (commit: Delivery) => void;
  readonly #tally: ExportTally = { end: 0, digest: '', commits: 0, events: 0 };
  #sum = FIRST_SUM;
  #lines = 0;
  #head: ExportHead | undefined;
  #digest: Uint8Array = new Uint8Array(32);
  #position = 0;
  /** The first position after what a key from outside has signed. */
  #unheld = 0;
  #checkpoints: CheckpointCheck | undefined;
  #isEnded = false;
  #fault: { line: number; reason: string } | undefined;
  #signedTo: number | undefined;
  readonly #signers = new Set<string>();

  /** `keys` are from outside, in hex; `onCommit` gets each commit whose bytes are in the export. */
  constructor(keys: readonly string[] = [], onCommit: (commit: Delivery) => void = () => {}) {
    this.#keys = new Set(keys);
    this.#onCommit = onCommit;
  }

  /** False once something was wrong: the rest tells nothing more. */
  take(line: Uint8Array): boolean {
    if (this.#fault !== undefined) return false;
    this.#lines++;
    this.#guard(() => this.#line(line));
    return this.#fault === undefined;
  }

  /** Nothing more comes; `isWhole` when the last line ended as a line does. */
  end(isWhole: boolean): ExportReport {
    if (this.#fault === undefined && !(this.#isEnded && isWhole)) {
      this.#lines++;
      this.#guard(() => fault('the export was cut off: its last line is missing'));
    }
    return this.report();
  }

  report(): ExportReport {
    const { signalbox: _, v: __, ...head } = this.#head ?? {};
    const { end, commits, events } = this.#tally;
    const isOk = this.#fault === undefined && this.#isEnded;
    const isUnsigned = isOk && this.#keys.size > 0 && this.#signedTo === undefined;
    const reason = isUnsigned ? 'nothing in it is signed by a key that was given' : undefined;
    return {
      ...head,
      ok: isOk && !isUnsigned,
      ...(this.#head && { to: end }),
      ...(this.#isEnded && { digest: this.#tally.digest }),
      commits,
      events,
      grade: this.#signedTo === undefined ? 'self_consistent' : 'signed',
      ...(this.#signedTo !== undefined && { signed_to: this.#signedTo }),
      keys: [...this.#signers],
      ...(this.#fault && { bad_line: this.#fault.line, first_bad: this.#position }),
      ...((this.#fault || reason) && { reason: this.#fault?.reason ?? reason }),
    };
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof ExportFault)) throw error;
      this.#fault = { line: this.#lines, reason: error.message };
    }
  }

  #line(line: Uint8Array): void {
    if (this.#isEnded) fault('something was added after the last line');
    const before = this.#sum;
    const opened = unsealLine(before, line);
    if (opened === undefined) {
      fault(
        this.#lines === 1
          ? 'this is no export, or its first line was changed or cut off'
          : 'the line was changed, or does not follow the one before it',
      );
    }
    this.#sum = opened.sum;
    const body = objectIn(opened.body);
    const said = 'specversion' in body ? dataOf(body) : body;
    if (this.#head === undefined) this.#begin(said);
    else if ('end' in said) this.#finish(said as unknown as ExportEnd, before);
    else if (this.#head.format === 'cloudevents') this.#cloudEvent(body);
    else this.#commit(said as unknown as ExportCommit);
  }

  #begin(said: object): void {
    const head = said as ExportHead;
    const { signalbox, v, log, mesh, format, from, digest } = head;
    if (signalbox !== 'export') fault('this is no export of a log');
    if (v !== 1) fault('the export is of a newer version; verify it with a newer signalbox');
    const isKnown = exportFormats.includes(format) && typeof log === 'string';
    const isPlaced = Number.isSafeInteger(from) && from > 0 && DIGEST_HEX.test(digest);
    if (!isKnown || !isPlaced || typeof mesh !== 'string') fault('its first line makes no sense');
    if (from === 1 && !/^0+$/.test(digest)) fault('it says that something was before commit 1');
    this.#head = head;
    this.#digest = Buffer.from(digest, 'hex');
    this.#tally.end = from - 1;
    this.#position = from * limits.commit_positions;
    this.#unheld = this.#position;
    this.#checkpoints = new CheckpointCheck({ log, mesh }, from === 1);
  }

  #commit({ commit, at, bytes: told, events, voids: toldVoids = [] }: ExportCommit): void {
    const head = this.#head!;
    if (commit !== this.#tally.end + 1) fault(`commit ${this.#tally.end + 1} is missing here`);
    if (!Number.isSafeInteger(at)) fault('a commit has no time');
    if (head.redacted !== undefined) {
      this.#count(commit, Array.isArray(events) ? events.length : 0);
      return;
    }
    if (typeof told !== 'string') fault('the bytes of a commit are missing');
    const bytes = Buffer.from(told, 'base64');
    if (bytes.toString('base64') !== told) fault('the bytes of a commit are no base64');
    this.#digest = rollDigest(this.#digest, bytes);
    const marks = decodeCommit(bytes)?.events ?? [];
    if (head.format === 'jsonl') {
      const wanted = shownEvents(commit, marks, () => undefined);
      const shown = Array.isArray(events) ? events.map(withoutVoid) : [];
      if (JSON.stringify(shown) !== JSON.stringify(wanted)) {
        fault('the events that are shown are not those in the bytes of the commit');
      }
    }
    this.#count(commit, marks.length);
    const check = this.#checkpoints!;
    const voids = new Set([
      ...toldVoids,
      ...(events ?? []).filter(isVoid).map(each => each.position),
    ]);
    const flaw = check.commit(commit, this.#digest, marks, position => voids.has(position));
    if (flaw !== undefined) {
      this.#position = flaw.upTo === undefined ? flaw.position : this.#unheld;
      fault(flaw.reason);
    }
    for (const { key, sequence } of check.taken()) {
      this.#signed(key, sequence);
      if (this.#keys.has(key))
        this.#unheld = Math.max(this.#unheld, (sequence + 1) * limits.commit_positions);
    }
    this.#onCommit({ sequence: commit, storedAt: at, bytes });
  }

  #cloudEvent({ id }: { id?: unknown }): void {
    const position = Number(id);
    if (!Number.isSafeInteger(position) || position < this.#position)
      fault('an event is misplaced');
    this.#position = position + 1;
    this.#tally.events++;
  }

  #count(commit: number, events: number): void {
    this.#tally.end = commit;
    this.#tally.commits++;
    this.#tally.events += events;
    this.#position = (commit + 1) * limits.commit_positions;
  }

  #finish({ key, signature, ...told }: ExportEnd & { sum?: unknown }, before: Uint8Array): void {
    const head = this.#head!;
    const { end, digest, commits, events } = told;
    const isWhole =
      head.format === 'cloudevents' || (commits === this.#tally.commits && end === this.#tally.end);
    if (!isWhole || events !== this.#tally.events) fault('it has not as many events as it says');
    const isChained = head.format !== 'cloudevents' && head.redacted === undefined;
    const reached = isChained ? Buffer.from(this.#digest).toString('hex') : digest;
    if (digest !== reached) this.#position = this.#unheld;
    if (digest !== reached) fault('its commits do not come to the digest that it says');
    const text = exportText(
      head,
      { end, digest, commits, events },
      Buffer.from(before).toString('hex'),
    );
    if (!KEY_HEX.test(key) || !isSignedBy(key, text, signature)) {
      fault('the signature of its last line does not fit');
    }
    Object.assign(this.#tally, { end, digest, commits, events });
    this.#signed(key, end);
    this.#isEnded = true;
  }

  #signed(key: string, upTo: number): void {
    this.#signers.add(key);
    if (this.#keys.has(key)) this.#signedTo = Math.max(this.#signedTo ?? 0, upTo);
  }
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below.
  }
  return fault('a line is no JSON object');
}

function dataOf({ data }: Record<string, unknown>): object {
  return typeof data === 'object' && data !== null ? data : {};
}

const isVoid = (event: { void?: string }) => event.void !== undefined;

function withoutVoid(shown: unknown): unknown {
  if (typeof shown !== 'object' || shown === null) return shown;
  const { void: _, ...rest } = shown as { void?: unknown };
  return rest;
}
