// What a reading method is answered from, and how its rows are paged.
import { limits } from '../../schemas/limits.js';
import type { MethodName, Parsed, Result } from '../../schemas/method.js';
import type { Refusal } from '../../schemas/refusal.js';
import type { Archive } from '../archive/archive.js';
import { covers, type Rights } from '../core/rows/rights.js';
import type { Table } from '../core/rows/table.js';
import type { Author, BrokerInfo } from '../core/words.js';

export interface QueryContext {
  table: Table;
  archive: Archive;
  author: Author;
  held: Rights;
  now: number;
  sequence: number;
  cursor: string;
  info: BrokerInfo;
  /** Commits and events of the log that were not what we know. */
  malformed: number;
  /**
   * Lets GitHub be asked about these pull requests, and resolves once what it says is folded, or
   * too much time has passed. Absent when this broker asks nobody. Never rejects.
   */
  learn?: ((urls: readonly string[]) => Promise<void>) | undefined;
}

export type Query<M extends MethodName> = (
  context: QueryContext,
  params: Parsed<M>,
) => Result<M> | Refusal | Promise<Result<M> | Refusal>;

/** At most `max` rows, and no more text than one answer should hold; then where to go on. */
export function paged<Row, Shown>(
  rows: Row[],
  max: number,
  keyOf: (row: Row) => string,
  show: (row: Row) => Shown,
): { rows: Shown[]; next?: string } {
  const shown: Shown[] = [];
  let chars = 0;
  for (const [i, row] of rows.entries()) {
    if (i === max || chars > limits.answer_chars) {
      return { rows: shown, next: keyOf(rows[i - 1] ?? row) };
    }
    const item = show(row);
    chars += JSON.stringify(item).length;
    shown.push(item);
  }
  return { rows: shown };
}

/** The circle of the peer that speaks; a bare token has none. */
export function homeOf({ table, author }: QueryContext): string | undefined {
  return table.peers.rows.get(author.peer ?? '')?.circle;
}

/** True when the peer is who speaks, or the circle is one its token reaches. */
export function mayRead(
  { author, held }: QueryContext,
  row: { from: string; to?: string | undefined; circle: string },
): boolean {
  const isMine = author.peer !== undefined && (row.from === author.peer || row.to === author.peer);
  return isMine || covers(held, row.circle);
}
