// A move of an item: first the board, which is the truth, then the record of it in the log.
import type { MethodName, Result } from '../../schemas/method.js';
import type { CallParams } from '../sdk/api.js';
import { RefusalError } from '../sdk/errors.js';
import { Failure } from '../terminal/exit.js';
import type { Board, BoardItem, BoardMove } from './board.js';
import { BoardRoom, type MoveIntent } from './room.js';
import { cleanLine, isSameColumn, statusOf } from './words.js';

/** The mesh as boards need it. */
export interface BoardMesh {
  call<M extends MethodName>(method: M, params: CallParams<M>): Promise<Result<M>>;
  /** A fresh id for a command. */
  newId(): string;
}

/** Where moves are recorded and noted. */
export interface BoardDesk {
  mesh: BoardMesh;
  /** Where this user's state lies. */
  state: string;
}

/** A move, and whether the log knows of it yet. */
export interface ToldMove extends BoardMove {
  isRecorded: boolean;
  /** Why it is not recorded. */
  doubt?: string;
}

export interface WantedMove {
  item: string;
  to: string;
  from?: string | undefined;
  revision?: string | undefined;
  /** What it is moved for. */
  ref?: string | undefined;
}

/** Moves an item and records it. Rejects with a Failure when the board was not moved. */
export async function moveItem(
  board: Board,
  { item: wanted, to, from, revision, ref }: WantedMove,
  { mesh, state }: BoardDesk,
): Promise<ToldMove> {
  const room = new BoardRoom(state, board.name);
  return room.alone(async () => {
    await settle(room, mesh, ({ item }) => findOrNone(board, item));
    const noted: MoveIntent[] = [];
    const intend = (item: BoardItem, column: string) => {
      // Where a keeper tries again, its last word holds.
      for (const old of noted.splice(0)) room.forget(old);
      const intent = intentOf(mesh.newId(), board, item, column, ref);
      room.note(intent);
      noted.push(intent);
    };
    try {
      const move = await board.move(wanted, to, { from, revision, intend });
      const [intent] = noted;
      if (move.outcome !== 'moved' || intent === undefined) {
        for (const old of noted) room.forget(old);
        return { ...move, isRecorded: move.outcome === 'already' };
      }
      return { ...move, ...(await record(room, mesh, intent)) };
    } catch (error) {
      // A move that was refused left nothing; of any other the board knows, at the next scan.
      if (!isDoubtful(error)) for (const old of noted) room.forget(old);
      throw error;
    }
  });
}

/** Records what was moved and not recorded, by what the board says now. Never rejects. */
export async function settleNoted(
  board: Board,
  items: readonly BoardItem[],
  { mesh, state }: BoardDesk,
): Promise<void> {
  const room = new BoardRoom(state, board.name);
  if (room.noted().length === 0) return;
  // What was scanned may be older than what was noted: only where it agrees is it believed.
  const find = async ({ item, to }: MoveIntent) => {
    const scanned = items.find(({ id, column }) => id === item && isSameColumn(column, to));
    return scanned ?? findOrNone(board, item);
  };
  await room.aloneNow(() => settle(room, mesh, find)).catch(() => {});
}

async function settle(
  room: BoardRoom,
  mesh: BoardMesh,
  find: (intent: MoveIntent) => Promise<BoardItem | undefined>,
): Promise<void> {
  for (const intent of room.noted()) {
    const item = await find(intent);
    // Where it does not stand, it was never moved, or somebody moved it on.
    if (item === undefined || !isSameColumn(item.column, intent.to)) room.forget(intent);
    else await record(room, mesh, intent);
  }
}

async function findOrNone(board: Board, id: string): Promise<BoardItem | undefined> {
  try {
    return await board.find(id);
  } catch (error) {
    if (error instanceof Failure && error.exit === 'unknown') return undefined;
    throw error;
  }
}

function intentOf(
  id: string,
  board: Board,
  { id: item, title, column, url }: BoardItem,
  to: string,
  ref: string | undefined,
): MoveIntent {
  return {
    ...{ id, board: board.name, item, title: cleanLine(title) || item, to: cleanLine(to) },
    ...(column !== '' && { from: cleanLine(column) }),
    ...(url !== undefined && { url }),
    ...(ref !== undefined && { ref }),
  };
}

async function record(
  room: BoardRoom,
  mesh: BoardMesh,
  intent: MoveIntent,
): Promise<{ isRecorded: boolean; doubt?: string }> {
  try {
    await mesh.call('board.move', { ...intent, status: statusOf(intent.to) });
  } catch (error) {
    if (error instanceof RefusalError && error.refusal === 'command_stale') {
      room.forget(intent);
      const again = { ...intent, id: mesh.newId() };
      room.note(again);
      return record(room, mesh, again);
    }
    const { message } = error as Error;
    const isFinal = error instanceof RefusalError && !error.retry;
    if (isFinal) room.forget(intent);
    const later = isFinal ? '' : '; the next scan or move of this board records it';
    return { isRecorded: false, doubt: `${message}${later}` };
  }
  room.forget(intent);
  return { isRecorded: true };
}

/** True where it may have been moved all the same, as by a program whose answer was lost. */
function isDoubtful(error: unknown): boolean {
  return !(error instanceof Failure) || error.exit === 'waited' || error.exit === 'failed';
}

/** Records what is being done about an item. Rejects as the board and the broker do. */
export async function linkItem(
  board: Board,
  { item: wanted, ref, remove }: { item: string; ref: string; remove: boolean },
  mesh: BoardMesh,
): Promise<BoardItem> {
  const item = await board.find(wanted);
  const title = cleanLine(item.title) || item.id;
  const place = { board: board.name, item: item.id, title };
  await mesh.call('board.link', { ...place, ref, remove });
  return item;
}
