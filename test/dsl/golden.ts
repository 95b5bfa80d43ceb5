// Golden logs: stored logs of each level of the rules, with what they fold to, for ever.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Fold } from '../../broker/core/fold.js';
import type { Delivery } from '../../broker/core/words.js';

/** One log, as its broker wrote it, and what the rules of its level make of it. */
export interface GoldenLog {
  /** When the store took each commit, in ms UTC, and its bytes in hex. */
  commits: [number, string][];
  /** Of each commit: log time, and why each of its records is void, or the empty text. */
  verdicts: [number, ...string[]][];
  /** SHA-256 over the rows of the snapshot, keys in order. */
  state: string;
}

const fileOf = (level: number) => new URL(`../../../test/core/level-${level}.gz`, import.meta.url);

export function hasGolden(level: number): boolean {
  return existsSync(fileOf(level));
}

export function readGolden(level: number): GoldenLog[] {
  return JSON.parse(gunzipSync(readFileSync(fileOf(level))).toString()) as GoldenLog[];
}

export function writeGolden(level: number, logs: readonly GoldenLog[]): void {
  writeFileSync(fileOf(level), gzipSync(JSON.stringify(logs), { level: 9 }));
}

export function goldenOf(log: readonly Delivery[]): GoldenLog {
  const commits = log.map(({ storedAt, bytes }): [number, string] => [
    storedAt,
    Buffer.from(bytes).toString('hex'),
  ]);
  return { commits, ...foldedTo(log) };
}

export function deliveriesOf({ commits }: GoldenLog): Delivery[] {
  return commits.map(([storedAt, bytes], i) => ({
    sequence: i + 1,
    storedAt,
    bytes: new Uint8Array(Buffer.from(bytes, 'hex')),
  }));
}

/** What the code of today makes of the log. */
export function foldedTo(log: readonly Delivery[]): Omit<GoldenLog, 'commits'> {
  const fold = new Fold();
  const verdicts = log.map((delivery): [number, ...string[]] => {
    const { time, records } = fold.commit(delivery);
    return [time, ...records.map(record => record.void ?? '')];
  });
  const rows = JSON.stringify(fold.toSnapshot().table, inOrder);
  return { verdicts, state: createHash('sha256').update(rows).digest('hex') };
}

function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
