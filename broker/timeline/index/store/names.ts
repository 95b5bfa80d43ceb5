// Interned strings: ids of peers, types and circles as small numbers, in the database.
import { limits } from '../../../../schemas/limits.js';
import { DamagedIndex } from './sealing.js';
import type { Sqlite } from './sqlite.js';

/** What is read of an index: its database, and the names in it. */
export interface IndexView {
  db: Sqlite;
  names: InternedNames;
}

/** InternedNames and their numbers, of which the latest are remembered. */
export class InternedNames {
  readonly #db: Sqlite;
  readonly #ids = new Map<string, number>();
  readonly #names = new Map<number, string>();
  readonly #circleSets = new Map<string, number>();

  constructor(db: Sqlite) {
    this.#db = db;
  }

  /** The number of a name, which is given one when it has none: within a transaction only. */
  intern(name: string): number {
    const known = this.idOf(name);
    if (known !== undefined) return known;
    this.#db.run('INSERT INTO names (name) VALUES (?)', name);
    const id = Number(this.#db.get('SELECT last_insert_rowid()')?.[0]);
    this.#ids.set(name, id);
    return id;
  }

  /** The same for a set of circles; there are so few of them that all are kept. */
  internCircles(name: string): number {
    const known = this.#circleSets.get(name);
    if (known !== undefined) return known;
    this.#db.run('INSERT OR IGNORE INTO circle_sets (name) VALUES (?)', name);
    const id = Number(this.#db.get('SELECT id FROM circle_sets WHERE name = ?', name)?.[0]);
    this.#circleSets.set(name, id);
    return id;
  }

  idOf(name: string): number | undefined {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const found = this.#db.get('SELECT id FROM names WHERE name = ?', name)?.[0];
    if (found === undefined) return undefined;
    if (this.#ids.size >= limits.index_names_items) this.#ids.clear();
    this.#ids.set(name, Number(found));
    return Number(found);
  }

  /** Throws DamagedIndex when there is none of that number. */
  nameOf(id: number): string {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const name = this.#db.get('SELECT name FROM names WHERE id = ?', id)?.[0];
    if (typeof name !== 'string') throw new DamagedIndex(`there is no name ${id}`);
    if (this.#names.size >= limits.index_names_items) this.#names.clear();
    this.#names.set(id, name);
    return name;
  }

  /** After a transaction that failed: what was given a number in it has none. */
  forget(): void {
    this.#ids.clear();
    this.#names.clear();
    this.#circleSets.clear();
  }
}
