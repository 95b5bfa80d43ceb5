// Deduplication of commands: their ids in typed arrays, tens of bytes each, so none acts twice.
import { limits } from '../../../schemas/limits.js';
import { idTime, wordsOf } from '../../../schemas/uuid.js';
import { Interned } from './interned.js';
import { entriesByKey } from './key-order.js';
import { packReceipt, type Receipt, unpackReceipt } from './receipt.js';

/** What became of a command the first time. */
export interface Remembered {
  author: string;
  type: string;
  position: number;
  /** Why it took no effect; absent when it did. */
  reason?: string | undefined;
  /** What its answer needs again. */
  receipt: Receipt | undefined;
}

/** As a snapshot has it: the receipt packed. */
export interface KeptCommand extends Omit<Remembered, 'receipt'> {
  detail: number;
}

export interface CommandIdsSnapshot {
  /** Oldest first. */
  entries: [string, KeptCommand][];
  /** By author, until when its ids are forgotten, in ms UTC. */
  forgotten: [string, number][];
}

type Column = Uint32Array | Float64Array | Uint16Array;

/** The memory as columns of one row an id, oldest first. */
export interface CommandColumns {
  /** Four words an id. */
  keys: Uint32Array;
  positions: Float64Array;
  /** Which of `authorNames`. */
  authors: Uint32Array;
  /** Two an id: which of `wordNames` its type is, and one more than its reason; 0 for none. */
  words: Uint16Array;
  /** The receipt packed. */
  details: Uint32Array;
  authorNames: readonly string[];
  wordNames: readonly string[];
  forgotten: CommandIdsSnapshot['forgotten'];
}

const FIRST_CAPACITY = 1_024;
const NO_ROW = -1;

