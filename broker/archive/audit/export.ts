// Export of the log in pages: sealed lines, and a state from which the next page goes on.

import { limits } from '../../../schemas/limits.js';
import { cloudEvent } from '../../core/audit/cloud-events.js';
import {
  type ExportCommit,
  type ExportEnd,
  type ExportFormat,
  type ExportHead,
  type ExportTally,
  exportText,
  FIRST_SUM,
  type ShownEvent,
  sealLine,
  shownEvents,
} from '../../core/audit/export-lines.js';
import { fieldsToRedact, redacted } from '../../core/audit/redaction.js';
import { decodeCommit } from '../../core/commits/commit-bytes.js';
import { rollDigest } from '../../core/commits/hash-chain.js';
import { logTime } from '../../core/commits/log-time.js';
import type { Fold } from '../../core/fold.js';
import type { Delivery } from '../../core/words.js';
import type { Log } from '../../log/log.js';

/** What is wanted: the commits from one to another, both inclusive. */
export interface ExportRequest {
  format: ExportFormat;
  from: number;
  to: number;
  /** The chosen fields; none: nothing is redacted. */
  redact: readonly string[];
}

/** Where an export stands between two pages, as plain data. */
export interface ExportPlace extends ExportRequest, Omit<ExportTally, 'end'> {
  log: string;
  /** The next commit, log time before it, and the sum of the line before, hex. */
  next: number;
  time: number;
  sum: string;
  /** The digest before the first commit, hex. */
  before: string;
}

/** A page of lines, and where the next begins, or what the last line will say but for its seal. */
export interface ExportPage {
  lines: string[];
  place: ExportPlace;
  isAtEnd: boolean;
}

type Source = { log: Pick<Log, 'read'>; fold: Fold };

/** The store has other bytes than were folded. */
export class ExportDiffers extends Error {}

/** Begins an export: its first line, and the place of the first page. */
export async function beginExport(source: Source, wanted: ExportRequest): Promise<ExportPage> {
  const { log, fold } = source;
  const { sequence, digest, time } = fold.marks.before(wanted.from - 1);
  let at = { digest, time };
  for await (const delivery of log.read(sequence + 1, wanted.from - 1))
    at = moved(fold, at, delivery);
  const before = hexOf(at.digest);
  const place: ExportPlace = {
    ...wanted,
    log: fold.table.log.id,
    next: wanted.from,
    time: at.time,
    digest: before,
    before,
    commits: 0,
    events: 0,
    sum: '',
  };
  const head = headOf(place, fold);
  const body = wanted.format === 'cloudevents' ? envelope(place, fold, 'begun', head) : head;
  const { line, sum } = sealLine(FIRST_SUM, JSON.stringify(body));
  return { lines: [line], place: { ...place, sum: hexOf(sum) }, isAtEnd: false };
}

/**
 * The next lines, about `limits.export_page_bytes` of them. Rejects with ExportDiffers when the
 * store no longer has what was folded, and when the log is away.
 */
export async function nextPage({ log, fold }: Source, place: ExportPlace): Promise<ExportPage> {
  const writer = new Writer(fold, place);
  for await (const delivery of log.read(place.next, place.to)) {
    writer.commit(delivery);
    if (writer.bytes >= limits.export_page_bytes) break;
  }
  const { lines, place: reached } = writer;
  if (reached.next === place.next) throw new Error(`commit ${place.next} cannot be read back`);
  return { lines, place: reached, isAtEnd: reached.next > reached.to };
}

/** The last line, signed. */
export function lastLine(
  fold: Fold,
  place: ExportPlace,
  signer: { key: string; sign(text: string): string },
): string {
  const { digest, commits, events, sum } = place;
  const tally = { end: place.to, digest, commits, events };
  const signature = signer.sign(exportText(headOf(place, fold), tally, sum));
  const end: ExportEnd = { ...tally, key: signer.key, signature };
  const body = place.format === 'cloudevents' ? envelope(place, fold, 'ended', end) : end;
  return sealLine(Buffer.from(sum, 'hex'), JSON.stringify(body)).line;
}

