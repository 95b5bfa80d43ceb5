// What peers say of items of boards, as events.
import type { EventOf, EventType } from '../../schemas/event.js';
import { type Draft, type Person, says } from './events.js';

type Data<T extends EventType> = Partial<EventOf<T>>;

export const boardNo = (n: number) => `md:/work/${n}/TODO.md`;
export const itemNo = (n: number) => `item-${n}`;
const place = (n: number) => ({ board: boardNo(1), item: itemNo(n) });

/** Item n of the first board now stands in that column. */
export function moves(who: Person, n: number, to: string, more: Data<'board.moved'> = {}): Draft {
  const status = to === 'Done' ? 'done' : 'in_progress';
  return says(who, 'board.moved', { ...place(n), to, status, ...more });
}

export function links(who: Person, n: number, ref: string, more: Data<'board.linked'> = {}): Draft {
  return says(who, 'board.linked', { ...place(n), ref, ...more });
}