/**
 * Idempotency keys: the newest `limits.command_memory_ids` and, per author, how far it has
 * forgotten; an id older than that is stale, never taken for new.
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
export class CommandIds {
  #capacity: number;
  readonly #most: number;
  /** Rows are a ring: `first` is the oldest, `size` how many there are. */
  #first = 0;
  #size = 0;
  #keys: Uint32Array;
  #positions: Float64Array;
  #authors: Uint32Array;
  #words: Uint16Array;
  #details: Uint32Array;
  /** Open addressing from a key to its row; twice the capacity, so chains stay short. */
  #slots: Int32Array;
  readonly #authorNames = new Interned();
  readonly #wordNames = new Interned();
  readonly #watermarks = new Map<string, number>();

  constructor(most: number = limits.command_memory_ids) {
    this.#most = most;
    this.#capacity = Math.min(FIRST_CAPACITY, most);
    this.#keys = new Uint32Array(4 * this.#capacity);
    this.#positions = new Float64Array(this.#capacity);
    this.#authors = new Uint32Array(this.#capacity);
    this.#words = new Uint16Array(2 * this.#capacity);
    this.#details = new Uint32Array(this.#capacity);
    this.#slots = new Int32Array(2 * this.#capacity).fill(NO_ROW);
  }

  find(id: string): Remembered | undefined {
    const row = this.#slots[this.#slotOf(wordsOf(id), 0)]!;
    if (row === NO_ROW) return undefined;
    const { detail, ...known } = this.#read(row);
    return { ...known, receipt: unpackReceipt(known.type, detail) };
  }

  /** True when the id may have been here and been forgotten: it must not take effect again. */
  isForgotten(id: string, author: string): boolean {
    const watermark = this.#watermarks.get(author) ?? Number.NEGATIVE_INFINITY;
    return idTime(id) <= watermark;
  }

  /** Notes a new id; the oldest makes room. The id must not be known yet. */
  add(id: string, { author, type, position, reason, receipt }: Remembered): void {
    if (this.#size === this.#capacity) this.#makeRoom();
    const at = (this.#first + this.#size++) % this.#capacity;
    const key = wordsOf(id);
    for (let i = 0; i < 4; i++) this.#keys[4 * at + i] = key[i]!;
    this.#positions[at] = position;
    this.#authors[at] = this.#authorNames.index(author);
    this.#words[2 * at] = this.#wordNames.index(type);
    this.#words[2 * at + 1] = reason === undefined ? 0 : this.#wordNames.index(reason) + 1;
    this.#details[at] = packReceipt(receipt);
    this.#slots[this.#slotOf(this.#keys, 4 * at)] = at;
  }

  /** Oldest first. */
  *entries(): Iterable<[string, KeptCommand]> {
    for (let n = 0; n < this.#size; n++) {
      const row = (this.#first + n) % this.#capacity;
      yield [this.#idAt(row), this.#read(row)];
    }
  }

  toSnapshot(): CommandIdsSnapshot {
    return { entries: [...this.entries()], forgotten: entriesByKey(this.#watermarks) };
  }

  /** `most` is how many ids it keeps. */
  static fromSnapshot({ entries, forgotten }: CommandIdsSnapshot, most?: number): CommandIds {
    const commands = new CommandIds(most);
    for (const [author, upTo] of forgotten) commands.forget(author, upTo);
    for (const [id, { detail, ...known }] of entries) {
      commands.add(id, { ...known, receipt: unpackReceipt(known.type, detail) });
    }
    return commands;
  }

  /** A copy of every column, oldest first. */
  toColumns(): CommandColumns {
    return {
      keys: this.#inOrder(this.#keys, 4),
      positions: this.#inOrder(this.#positions, 1),
      authors: this.#inOrder(this.#authors, 1),
      words: this.#inOrder(this.#words, 2),
      details: this.#inOrder(this.#details, 1),
      authorNames: this.#authorNames.names,
      wordNames: this.#wordNames.names,
      forgotten: entriesByKey(this.#watermarks),
    };
  }

  /** `most` is how many ids it keeps. Throws when the columns are not of one length. */
  static fromColumns(columns: CommandColumns, most?: number): CommandIds {
    const commands = new CommandIds(most);
    const { keys, positions, authors, words, details } = columns;
    const size = positions.length;
    const isEven = keys.length === 4 * size && words.length === 2 * size;
    if (!isEven || authors.length !== size || details.length !== size || size > commands.#most) {
      throw new Error('the columns of the command ids do not fit each other');
    }
    let capacity = commands.#capacity;
    while (capacity < size) capacity = Math.min(commands.#most, 2 * capacity);
    commands.#grow(capacity);
    commands.#keys.set(keys);
    commands.#positions.set(positions);
    commands.#authors.set(authors);
    commands.#words.set(words);
    commands.#details.set(details);
    commands.#size = size;
    for (const name of columns.authorNames) commands.#authorNames.index(name);
    for (const name of columns.wordNames) commands.#wordNames.index(name);
    for (const [author, upTo] of columns.forgotten) commands.forget(author, upTo);
    commands.#index();
    return commands;
  }

  #inOrder<C extends Column>(column: C, width: number): C {
    const end = Math.min(this.#first + this.#size, this.#capacity);
    const copy = column.slice(0, this.#size * width) as C;
    copy.set(column.subarray(this.#first * width, end * width));
    const rest = this.#first + this.#size - end;
    copy.set(column.subarray(0, rest * width), (end - this.#first) * width);
    return copy;
  }

  forget(author: string, upTo: number): void {
    const known = this.#watermarks.get(author);
    if (known === undefined || known < upTo) this.#watermarks.set(author, upTo);
  }

  #read(row: number): KeptCommand {
    const reason = this.#words[2 * row + 1]!;
    return {
      author: this.#authorNames.name(this.#authors[row]!),
      type: this.#wordNames.name(this.#words[2 * row]!),
      position: this.#positions[row]!,
      reason: reason === 0 ? undefined : this.#wordNames.name(reason - 1),
      detail: this.#details[row]!,
    };
  }

  #makeRoom(): void {
    if (this.#capacity >= this.#most) this.#dropOldest();
    else this.#grow(Math.min(this.#most, 2 * this.#capacity));
  }

  #dropOldest(): void {
    const row = this.#first;
    const made = this.#keys[4 * row]! * 0x1_0000 + (this.#keys[4 * row + 1]! >>> 16);
    this.forget(this.#authorNames.name(this.#authors[row]!), made);
    this.#vacate(this.#slotOf(this.#keys, 4 * row));
    this.#first = (this.#first + 1) % this.#capacity;
    this.#size--;
  }

  /** Empties a slot and moves later ones of its chain back, so that no search ends early. */
  #vacate(slot: number): void {
    const mask = this.#slots.length;
    let hole = slot;
    for (let next = (slot + 1) % mask; this.#slots[next] !== NO_ROW; next = (next + 1) % mask) {
      const home = this.#homeOf(this.#keys, 4 * this.#slots[next]!);
      const distance = (next - home + mask) % mask;
      if (distance < (next - hole + mask) % mask) continue;
      this.#slots[hole] = this.#slots[next]!;
      hole = next;
    }
    this.#slots[hole] = NO_ROW;
  }

  #grow(capacity: number): void {
    const keys = new Uint32Array(4 * capacity);
    keys.set(this.#keys);
    this.#keys = keys;
    const positions = new Float64Array(capacity);
    positions.set(this.#positions);
    this.#positions = positions;
    const authors = new Uint32Array(capacity);
    authors.set(this.#authors);
    this.#authors = authors;
    const words = new Uint16Array(2 * capacity);
    words.set(this.#words);
    this.#words = words;
    const details = new Uint32Array(capacity);
    details.set(this.#details);
    this.#details = details;
    // Only a ring that never wrapped grows: `first` is 0 until the memory is at its most.
    this.#capacity = capacity;
    this.#index();
  }

  #index(): void {
    const keys = this.#keys;
    this.#slots = new Int32Array(2 * this.#capacity).fill(NO_ROW);
    for (let row = 0; row < this.#size; row++) this.#slots[this.#slotOf(keys, 4 * row)] = row;
  }

  #homeOf(keys: Uint32Array, at: number): number {
    const mixed = Math.imul(keys[at + 3]!, 0x9e3779b1) ^ keys[at + 2]! ^ keys[at + 1]! ^ keys[at]!;
    return (mixed >>> 0) % this.#slots.length;
  }

  /** The slot that holds the key, or the free one where it belongs. */
  #slotOf(keys: Uint32Array, at: number): number {
    let slot = this.#homeOf(keys, at);
    for (;;) {
      const row = this.#slots[slot]!;
      if (row === NO_ROW || this.#isKeyAt(row, keys, at)) return slot;
      slot = (slot + 1) % this.#slots.length;
    }
  }

  #isKeyAt(row: number, keys: Uint32Array, at: number): boolean {
    for (let i = 0; i < 4; i++) if (this.#keys[4 * row + i] !== keys[at + i]) return false;
    return true;
  }

  #idAt(row: number): string {
    let hex = '';
    for (let i = 0; i < 4; i++) hex += this.#keys[4 * row + i]!.toString(16).padStart(8, '0');
    const cut = (from: number, to: number) => hex.slice(from, to);
    return `${cut(0, 8)}-${cut(8, 12)}-${cut(12, 16)}-${cut(16, 20)}-${cut(20, 32)}`;
  }
}