class Writer {
  readonly lines: string[] = [];
  readonly place: ExportPlace;
  bytes = 0;
  readonly #fold: Fold;
  readonly #fields: ReadonlySet<string>;
  #at: { digest: Uint8Array; time: number };
  #sum: Uint8Array;

  constructor(fold: Fold, place: ExportPlace) {
    this.#fold = fold;
    this.place = { ...place };
    this.#fields = fieldsToRedact(place.redact);
    this.#at = { digest: Buffer.from(place.digest, 'hex'), time: place.time };
    this.#sum = Buffer.from(place.sum, 'hex');
  }

  commit(delivery: Delivery): void {
    const { place } = this;
    this.#at = moved(this.#fold, this.#at, delivery);
    const reasonOf = (position: number) => this.#fold.voids.reason(position);
    const marks = decodeCommit(delivery.bytes)?.events ?? [];
    const events = shownEvents(delivery.sequence, marks, reasonOf);
    const shown = place.redact.length === 0 ? events : this.#redacted(events);
    if (place.format === 'cloudevents') {
      for (const event of shown) this.#add(cloudEvent(this.#source, event, this.#at.time));
    } else this.#add(this.#line(delivery, shown));
    place.next = delivery.sequence + 1;
    place.commits++;
    place.events += events.length;
    place.time = this.#at.time;
    place.digest = hexOf(this.#at.digest);
  }

  get #source() {
    return { log: this.place.log, mesh: this.#fold.table.log.mesh };
  }

  #line({ sequence, storedAt, bytes }: Delivery, events: ShownEvent[]): ExportCommit {
    const line: ExportCommit = { commit: sequence, at: storedAt };
    if (this.place.redact.length > 0) return { ...line, time: this.#at.time, events };
    const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    if (this.place.format === 'jsonl') return { ...line, time: this.#at.time, bytes: raw, events };
    const voids = events.filter(event => event.void !== undefined).map(event => event.position);
    return { ...line, bytes: raw, ...(voids.length > 0 && { voids }) };
  }

  /** What is signed of the digests between would let a guess at what was taken out be confirmed. */
  #redacted(events: readonly ShownEvent[]): ShownEvent[] {
    return events.map(shown => {
      const isCheckpoint = (shown.event as { type?: unknown } | null)?.type === 'log.checkpointed';
      const fields = isCheckpoint ? CHECKPOINT_FIELDS : this.#fields;
      return { ...shown, event: redacted(shown.event, fields) };
    });
  }

  #add(body: object): void {
    const { line, sum } = sealLine(this.#sum, JSON.stringify(body));
    this.#sum = sum;
    this.place.sum = hexOf(sum);
    this.lines.push(line);
    this.bytes += line.length;
  }
}

const CHECKPOINT_FIELDS: ReadonlySet<string> = new Set(['digest', 'state', 'signature']);

/** Log time and digest after one more commit. */
function moved(
  fold: Fold,
  { digest, time }: { digest: Uint8Array; time: number },
  { sequence, storedAt, bytes }: Delivery,
) {
  const next = rollDigest(digest, bytes);
  const mark = fold.marks.before(sequence);
  if (mark.sequence === sequence && Buffer.compare(mark.digest, next) !== 0) {
    throw new ExportDiffers(`the store no longer has what was folded up to commit ${sequence}`);
  }
  const level = fold.levels.at(sequence);
  return { digest: next, time: logTime(level, time, storedAt, decodeCommit(bytes)) };
}

function headOf({ log, format, from, before, redact }: ExportPlace, fold: Fold): ExportHead {
  const { mesh, level } = fold.table.log;
  const what = { signalbox: 'export', v: 1, log, mesh, level, format, from } as const;
  return { ...what, digest: before, ...(redact.length > 0 && { redacted: redact }) };
}

/** What is no event of the log, as a CloudEvent beside those that are. */
function envelope({ log, to }: ExportPlace, fold: Fold, what: string, data: object): object {
  return {
    specversion: '1.0',
    id: `export-${what}-${to}`,
    source: `/signalbox/${fold.table.log.mesh}/${log}`,
    type: `signalbox.export.${what}`,
    datacontenttype: 'application/json',
    data,
  };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
