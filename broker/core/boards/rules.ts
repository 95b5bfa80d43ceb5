// The rules of the boards: the newest word of an item counts, and links are a bounded set.
import { limits } from '../../../schemas/limits.js';
import type { BoardLink, BoardNote } from '../rows/boards.js';
import type { Table } from '../rows/table.js';
import type { Fact, View } from '../shared/view.js';

export const boardsView = {
  check: {
    'board.moved': (_, { event }) => {
      const { from, to, url, ref } = event;
      const isShort = isLine(to, limits.label_chars) && isLine(from, limits.label_chars);
      const isSound = isLine(url, limits.url_chars) && isLine(ref, limits.board_ref_chars);
      return isShort && isSound && isPlace(event) ? undefined : 'malformed';
    },
    'board.linked': (_, { event }) =>
      isLine(event.ref, limits.board_ref_chars) && isPlace(event) ? undefined : 'malformed',
  },
  apply: {
    'board.moved': (table, fact) => {
      const { event, time, position } = fact;
      const { from, to, status, by, ref } = event;
      const row = rowFor(table, fact);
      const links = ref === undefined ? row.links : linked(row.links, linkOf(fact, ref));
      const url = event.url ?? row.url;
      table.boards.put({ ...row, from, to, status, url, by, moved_at: time, links, position });
    },
    'board.linked': (table, fact) => {
      const { event, position } = fact;
      const { circle, board, item, ref, remove } = event;
      // Of what nobody has spoken there is nothing to take away.
      if (remove && table.boards.get(circle, board, item) === undefined) return;
      const row = rowFor(table, fact);
      const links = remove ? without(row.links, ref) : linked(row.links, linkOf(fact, ref));
      table.boards.put({ ...row, links, position });
    },
  },
} satisfies View;

type Said = Fact<'board.moved' | 'board.linked'>;

/** The row as it was, with the title that is told now. */
function rowFor(table: Table, { event, position }: Said): BoardNote {
  const { circle, board, item, title } = event;
  const row = table.boards.get(circle, board, item);
  if (row === undefined)
    return { circle, board, item, title, links: [], since: position, position };
  return title === undefined ? row : { ...row, title };
}

function linkOf({ event, time }: Said, ref: string): BoardLink {
  return { ref, by: event.by, linked_at: time };
}

/** Linked again it stays where it is; of too many the oldest goes. */
function linked(links: readonly BoardLink[], link: BoardLink): readonly BoardLink[] {
  if (links.some(({ ref }) => ref === link.ref)) return links;
  return [...links, link].slice(-limits.board_links_items);
}

function without(links: readonly BoardLink[], gone: string): readonly BoardLink[] {
  return links.filter(({ ref }) => ref !== gone);
}

function isPlace({ board, item, title }: Said['event']): boolean {
  const isNamed = isLine(board, limits.board_chars) && isLine(item, limits.board_item_chars);
  return isNamed && isLine(title, limits.label_chars);
}

/** True for nothing at all, too; the door asks that it is one line. */
function isLine(text: string | undefined, chars: number): boolean {
  return text === undefined || (text.length > 0 && text.length <= chars && !text.includes('\n'));
}
