// The schema of the index: its tables, and how the keys of rows are written in them.
import type { Cell } from './sqlite.js';

/** Another number: whatever file was there is made anew. */
export const LAYOUT = 2;

/**
 * Words and facets lie in shards of the log, each an inverted index without its text; their rowid
 * is the position. Rows that have ended are told with the commits between which they stood so.
 */
export const TABLES = `
CREATE TABLE cursor (
  one INTEGER PRIMARY KEY CHECK (one = 1), log TEXT NOT NULL, sequence INTEGER NOT NULL,
  digest BLOB NOT NULL, position INTEGER NOT NULL, time INTEGER NOT NULL,
  closed INTEGER NOT NULL
);
CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE circle_sets (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE shards (
  n INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, last_time INTEGER NOT NULL,
  records INTEGER NOT NULL
);
CREATE TABLE times (first INTEGER PRIMARY KEY, time INTEGER NOT NULL, later BLOB NOT NULL);
CREATE INDEX times_by_time ON times (time);
CREATE TABLE voids (position INTEGER PRIMARY KEY, reason INTEGER NOT NULL);
CREATE TABLE receipts (position INTEGER PRIMARY KEY, packed INTEGER NOT NULL);
CREATE TABLE stages (ref BLOB PRIMARY KEY, circle INTEGER, told BLOB NOT NULL) WITHOUT ROWID;
${rowTable('asks', 'key')}
${rowTable('jobs', 'place')}
${rowTable('schedules', 'key')}
`;

function rowTable(view: string, place: string): string {
  const columns =
    view === 'jobs' ? ['from_peer', 'to_peer', 'owner', 'worker'] : ['from_peer', 'to_peer'];
  const indexes = ['circle', ...columns].map(
    column => `CREATE INDEX ${view}_by_${column} ON ${view} (${column}, ${place});`,
  );
  return `
CREATE TABLE ${view} (
  id INTEGER PRIMARY KEY, key BLOB NOT NULL, place INTEGER, since INTEGER NOT NULL, until INTEGER,
  circle INTEGER, state INTEGER, kind INTEGER,
  ${columns.map(column => `${column} INTEGER`).join(', ')}, row BLOB NOT NULL,
  UNIQUE (key, since)
);
${place === 'place' ? `CREATE INDEX ${view}_by_place ON ${view} (place);` : ''}
${indexes.join('\n')}`;
}

/** Of one shard; `detail=full` keeps where words stand, for phrases. */
export function shardTable(n: number): string {
  return `CREATE VIRTUAL TABLE words_${n} USING fts5(
    words, facets, content='', columnsize=0, tokenize='ascii')`;
}

const KEYED =
  /^[a-z]+_([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})(.*)$/s;
const FIXED_BYTES = 16;

/** An id in fewer bytes, in the same order. */
export function keyBytes(id: string): Uint8Array {
  const found = KEYED.exec(id);
  if (found === null) return Buffer.from(id);
  const [, a, b, c, d, e, rest] = found;
  const bytes = Buffer.from(a! + b + c + d + e, 'hex');
  return rest === '' ? bytes : Buffer.concat([bytes, Buffer.from(rest!, 'latin1')]);
}

/** True for the id of an ask that `askOfKey` makes again of its key. */
export function isAskOfKey(ask: string): boolean {
  return PLAIN_ASK.test(ask);
}

const PLAIN_ASK = /^ask_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:\.\d+)?$/;

/** The ask of a key, as far as it is one that `keyBytes` made shorter. */
export function askOfKey(key: Cell): string {
  const bytes = Buffer.from(key as Uint8Array);
  const hex = bytes.toString('hex', 0, FIXED_BYTES);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return `ask_${parts.join('-')}-${hex.slice(20)}${bytes.toString('latin1', FIXED_BYTES)}`;
}
