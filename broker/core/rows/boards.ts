// The rows of the boards: what was last recorded of an item, in a circle, and its links.
import type { BoardStatus } from '../../../schemas/events/board.js';
import { limits } from '../../../schemas/limits.js';

export interface BoardLink {
  ref: string;
  by: string;
  /** Log time in ms UTC. */
  linked_at: number;
}

/** Never changed in place: each change makes a new row, so a row that was handed out stands. */
export interface BoardNote {
  circle: string;
  board: string;
  item: string;
  title?: string | undefined;
  /** Of the newest move; without them it was only linked. */
  from?: string | undefined;
  to?: string | undefined;
  status?: BoardStatus | undefined;
  url?: string | undefined;
  by?: string | undefined;
  moved_at?: number | undefined;
  /** Oldest first. */
  links: readonly BoardLink[];
  /** Of the event that first named it, which orders a list. */
  since: number;
  /** Of the newest event that changed the row. */
  position: number;
}

export interface BoardsSnapshot {
  rows: BoardNote[];
}

/**
 * At most `limits.boards_rows` items and `limits.boards_chars` characters of them in all circles;
 * room is made by the done item that changed longest ago, then by another.
 */
export class BoardRows {
  /** By `keyOf`, the one that changed longest ago first. */
  readonly #open = new Map<string, BoardNote>();
  readonly #done = new Map<string, BoardNote>();
  #chars = 0;

  get(circle: string, board: string, item: string): BoardNote | undefined {
    const key = keyOf({ circle, board, item });
    return this.#open.get(key) ?? this.#done.get(key);
  }

  *all(): Iterable<BoardNote> {
    yield* this.#open.values();
    yield* this.#done.values();
  }

  /** Puts a row that is new or has changed; others make room. */
  put(row: BoardNote): void {
    this.#drop(keyOf(row));
    (row.status === 'done' ? this.#done : this.#open).set(keyOf(row), row);
    this.#chars += charsOf(row);
    while (this.#isOver()) {
      const [oldest] = (this.#done.size > 0 ? this.#done : this.#open).keys();
      if (oldest !== undefined) this.#drop(oldest);
    }
  }

  #isOver(): boolean {
    const { size } = this.#open;
    if (size + this.#done.size > limits.boards_rows) return true;
    return this.#chars > limits.boards_chars && size + this.#done.size > 1;
  }

  #drop(key: string): void {
    const row = this.#open.get(key) ?? this.#done.get(key);
    if (row === undefined) return;
    this.#chars -= charsOf(row);
    this.#open.delete(key);
    this.#done.delete(key);
  }

  toSnapshot(): BoardsSnapshot {
    return { rows: [...this.all()] };
  }

  static fromSnapshot({ rows }: BoardsSnapshot): BoardRows {
    const boards = new BoardRows();
    for (const row of rows) boards.put(row);
    return boards;
  }
}

/** Unique: no name of a circle holds a space, and no board or item a line feed. */
function keyOf({ circle, board, item }: Pick<BoardNote, 'circle' | 'board' | 'item'>): string {
  return `${circle} ${board}\n${item}`;
}

function charsOf({ board, item, title, from, to, url, links }: BoardNote): number {
  let chars = 0;
  for (const words of [board, item, title, from, to, url]) chars += words?.length ?? 0;
  for (const { ref } of links) chars += ref.length;
  return chars;
}
