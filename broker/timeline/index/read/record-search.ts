// Walks over the shards of the words, newest or oldest first: positions that match, within a time.
import { limits } from '../../../../schemas/limits.js';
import type { IndexView } from '../store/names.js';
import type { Cell } from '../store/sqlite.js';

/** A condition of FTS5, made of terms without syntax of their own. */
export interface Match {
  wanted?: string | undefined;
  barred?: string | undefined;
  /** Facets that must all be there; of a list, one. */
  facets: readonly (string | readonly string[])[];
}

/** The positions `from <= position < to`. */
export interface Positions {
  from: number;
  to: number;
}

export interface Walked {
  positions: number[];
  /** All between where it began and here were looked at; undefined when nothing is left. */
  at: number | undefined;
}

/** Undefined when no record can match. */
export function conditionOf({ wanted, barred, facets }: Match): string | undefined {
  const terms: string[] = [];
  for (const facet of facets) {
    if (typeof facet === 'string') terms.push(facet);
    else if (facet.length === 0) return undefined;
    else terms.push(`(${facet.join(' OR ')})`);
  }
  const parts = [`{facets} : (${terms.join(' AND ')})`];
  if (wanted !== undefined) parts.unshift(wanted);
  const all = parts.map(part => `(${part})`).join(' AND ');
  return barred === undefined ? all : `(${all}) NOT (${barred})`;
}

/**
 * The newest positions that match, the newest first, at most `max`. `isLate` is asked after each
 * shard, so that a walk costs no more than one shard over its time.
 */
export function newest(
  store: IndexView,
  condition: string,
  { from, to }: Positions,
  max: number,
  isLate: (found: number) => boolean,
): Walked {
  const positions: number[] = [];
  for (const { n, first } of shardsDown(store, { from, to })) {
    const sql = `SELECT rowid FROM words_${n} WHERE words_${n} MATCH ?
      AND rowid >= CAST(? AS INTEGER) AND rowid < CAST(? AS INTEGER) ORDER BY rowid DESC LIMIT ?`;
    const found = store.db.all(sql, condition, from, to, max - positions.length);
    for (const [position] of found) positions.push(Number(position));
    if (positions.length >= max) return { positions, at: positions.at(-1)! };
    if (isLate(positions.length)) return { positions, at: first };
  }
  return { positions, at: undefined };
}

/** The oldest positions that match, the oldest first, at most `max`; else as `newest`. */
export function oldest(
  store: IndexView,
  condition: string,
  { from, to }: Positions,
  max: number,
  isLate: (found: number) => boolean = () => false,
): Walked {
  const positions: number[] = [];
  const shards = store.db.all(
    'SELECT n, last FROM shards WHERE last >= ? AND first < ? ORDER BY n',
    ...[from, to],
  );
  for (const [n, last] of shards) {
    const sql = `SELECT rowid FROM words_${n} WHERE words_${n} MATCH ?
      AND rowid >= CAST(? AS INTEGER) AND rowid < CAST(? AS INTEGER) ORDER BY rowid LIMIT ?`;
    const found = store.db.all(sql, condition, from, to, max - positions.length);
    for (const [position] of found) positions.push(Number(position));
    if (positions.length >= max) return { positions, at: positions.at(-1)! + 1 };
    if (isLate(positions.length)) return { positions, at: Number(last) + 1 };
  }
  return { positions, at: undefined };
}

export interface Ranked {
  position: number;
  /** Lower is better. */
  rank: number;
}

/**
 * Matches with their rank (BM25 within their shard), the best first. What is looked at is the
 * newest, as far as the time goes.
 * https://en.wikipedia.org/wiki/Okapi_BM25
 */
export function best(
  store: IndexView,
  condition: string,
  { from, to }: Positions,
  isLate: (found: number) => boolean,
): { ranked: Ranked[]; from: number } {
  const ranked: Ranked[] = [];
  let lowest = 0;
  for (const { n, first } of shardsDown(store, { from, to })) {
    const sql = `SELECT rowid, bm25(words_${n}, 1.0, 0.0) FROM words_${n} WHERE words_${n} MATCH ?
      AND rowid >= CAST(? AS INTEGER) AND rowid < CAST(? AS INTEGER) ORDER BY rowid DESC LIMIT ?`;
    const found = store.db.all(sql, condition, from, to, limits.search_ranked_events);
    for (const [position, rank] of found) {
      ranked.push({ position: Number(position), rank: Number(rank) });
    }
    if (found.length === limits.search_ranked_events || isLate(ranked.length)) {
      lowest =
        found.length === limits.search_ranked_events
          ? Number(found.at(-1)![0])
          : Math.max(first, from);
      break;
    }
  }
  ranked.sort((a, b) => a.rank - b.rank || b.position - a.position);
  return { ranked, from: lowest };
}

function shardsDown(store: IndexView, { from, to }: Positions): { n: Cell; first: number }[] {
  const sql = 'SELECT n, first FROM shards WHERE last >= ? AND first < ? ORDER BY n DESC';
  return store.db.all(sql, from, to).map(([n, first]) => ({ n: n!, first: Number(first) }));
}
