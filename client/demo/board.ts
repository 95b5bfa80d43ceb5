// A to-do board in Markdown: finds its items, and moves one without touching anything else.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type ItemState = 'to do' | 'in progress' | 'done';

export interface BoardItem {
  state: ItemState;
  /** The words of the item, without its box and project. */
  title: string;
  /** Whose it is: the last word of the item, when that is `@project`. */
  project?: string;
}

const boxes: Record<ItemState, string> = { 'to do': ' ', 'in progress': '~', done: 'x' };
const states = new Map<string, ItemState>([
  [' ', 'to do'],
  ['~', 'in progress'],
  ['x', 'done'],
  ['X', 'done'],
]);

const ITEM =
  /^(?<before>\s*(?:[-*+]|\d+[.)])\s+\[)(?<box>[ ~xX])(?<after>\]\s+(?<words>\S.*?)\s*)$/;
const PROJECT = /^(?<title>.*?)\s*(?<![^\s])@(?<project>[a-z0-9][a-z0-9._-]*)$/i;
const FENCE = /^\s*(?:```|~~~)/;

/** The items of a board, top down. What stands in a fenced block is an example and no item. */
export function scan(board: string): BoardItem[] {
  return itemLines(board).map(({ item }) => item);
}

/**
 * The board with one item in another state and every other byte as it was. Throws when no item, or
 * more than one, has that title: a board is edited by people too.
 */
export function moved(board: string, title: string, state: ItemState): string {
  const [found, ...others] = itemLines(board).filter(({ item }) => item.title === title);
  if (found === undefined) throw new Error(`the board has no item "${title}"`);
  if (others.length > 0) throw new Error(`the board has several items "${title}"`);
  const lines = board.split('\n');
  const { before = '', after = '' } = found.parts;
  lines[found.line] = `${before}${boxes[state]}${after}`;
  return lines.join('\n');
}

interface ItemLine {
  line: number;
  parts: Partial<Record<string, string>>;
  item: BoardItem;
}

function itemLines(board: string): ItemLine[] {
  const found: ItemLine[] = [];
  let isFenced = false;
  for (const [line, text] of board.split('\n').entries()) {
    if (FENCE.test(text)) isFenced = !isFenced;
    const parts = isFenced ? undefined : ITEM.exec(text)?.groups;
    const state = states.get(parts?.box ?? '');
    if (parts === undefined || state === undefined) continue;
    found.push({ line, parts, item: itemOf(parts.words ?? '', state) });
  }
  return found;
}

function itemOf(words: string, state: ItemState): BoardItem {
  const { title, project } = PROJECT.exec(words)?.groups ?? {};
  if (!title || project === undefined) return { state, title: words };
  return { state, title, project };
}

/** The board as a file, which its owner reads anew before each change. */
export interface Board {
  readonly path: string;
  read(): Promise<BoardItem[]>;
  move(title: string, state: ItemState): Promise<void>;
}

/** Writes a new board into a directory. */
export async function createBoard(directory: string, text: string): Promise<Board> {
  const path = join(directory, 'board.md');
  // Who reads meanwhile finds the old board or the new one, never half of one.
  const write = async (board: string) => {
    await writeFile(`${path}.new`, board);
    await rename(`${path}.new`, path);
  };
  await write(text);
  return {
    path,
    read: async () => scan(await readFile(path, 'utf8')),
    move: async (title, state) => write(moved(await readFile(path, 'utf8'), title, state)),
  };
}
