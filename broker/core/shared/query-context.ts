// What a query is: a pure reading of the table that may need more, and how its rows are paged.
import { limits } from '../../../schemas/limits.js';
import type { MethodName, Parsed, Result } from '../../../schemas/method.js';
import type { Refusal } from '../../../schemas/refusal.js';
import type { ColdRead } from '../archive.js';
import { covers, type Rights } from '../rows/rights.js';
import type { Table } from '../rows/table.js';
import type { Author, BrokerInfo } from '../words.js';

export interface QueryContext {
  table: Table;
  author: Author;
  held: Rights;
  now: number;
  sequence: number;
  cursor: string;
  info: BrokerInfo;
  /** Commits and events of the log that were not what we know. */
  malformed: number;
}

/** Who looks, and where: all that decides whether a row is seen and how it reads. */
export type Viewer = Pick<QueryContext, 'table' | 'author' | 'held'>;

/** Pull requests that GitHub may know better; `told` answers once what it says is folded. */
export interface LearnRead<Told> {
  /** Their URLs. */
  learn: readonly string[];
  told(): Told;
}

/** A time (ms UTC) means the last commit whose log time is at most that. */
export type PastMoment = { position: number } | { time: number };

/** A view as it was: what is asked is plain data, for whoever folds the past elsewhere. */
export interface PastRead {
  past: Pick<Parsed<'view.at'>, 'view' | 'where' | 'fields' | 'max' | 'after'> & {
    moment: PastMoment;
    /** Whose rights of now decide which rows of then are told. */
    beholder: Pick<QueryContext, 'author' | 'held'>;
  };
}

/** What a query needs that is not in the table, and the answer it makes of it. */
export type Later<Told> = ColdRead<Told> | LearnRead<Told> | PastRead;

export type QueryAnswer<M extends MethodName> = Result<M> | Refusal;

/** The answer out of the table, or what is needed beside it. */
export type Reading<M extends MethodName> = QueryAnswer<M> | Later<QueryAnswer<M>>;

/** False when the table has answered already. */
export function isLater(reading: Reading<MethodName>): reading is Later<QueryAnswer<MethodName>> {
  return 'told' in reading || 'past' in reading;
}

export type Query<M extends MethodName> = (context: QueryContext, params: Parsed<M>) => Reading<M>;

/** A noun's part: the answers to its reading methods. */
export type Queries = { readonly [M in MethodName]?: Query<M> };

export interface Page<Shown> {
  rows: Shown[];
  next?: string;
}

/**
 * At most `max` rows, and none after those that fill `limits.answer_chars`; `next` is the key of
 * the last one told, after which the next page begins (keyset pagination).
 * https://use-the-index-luke.com/no-offset
 */
export function paged<Row, Shown>(
  rows: Row[],
  max: number,
  keyOf: (row: Row) => string,
  show: (row: Row) => Shown,
): Page<Shown> {
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
  { author, held }: Pick<Viewer, 'author' | 'held'>,
  row: { from: string; to?: string | undefined; circle: string },
): boolean {
  const isMine = author.peer !== undefined && (row.from === author.peer || row.to === author.peer);
  return isMine || covers(held, row.circle);
}
