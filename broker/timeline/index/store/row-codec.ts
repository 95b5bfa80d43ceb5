// Rows that have ended as bytes: of an ask, which are many, only what its columns do not tell.
import { deserialize, serialize } from 'node:v8';
import type { ColdRows, ColdView } from '../../../core/archive.js';
import type { AskRow } from '../../../core/rows/asks.js';
import { askOfKey, isAskOfKey } from './layout.js';
import type { IndexView } from './names.js';
import { checked, withCheck } from './sealing.js';
import type { Cell, Cells } from './sqlite.js';

/** What `readRow` needs, in this order. */
export const ROW_COLUMNS = 'row, key, from_peer, to_peer, circle';

/** The fields that every closed ask has, then the others as an object. */
type ShortAsk = [
  text: string,
  opened_at: number,
  position: number,
  hops: number,
  outcome: AskRow['outcome'],
  closed_at: number | undefined,
  rest?: Partial<AskRow>,
];

/** With a checksum. What is undefined in a row stays so; in an ask nothing is. */
export function rowBytes<V extends ColdView>(view: V, row: ColdRows[V]): Uint8Array {
  if (view !== 'asks') return withCheck(serialize(row));
  return withCheck(Buffer.from(JSON.stringify(shortAsk(row as AskRow))));
}

/** The inverse of `rowBytes`, with the columns. Throws DamagedIndex. */
export function readRow<V extends ColdView>(
  { names }: Pick<IndexView, 'names'>,
  view: V,
  [row, key, from, to, circle]: Cells,
): ColdRows[V] {
  const bytes = checked(row!);
  if (view !== 'asks') return deserialize(bytes) as ColdRows[V];
  const told = JSON.parse(bytes.toString()) as ShortAsk;
  const name = (cell: Cell | undefined) => names.nameOf(Number(cell));
  const parties = { from: name(from), to: name(to), circle: name(circle) };
  return wholeAsk(told, askOfKey(key!), parties) as ColdRows[V];
}

function shortAsk(row: AskRow): ShortAsk {
  const { ask, to, text, opened_at, position, hops, outcome, closed_at } = row;
  let rest: Partial<AskRow> | undefined;
  for (const field in row) {
    if (TOLD.has(field)) continue;
    rest ??= {};
    rest[field as 'text'] = row[field as 'text'];
  }
  if (rest?.reply?.by === to) {
    const { by: _, ...reply } = rest.reply;
    rest.reply = reply as AskRow['reply'];
  }
  if (!isAskOfKey(ask)) rest = { ...rest, ask };
  const short: ShortAsk = [text, opened_at, position, hops, outcome, closed_at];
  if (rest !== undefined) short.push(rest);
  return short;
}

/** What the columns tell, and the fields of every closed ask. */
const TOLD = new Set<string>([
  ...['ask', 'state', 'from', 'to', 'circle', 'text', 'opened_at', 'position', 'hops'],
  ...['outcome', 'closed_at'],
]);

function wholeAsk(
  [text, opened_at, position, hops, outcome, closed_at, rest = {}]: ShortAsk,
  ask: string,
  parties: Pick<AskRow, 'from' | 'to' | 'circle'>,
): AskRow {
  const row: AskRow = {
    ask,
    state: 'closed',
    ...parties,
    text,
    opened_at,
    position,
    hops,
    ...rest,
  };
  if (outcome !== undefined) row.outcome = outcome;
  if (closed_at !== undefined && closed_at !== null) row.closed_at = closed_at;
  if (row.reply !== undefined) row.reply = Object.assign({ by: parties.to }, row.reply);
  return row;
}
