// The lines of an export: sealed one to the next by a hash chain, so that no byte changes unseen.
import { createHash } from 'node:crypto';
import { unpack } from '../../../schemas/codec.js';
import { limits } from '../../../schemas/limits.js';
import type { EventMark } from '../commits/commit-bytes.js';
import { statementText } from './checkpoint.js';

export const exportFormats = ['jsonl', 'raw', 'cloudevents'] as const;
/**
 * `jsonl` has of each commit its bytes and its events, `raw` only its bytes, `cloudevents` an event
 * a line.
 */
export type ExportFormat = (typeof exportFormats)[number];

/** The first line: which part of which log this is. */
export interface ExportHead {
  signalbox: 'export';
  v: 1;
  log: string;
  mesh: string;
  level: number;
  format: ExportFormat;
  /** The first commit, and the rolling digest before it, hex. */
  from: number;
  digest: string;
  /** The fields whose words were taken out. */
  redacted?: readonly string[];
}

/** A line of one commit. */
export interface ExportCommit {
  commit: number;
  /** The store's stamp, in ms UTC. */
  at: number;
  /** Log time in ms UTC. */
  time?: number;
  /** The bytes of the commit in base64; absent where words were taken out. */
  bytes?: string;
  events?: ShownEvent[];
  /** Where no events are shown: the positions of those that are void. */
  voids?: number[];
}

export interface ShownEvent {
  position: number;
  /** As its bytes have it; null when they are no event. */
  event: unknown;
  void?: string;
}

/** What is counted and reached while an export is written, and read. */
export interface ExportTally {
  /** The last commit, and the rolling digest after it, hex. */
  end: number;
  digest: string;
  commits: number;
  events: number;
}

/** The last line: what all of it comes to, signed by the broker that wrote it. */
export interface ExportEnd extends ExportTally {
  key: string;
  signature: string;
}

const TITLE = 'signalbox export 1';
const SEAL = /^,"sum":"([0-9a-f]{64})"\}$/;
const SEAL_LENGTH = ',"sum":""}'.length + 64;

/** What the first line is chained to. */
export const FIRST_SUM: Uint8Array = createHash('sha256').update(TITLE).digest();

/** A line, and the sum that the next is chained to. `body` is the JSON of an object. */
export function sealLine(before: Uint8Array, body: string): { line: string; sum: Uint8Array } {
  const open = body.slice(0, -1);
  const sum = sumOf(before, Buffer.from(open));
  return { line: `${open},"sum":"${hexOf(sum)}"}`, sum };
}

/** The body of a sealed line and its sum; undefined when it does not follow the line before. */
export function unsealLine(before: Uint8Array, line: Uint8Array) {
  const bytes = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
  const cut = bytes.length - SEAL_LENGTH;
  const [, told] = SEAL.exec(bytes.toString('latin1', Math.max(0, cut))) ?? [];
  if (cut < 1 || told === undefined) return undefined;
  const open = bytes.subarray(0, cut);
  const sum = sumOf(before, open);
  return hexOf(sum) === told ? { body: `${open.toString('utf8')}}`, sum } : undefined;
}

function sumOf(before: Uint8Array, open: Uint8Array): Uint8Array {
  return createHash('sha256').update(before).update(open).digest();
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** What the signature of the last line covers; `sum` is that of the line before it, hex. */
export function exportText(head: ExportHead, tally: ExportTally, sum: string): string {
  const { log, mesh, format, from, digest, redacted = [] } = head;
  const { end, commits, events, digest: last } = tally;
  const told = { log, mesh, format, redacted: redacted.join(' '), from, before: digest };
  return statementText(TITLE, { ...told, end, digest: last, commits, events, sum });
}

/** The events of a commit as their bytes have them, with the reasons of those that are void. */
export function shownEvents(
  commit: number,
  marks: readonly EventMark[],
  reasonOf: (position: number) => string | undefined,
): ShownEvent[] {
  return marks.map((mark, i) => {
    const position = commit * limits.commit_positions + i;
    const reason = reasonOf(position);
    return { position, event: valueIn(mark), ...(reason !== undefined && { void: reason }) };
  });
}

function valueIn({ bytes }: EventMark): unknown {
  try {
    return unpack(bytes) ?? null;
  } catch {
    return null;
  }
}
