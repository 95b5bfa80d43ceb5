// A mirror of a view (replica): the rows that the broker told, change by change, never with a gap.

/** A row under its key; null when it is no longer in the view. */
export type Keyed<Row> = readonly [key: string, row: Row | null];

/** What the broker answers to `view.watch`. */
export interface ViewAnswer<Row> {
  at: string;
  rows: readonly (readonly [string, Row])[];
  more?: boolean | undefined;
  resync?: string | undefined;
}

/** What it tells as `view.rows`. */
export interface ViewPage<Row> {
  rows: readonly (readonly [string, Row])[];
  more?: boolean | undefined;
  /** All rows are told anew, as they are at this cursor. */
  at?: string | undefined;
  resync?: string | undefined;
}

/** What it tells as `view.changes`. */
export interface ViewStep<Row> {
  from: string;
  to: string;
  changes: readonly Keyed<Row>[];
  more?: boolean | undefined;
}

/**
 * Pure: it hears frames in the order in which they came. Between two parts of a snapshot, or of a
 * long step, `at` is the cursor of before and `isWhole` is false.
 */
export class Mirror<Row> {
  readonly #rows = new Map<string, Row>();
  #at: string | undefined;
  #isWhole = false;

  /** The rows by their keys, as they are at `at`. */
  get rows(): ReadonlyMap<string, Row> {
    return this.#rows;
  }

  /** The cursor that the rows are true for; undefined before the first answer. */
  get at(): string | undefined {
    return this.#at;
  }

  /** False while a part of what was begun is still to come. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** The answer to a watch that began anew, or `from` the cursor that the rows are true for. */
  begin({ at, rows, more, resync }: ViewAnswer<Row>, from?: string): void {
    if (from === undefined || from !== at || resync !== undefined) this.#rows.clear();
    this.#put(rows);
    this.#at = at;
    this.#isWhole = more !== true;
  }

  page({ rows, more, at }: ViewPage<Row>): void {
    if (at !== undefined) {
      this.#rows.clear();
      this.#at = at;
    }
    this.#put(rows);
    this.#isWhole = more !== true;
  }

  /** False when it does not begin where the last one ended: what came between is not known. */
  step({ from, to, changes, more }: ViewStep<Row>): boolean {
    if (from !== this.#at) return false;
    this.#put(changes);
    this.#at = to;
    this.#isWhole = more !== true;
    return true;
  }

  #put(rows: readonly Keyed<Row>[]): void {
    for (const [key, row] of rows) {
      if (row === null) this.#rows.delete(key);
      else this.#rows.set(key, row);
    }
  }
}
