// Which item of a board somebody means: by its id or the beginning of it, its title or address.
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { Failure } from '../terminal/exit.js';
import { oneLine } from '../terminal/safe.js';
import type { BoardItem, BoardMove, MoveWish } from './board.js';
import { isSameColumn, statusOf } from './words.js';

/** The one item. Throws a Failure for none, and for several, with their ids. */
export function pickItem<Item extends BoardItem>(items: readonly Item[], wanted: string): Item {
  const text = wanted.trim();
  const title = text.toLowerCase();
  const ways: ((item: Item) => boolean)[] = [
    item => item.id === text,
    item => item.url === text,
    item => item.title.toLowerCase() === title,
    item => text.length >= limits.board_typed_chars && item.id.toLowerCase().startsWith(title),
    item => /^#\d+$/.test(text) && new RegExp(`(?:/|#)${text.slice(1)}$`).test(item.url ?? ''),
  ];
  for (const isIt of ways) {
    const [found, ...others] = text === '' ? [] : items.filter(isIt);
    if (found === undefined) continue;
    if (others.length === 0) return found;
    throw ambiguous(wanted, [found, ...others]);
  }
  const message = `the board has no item "${oneLine(wanted, limits.board_word_chars)}"`;
  throw new Failure('unknown', message, { hint: 'see its items: signalbox board scan --all' });
}

function ambiguous(wanted: string, items: readonly BoardItem[]): Failure {
  const some = items.slice(0, limits.board_named_items);
  const ids = some.map(({ id, column }) => `${id}${column && ` (${column})`}`).join(', ');
  const message = `the board has several items "${oneLine(wanted, limits.board_word_chars)}"`;
  return new Failure('conflict', message, { hint: `name one by its id: ${ids}` });
}

/** What a move comes to before anything is written; undefined when it has to be done. */
export function settledMove(
  item: BoardItem,
  to: string,
  { from, revision }: MoveWish = {},
): BoardMove | undefined {
  if (isSameColumn(item.column, to)) return { outcome: 'already', item, from: item.column };
  const hasMoved = from !== undefined && !isAt(item, from);
  const hasChanged = revision !== undefined && revision !== item.revision;
  return hasMoved || hasChanged ? { outcome: 'elsewhere', item, from: item.column } : undefined;
}

function isAt({ column, status }: BoardItem, from: string): boolean {
  return isSameColumn(column, from) || (status !== 'unknown' && statusOf(from) === status);
}
