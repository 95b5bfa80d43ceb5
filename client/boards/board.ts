// The promise of a board, wherever it lies: its items are scanned, and one of them is moved.
import type { BoardStatus } from '../../schemas/events/board.js';

/** One item as its board says it. Every text is one line without control characters. */
export interface BoardItem {
  /** The same in each scan as long as the item is the same one. */
  id: string;
  title: string;
  /** What the board's own word comes to. */
  status: BoardStatus;
  /** Where it stands, in the board's own word; empty where it stands in no column. */
  column: string;
  /** Whose it is, as the board names them. */
  owners: readonly string[];
  labels: readonly string[];
  priority?: string;
  url?: string;
  /** Addresses that its words name. */
  links: readonly string[];
  /** What of it has to be done first and is not done: ids, or the words of the board. */
  blocked_by: readonly string[];
  /** Other than before once anybody changed the item. */
  revision: string;
}

export interface BoardScan {
  items: readonly BoardItem[];
  /** Where items can be moved to, in the board's own words and order. */
  columns: readonly string[];
  /** What of the board could not be read, and what is left out. */
  notes: readonly string[];
}

/** How an item is to be moved. */
export interface MoveWish {
  /** Where the item is believed to be; a move that finds it elsewhere leaves it there. */
  from?: string | undefined;
  revision?: string | undefined;
  /** Told once it is decided that the item goes to a column, before anything is written. */
  intend?: (item: BoardItem, column: string) => void;
}

/**
 * `moved`: it stands there now; `already`: it stood there before; `elsewhere`: somebody else has
 * moved or changed it meanwhile, and nothing was done.
 */
export interface BoardMove {
  outcome: 'moved' | 'already' | 'elsewhere';
  /** As it is now. */
  item: BoardItem;
  /** Where it stood before, in the board's own word. */
  from: string;
}

/** A board. Every method rejects with a Failure that says what is wrong and what to do. */
export interface Board {
  readonly kind: 'markdown' | 'backlog' | 'folders' | 'beads' | 'github';
  /** Which board it is among all, as `md:/home/me/work/board.md`. */
  readonly name: string;
  scan(): Promise<BoardScan>;
  /** The one item that `wanted` means: its id, the beginning of it, its title or address. */
  find(wanted: string): Promise<BoardItem>;
  /** Moves that item to a column by its word, or by what that comes to, as `in progress`. */
  move(wanted: string, to: string, wish?: MoveWish): Promise<BoardMove>;
}
