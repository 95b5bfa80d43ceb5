// The names of peers beside their ids, also of those that have left: `from_name` beside `from`.
import { covers } from '../rows/rights.js';
import type { Viewer } from './query-context.js';

/**
 * The columns that hold the ids of peers. In any other a text that reads like an id is a text, by
 * which nobody learns a name.
 */
const columns = [
  'from',
  'to',
  'by',
  'owner',
  'worker',
  'made_by',
  'touched_by',
  'requested_by',
  'handed_from',
] as const;
const names: ReadonlySet<string> = new Set(columns);

/**
 * A row with the name of each peer that stands in it: `x_name` beside an id, `x_names` beside a
 * list of ids. A name is told where the circle of the peer is the caller’s; whoever takes part in
 * the row sees every name, as its inbox tells them too.
 */
export function withNames<Row extends object>(reader: Viewer, row: Row): Row {
  const isMine = reader.author.peer !== undefined && isIn(row, reader.author.peer);
  return namesIn(row, peer => nameFor(reader, peer, isMine));
}

function isIn(row: object, peer: string): boolean {
  return columns.some(column => (row as Record<string, unknown>)[column] === peer);
}

/** The same for a part of a row, which is as much the caller's as the row is. */
export function partsWithNames<Part extends object>(
  reader: Viewer,
  row: object,
  parts: readonly Part[],
): Part[] {
  const isMine = reader.author.peer !== undefined && isIn(row, reader.author.peer);
  return parts.map(part => namesIn(part, peer => nameFor(reader, peer, isMine)));
}

function nameFor({ table, held }: Viewer, peer: string, isMine: boolean): string | undefined {
  const row = table.peers.rows.get(peer);
  return row !== undefined && (isMine || covers(held, row.circle)) ? row.name : undefined;
}

function namesIn<Row extends object>(row: Row, nameOf: (peer: string) => string | undefined): Row {
  const named: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(row)) {
    named[key] = value;
    if (!names.has(key)) continue;
    if (isPeer(value)) {
      const name = nameOf(value);
      if (name !== undefined) named[`${key}_name`] = name;
    } else if (Array.isArray(value) && value.length > 0 && value.every(isPeer)) {
      named[`${key}_names`] = value.map(peer => nameOf(peer) ?? peer);
    }
  }
  return named as Row;
}

function isPeer(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith('peer_');
}
