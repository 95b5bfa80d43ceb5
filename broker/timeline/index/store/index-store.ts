// The index on disk: one SQLite database with its own cursor, written in transactions.
import { limits } from '../../../../schemas/limits.js';
import type { IndexBatch } from '../write/batch.js';
import { facetsOf } from '../write/facets.js';
import { markClean, removeMark } from './clean-mark.js';
import { laterIn } from './commit-times.js';
import { LAYOUT, shardTable, TABLES } from './layout.js';
import { InternedNames } from './names.js';
import { noteRows } from './row-store.js';
import { DamagedIndex } from './sealing.js';
import { type Cells, Sqlite } from './sqlite.js';
import { noteStages } from './stage-store.js';

/** Up to where the log is indexed. */
export interface IndexCursor {
  /** The log id. */
  log: string;
  sequence: number;
  digest: Uint8Array;
  /** Of the last event. */
  position: number;
  /** Log time there. */
  time: number;
}

interface Shard {
  n: number;
  first: number;
  last: number;
  records: number;
}

const NOWHERE: IndexCursor = {
  log: '',
  sequence: 0,
  digest: new Uint8Array(32),
  position: 0,
  time: 0,
};

/** Throws what SQLite throws; `isDamage` and DamagedIndex tell when the file is to be made anew. */
export class IndexStore {
  readonly db: Sqlite;
  readonly names: InternedNames;
  /** There was no index before. */
  readonly isNew: boolean;
  #cursor: IndexCursor;
  #shard: Shard | undefined;
  #block: { first: number; time: number; later: number[] } | undefined;
  readonly #path: string;
  /** The file is as its last close left it, and may be what its mark tells. */
  #isClosed = false;

  private constructor(path: string, db: Sqlite, isNew: boolean) {
    this.#path = path;
    this.db = db;
    this.isNew = isNew;
    this.names = new InternedNames(db);
    this.#cursor = this.#read();
  }

