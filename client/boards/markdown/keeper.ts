// The keeper of a board that is one Markdown file, which people edit by hand at the same time.
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { Failure } from '../../terminal/exit.js';
import type { Board, BoardItem, BoardMove, BoardScan, MoveWish } from '../board.js';
import { placeOfBoard, readBoardFile, replaceBoardFile } from '../board-file.js';
import { pickItem, settledMove } from '../pick.js';
import { columnNamed } from '../words.js';
import { type MarkdownItem, markdownBoard } from './document.js';
import { isRepeatable, movedText, readBack } from './move.js';

/** A link is followed once, to the file that it leads to now. Throws a Failure for none. */
export function openMarkdownBoard(given: string): Board {
  const path = placeOfBoard(given);
  return {
    kind: 'markdown',
    name: `md:${path}`,
    scan: async () => scanned(readBoardFile(path).text),
    find: async wanted => pickItem(scanned(readBoardFile(path).text).items, wanted),
    move: async (wanted, to, wish) => move(path, wanted, to, wish),
  };
}

/** The items and columns of a text. */
export function scanned(text: string): BoardScan {
  const { items, columns } = markdownBoard(text);
  const few = items.slice(0, limits.board_items);
  const left = items.length - few.length;
  const notes = left > 0 ? [`${left} more items are left out; split the board`] : [];
  return { items: few.map(itemOf), columns, notes };
}

/** Read anew, decided and written; where somebody wrote meanwhile, all of it again. */
function move(path: string, wanted: string, to: string, wish?: MoveWish): BoardMove {
  for (let tries = 0; tries < limits.board_tries; tries++) {
    const file = readBoardFile(path);
    const board = markdownBoard(file.text);
    const item = pickItem(board.items, wanted);
    const column = columnNamed(board.columns, to);
    const settled = settledMove(itemOf(item), column, wish);
    if (settled !== undefined) return settled;
    const moved = movedText(board, item, column);
    const now = readBack(board, item, column, moved);
    // What cannot be read back as it was meant is not written.
    if (now === undefined) {
      throw new Failure('failed', `the item "${item.title}" cannot be moved safely`, {
        hint: `move it by hand: ${path}:${item.line + 1}`,
      });
    }
    if (!isRepeatable(item, now, moved)) throw ambiguous(path, item);
    wish?.intend?.(itemOf(item), column);
    if (!replaceBoardFile(file, moved.text)) continue;
    return { outcome: 'moved', item: itemOf(now), from: item.column };
  }
  throw new Failure('conflict', `somebody keeps writing ${path}`, { hint: 'try again' });
}

function ambiguous(path: string, { title, line }: MarkdownItem): Failure {
  const place = `${path}:${line + 1}`;
  return new Failure('conflict', `the board has several items "${title}"`, {
    hint: `end its line with a name of its own, as ^login, and move it by that: ${place}`,
  });
}

/** Without its place, which is the keeper's own. */
function itemOf(item: MarkdownItem): BoardItem {
  const { id, title, status, column, owners, labels, priority, url } = item;
  const { links, blocked_by, revision } = item;
  const some = { ...(priority !== undefined && { priority }), ...(url !== undefined && { url }) };
  return { id, title, status, column, owners, labels, ...some, links, blocked_by, revision };
}
