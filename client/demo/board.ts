// The board of the play: a Markdown file of its own, kept as any Markdown board is.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BoardItem } from '../boards/board.js';
import { openMarkdownBoard } from '../boards/markdown/keeper.js';

/** The board as a file, which its owner reads anew before each change. */
export interface PlayBoard {
  readonly path: string;
  read(): Promise<readonly BoardItem[]>;
  move(title: string, column: string): Promise<void>;
}

/** Writes a new board into a directory. */
export async function createBoard(directory: string, text: string): Promise<PlayBoard> {
  const path = join(directory, 'board.md');
  await writeFile(path, text);
  const board = openMarkdownBoard(path);
  return {
    path,
    read: async () => (await board.scan()).items,
    move: async (title, column) => {
      await board.move(title, column);
    },
  };
}