  /**
   * Opens the index, or makes an empty one. Throws when it is no index or of another layout; what
   * else is wrong with it, an IntegrityCheck finds.
   */
  static async open(path: string): Promise<IndexStore> {
    const db = await Sqlite.open(path);
    try {
      const layout = Number(db.get('PRAGMA user_version')?.[0] ?? 0);
      const isNew = layout === 0 && db.get('SELECT 1 FROM sqlite_schema LIMIT 1') === undefined;
      if (isNew) {
        db.transaction(() => {
          db.exec(TABLES);
          db.exec(`PRAGMA user_version = ${LAYOUT}`);
        });
      } else if (layout !== LAYOUT) throw new DamagedIndex(`its layout is ${layout}`);
      return new IndexStore(path, db, isNew);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  get cursor(): IndexCursor {
    return this.#cursor;
  }

  /** True while nothing was written since it was closed cleanly. */
  get isAsClosed(): boolean {
    return this.#isClosed;
  }

  /** Writes the batch and moves the cursor, or leaves all as it was. */
  write(batch: IndexBatch, log: string): void {
    const { last, position } = batch;
    if (last === undefined) return;
    this.#willWrite();
    try {
      this.db.transaction(() => {
        this.#writeRecords(batch);
        this.#writeTimes(batch);
        noteRows(this, batch.rows);
        noteStages(this, batch.stages);
        const { sequence, digest, time } = last;
        const at = Math.max(position, this.#cursor.position);
        this.db.run(
          'INSERT OR REPLACE INTO cursor VALUES (1, ?, ?, ?, ?, ?, 0)',
          ...[log, sequence, digest, at, time],
        );
      });
      this.#cursor = { log, ...last, position: Math.max(position, this.#cursor.position) };
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  /** Waits for the disk: what is written outlasts a power cut. */
  settle(): void {
    this.db.get('PRAGMA wal_checkpoint(PASSIVE)');
  }

  close(): void {
    this.db.close();
  }

  /**
   * Closes what is known to be whole, so that the next to open it can tell that it still is, and
   * whether a kill ever came between.
   */
  async closeWhole(isUnbroken: boolean): Promise<void> {
    const isMarked = !this.#isClosed && this.#cursor.sequence > 0 && this.#toOneFile();
    this.close();
    if (isMarked) await markClean(this.#path, isUnbroken);
  }

  /** False when something is in the way, such as a full disk: the next open takes longer. */
  #toOneFile(): boolean {
    try {
      this.db.exec('UPDATE cursor SET closed = 1');
      return this.db.get('PRAGMA wal_checkpoint(TRUNCATE)')?.[0] === 0;
    } catch {
      return false;
    }
  }

  /** The mark goes before the first write, and with it, in the same transaction, `closed`. */
  #willWrite(): void {
    if (!this.#isClosed) return;
    removeMark(this.#path);
    this.#isClosed = false;
  }

  #read(): IndexCursor {
    const { db } = this;
    const [n, first, last, records] =
      db.get('SELECT n, first, last, records FROM shards ORDER BY n DESC LIMIT 1')?.map(Number) ??
      [];
    this.#shard =
      n === undefined ? undefined : { n, first: first!, last: last!, records: records! };
    const block = db.get('SELECT first, time, later FROM times ORDER BY first DESC LIMIT 1');
    this.#block = block && {
      first: Number(block[0]),
      time: Number(block[1]),
      later: laterIn(block[2]!),
    };
    const row = db.get('SELECT log, sequence, digest, position, time, closed FROM cursor');
    this.#isClosed = row?.[5] === 1;
    if (row === undefined) return NOWHERE;
    return {
      log: String(row[0]),
      sequence: Number(row[1]),
      digest: new Uint8Array(row[2] as Uint8Array),
      position: Number(row[3]),
      time: Number(row[4]),
    };
  }

  /** After a transaction that failed: what it had learnt was not kept. */
  #forget(): void {
    this.names.forget();
    this.#cursor = this.#read();
  }

  #writeRecords({ records, voids, receipts, last }: IndexBatch): void {
    let rows: Cells[] = [];
    for (const indexed of records) {
      const { position } = indexed.record;
      const { n } = this.#shard ?? {};
      const shard = this.#shardFor(position);
      if (n !== undefined && n !== shard.n) {
        this.db.insert(wordsTable(n), rows, WORDS_ROW);
        rows = [];
      }
      rows.push([position, indexed.words, facetsOf(indexed, this.names)]);
      shard.records++;
      shard.last = position;
    }
    if (this.#shard !== undefined) this.db.insert(wordsTable(this.#shard.n), rows, WORDS_ROW);
    if (this.#shard !== undefined && records.length > 0) this.#putShard(this.#shard, last!.time);
    const reasons = voids.map(({ position, reason }) => [position, this.names.intern(reason)]);
    this.db.insert('voids', reasons);
    this.db.insert(
      'receipts',
      receipts.map(({ position, packed }) => [position, packed]),
    );
  }

  #shardFor(position: number): Shard {
    const shard = this.#shard;
    if (shard !== undefined && shard.records < limits.index_shard_events) return shard;
    if (shard !== undefined) this.#putShard(shard, this.#cursor.time);
    const next = { n: (shard?.n ?? 0) + 1, first: position, last: position, records: 0 };
    this.db.exec(shardTable(next.n));
    this.#shard = next;
    return next;
  }

  #putShard({ n, first, last, records }: Shard, time: number): void {
    const sql = 'INSERT OR REPLACE INTO shards VALUES (?, ?, ?, ?, ?)';
    this.db.run(sql, n, first, last, time, records);
  }

  #writeTimes({ times }: IndexBatch): void {
    for (const { sequence, time } of times) {
      const block = this.#block;
      const isNext = block !== undefined && sequence === block.first + block.later.length + 1;
      const fits =
        isNext &&
        block.later.length < limits.index_block_commits - 1 &&
        time - block.time <= MOST_MS;
      if (fits) block.later.push(time - block.time);
      else {
        if (block !== undefined) this.#putBlock(block);
        this.#block = { first: sequence, time, later: [] };
      }
    }
    if (this.#block !== undefined) this.#putBlock(this.#block);
  }

  #putBlock({ first, time, later }: { first: number; time: number; later: number[] }): void {
    const bytes = new Uint8Array(Uint32Array.from(later).buffer);
    this.db.run('INSERT OR REPLACE INTO times VALUES (?, ?, ?)', first, time, bytes);
  }
}

const wordsTable = (n: number) => `words_${n} (rowid, words, facets)`;
const WORDS_ROW = '(CAST(? AS INTEGER), ?, ?)';

/** Later than that after the first of its block, a commit begins another. */
const MOST_MS = 0xffff_ffff;
