// A watched selection (materialized view): its rows as they were told, kept once for all watchers.
import { limits } from '../../../schemas/limits.js';
import type { Row, Selection } from '../../core/views/selection.js';
import type { Touched } from '../../core/views/touched.js';
import type { Sight } from '../../core/views/views.js';
import type { EncodedRows, Entry } from './encoded-rows.js';
import { Parcel } from './parcel.js';

/** The end of a commit and the cursor that says so. */
export interface Spot {
  sequence: number;
  cursor: string;
}

interface Member {
  entry: Entry;
  /** The commit that it is told so from. */
  since: number;
}

/** How a group begins, with the rows of a sight. */
interface GroupConfig {
  id: string;
  selection: Selection;
  sight: Sight;
  at: Spot;
  encoded: EncodedRows;
  /** A group that tells rows alike: those which both have are one. */
  kin?: ViewGroup | undefined;
}

/** Those who watch with equal selections share its rows, and each frame that is made of them. */
export class ViewGroup {
  /** The subscription that its watchers know it by. */
  readonly id: string;
  readonly selection: Selection;
  readonly #encoded: EncodedRows;
  readonly #members = new Map<string, Member>();
  /** What was in it, and since which commit it is not. */
  readonly #left = new Map<string, number>();
  #at: Spot;
  #base: number;
  /** The commit of its newest change. */
  #changed: number;
  /** What the newest refresh changed, of those who stood at the commit before it. */
  #news: { since: number; entries: Entry[] };
  #snapshot: Parcel | undefined;
  readonly #parcels = new Map<number, Parcel>();

  constructor({ id, selection, sight, at, encoded, kin }: GroupConfig) {
    this.id = id;
    this.selection = selection;
    this.#encoded = encoded;
    this.#at = at;
    this.#base = at.sequence;
    this.#changed = at.sequence;
    this.#news = { since: at.sequence, entries: [] };
    for (const [key, row] of selection.rows(sight)) {
      const known = kin?.row(key);
      const told = known !== undefined && isSame(known, row) ? known : row;
      this.#members.set(key, { entry: [key, told], since: at.sequence });
    }
  }

  /** What its rows are true for. */
  get at(): Spot {
    return this.#at;
  }

  /** The commit that its rows changed with last. */
  get changed(): number {
    return this.#changed;
  }

  /** How many rows it holds. */
  get size(): number {
    return this.#members.size;
  }

  /** Brings what was touched up to a newer commit. */
  refresh(sight: Sight, touched: Touched, at: Spot): void {
    const entries: Entry[] = [];
    const put = (key: string, row: Row | undefined) => {
      if (this.#put(key, row, at.sequence)) entries.push([key, row ?? null]);
    };
    if (touched === 'all') {
      const rows = new Map(this.selection.rows(sight));
      for (const key of [...this.#members.keys()]) if (!rows.has(key)) put(key, undefined);
      for (const [key, row] of rows) put(key, row);
    } else {
      for (const key of touched.keys()) put(key, this.selection.row(sight, key));
    }
    this.#news = { since: this.#at.sequence, entries };
    this.#at = at;
    this.#parcels.clear();
    if (entries.length === 0) return;
    this.#changed = at.sequence;
    this.#snapshot = undefined;
  }

  row(key: string): Row | undefined {
    return this.#members.get(key)?.entry[1] ?? undefined;
  }

  /** All its rows. */
  snapshot(): Parcel {
    this.#snapshot ??= this.parcel([...this.#members.values()].map(({ entry }) => entry));
    return this.#snapshot;
  }

  /** These, to be told in its name. */
  parcel(entries: readonly Entry[]): Parcel {
    return new Parcel(entries, this.#encoded);
  }

  /** The newest row of each key that changed after a commit; undefined when it is too far back. */
  since(sequence: number): Parcel | undefined {
    if (sequence < this.#base) return undefined;
    const known = this.#parcels.get(sequence);
    if (known !== undefined) return known;
    const parcel = this.parcel(this.#changesAfter(sequence));
    this.#parcels.set(sequence, parcel);
    return parcel;
  }

  #changesAfter(sequence: number): Entry[] {
    if (sequence >= this.#changed) return [];
    // Most stand where the newest refresh began, or where nothing has changed since.
    if (sequence === this.#news.since) return this.#news.entries;
    const entries: Entry[] = [];
    for (const [key, since] of this.#left) if (since > sequence) entries.push([key, null]);
    for (const { entry, since } of this.#members.values()) {
      if (since > sequence) entries.push(entry);
    }
    return entries;
  }

  #put(key: string, row: Row | undefined, since: number): boolean {
    const before = this.#members.get(key);
    if (row === undefined) {
      if (before === undefined) return false;
      this.#members.delete(key);
      this.#left.delete(key);
      this.#left.set(key, since);
      this.#trim();
      return true;
    }
    if (before !== undefined && isSame(before.entry[1]!, row)) return false;
    this.#members.set(key, { entry: [key, row], since });
    this.#left.delete(key);
    return true;
  }

  /** Who stands before what is forgotten here needs all rows anew. */
  #trim(): void {
    if (this.#left.size <= limits.view_left_items) return;
    for (const [key, since] of this.#left) {
      this.#left.delete(key);
      this.#base = Math.max(this.#base, since);
      return;
    }
  }
}

function isSame(a: Row, b: Row): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every(key => isEqual(a[key], b[key]));
}

function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  const isPlain = typeof a !== 'object' || typeof b !== 'object' || a === null || b === null;
  return !isPlain && JSON.stringify(a) === JSON.stringify(b);
}
