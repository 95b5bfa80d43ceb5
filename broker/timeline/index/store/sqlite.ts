// The door to libsql: an embedded SQLite database, its statements, and what its errors mean.
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Libsql from 'libsql';
import type { Database, Statement } from 'libsql';
import { limits } from '../../../../schemas/limits.js';
import { threadGate } from '../../../system/native-gate.js';

/** What goes into a column and comes out of it; a blob comes out as a Buffer. */
export type Cell = string | number | null | Uint8Array;
export type Cells = readonly Cell[];

interface RawStatement {
  run(values: Cells): unknown;
  get(values: Cells): Cells | undefined;
  all(values: Cells): Cells[];
}

/** Without a turn of the event loop, and so as one native call. */
const load = createRequire(import.meta.url);

/** How many rows of an `insert` are one statement. */
const AT_ONCE = 32;

/** The files that SQLite makes for a database. */
const SUFFIXES = ['', '-wal', '-shm'];

/**
 * One connection. Its numbers are bound as floating point: where SQL needs an integer (a rowid of
 * FTS5) it must be cast.
 */
export class Sqlite {
  readonly #db: Database;
  readonly #statements = new Map<string, RawStatement>();

  private constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Opens or makes the database, for nobody but its owner to read. Rejects where there is no
   * binary of libsql for this machine.
   */
  static async open(path: string): Promise<Sqlite> {
    const db = native(() => new (load('libsql') as typeof Libsql)(path));
    const sqlite = new Sqlite(db);
    try {
      // A commit lost in a power cut is read from the log again, so none waits for the disk; in
      // WAL mode, NORMAL still keeps the file whole.
      sqlite.exec('PRAGMA journal_mode = WAL');
      sqlite.exec('PRAGMA synchronous = NORMAL');
      sqlite.exec(`PRAGMA cache_size = ${-limits.index_cache_bytes / 1_024}`);
      for (const suffix of SUFFIXES) {
        if (existsSync(path + suffix)) chmodSync(path + suffix, 0o600);
      }
    } catch (error) {
      sqlite.close();
      throw error;
    }
    return sqlite;
  }

  /** Removes a database that is closed, with all its files. */
  static remove(path: string): void {
    for (const suffix of SUFFIXES) rmSync(path + suffix, { force: true });
  }

  exec(sql: string): void {
    native(() => this.#db.exec(sql));
  }

  run(sql: string, ...values: Cell[]): void {
    const statement = this.#prepare(sql);
    native(() => statement.run(values));
  }

  get(sql: string, ...values: Cell[]): Cells | undefined {
    const statement = this.#prepare(sql);
    return native(() => statement.get(values));
  }

  all(sql: string, ...values: Cell[]): Cells[] {
    const statement = this.#prepare(sql);
    return native(() => statement.all(values));
  }

  /**
   * Many rows at once: each call costs as much as a row. All have as many cells; `row` is how they
   * are written, where a plain list of them will not do.
   */
  insert(table: string, rows: readonly Cells[], row = rowOf(rows[0]?.length ?? 0)): void {
    for (let n = 0; n < rows.length; n += AT_ONCE) {
      const count = Math.min(AT_ONCE, rows.length - n);
      const values: Cell[] = [];
      for (let at = n; at < n + count; at++) values.push(...rows[at]!);
      const sql = `INSERT OR REPLACE INTO ${table} VALUES ${`${row}, `.repeat(count - 1)}${row}`;
      const statement = this.#prepare(sql);
      native(() => statement.run(values));
    }
  }

  /** All of the work or nothing of it. */
  transaction(work: () => void): void {
    this.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.exec('COMMIT');
    } catch (error) {
      try {
        this.exec('ROLLBACK');
      } catch {
        // What failed has rolled back already.
      }
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    native(() => this.#db.close());
  }

  #prepare(sql: string): RawStatement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= limits.index_statements_items) this.#statements.clear();
    const raw = native(() => {
      const statement = this.#db.prepare(sql) as Statement & { reader: boolean };
      return (statement.reader ? statement.raw() : statement) as unknown as RawStatement;
    });
    this.#statements.set(sql, raw);
    return raw;
  }
}

/** All that libsql does is done here: a thread that is ended within it takes the process along. */
function native<T>(work: () => T): T {
  return threadGate().pass(work);
}

function rowOf(cells: number): string {
  return `(${Array.from({ length: cells }, () => '?').join(', ')})`;
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** True when the file is not what SQLite wrote. */
export function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB|FORMAT|IOERR_SHORT_READ|SCHEMA)/.test(codeOf(error));
}

/** True when there is no room on the disk, or nothing can be written there just now. */
export function isFull(error: unknown): boolean {
  return /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN)/.test(codeOf(error)) && !isDamage(error);
}
