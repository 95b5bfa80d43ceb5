// The board of the day: a Markdown file, scanned and moved as `signalbox board` does it.
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MethodName, Result } from '../../../schemas/method.js';
import type { Board } from '../../boards/board.js';
import { openMarkdownBoard } from '../../boards/markdown/keeper.js';
import { type BoardDesk, linkItem, moveItem } from '../../boards/moving.js';
import { type StandingScan, standingScan } from '../../boards/standing.js';
import type { CallArguments, CallParams } from '../../sdk/api.js';
import { mintId } from '../../sdk/identity.js';
import type { Actor } from '../actor.js';

export class DayBoard {
  readonly path: string;
  readonly #board: Board;
  /** Where a move is noted until the log has it. */
  readonly #state: string;

  private constructor(directory: string) {
    this.path = join(directory, 'board.md');
    this.#board = openMarkdownBoard(this.path);
    this.#state = join(directory, 'state');
  }

  static async write(directory: string, text: string): Promise<DayBoard> {
    await writeFile(join(directory, 'board.md'), text);
    return new DayBoard(directory);
  }

  /** As somebody sees it, with what the mesh does about each item. */
  async scan(by: Actor): Promise<StandingScan> {
    const scan = await standingScan(this.#board, this.#deskOf(by));
    if (scan.unknown !== undefined) throw new Error(`the mesh was not asked: ${scan.unknown}`);
    return scan;
  }

  async move(by: Actor, item: string, to: string, ref: string): Promise<void> {
    const move = await moveItem(this.#board, { item, to, ref }, this.#deskOf(by));
    if (move.outcome === 'moved' && move.isRecorded) return;
    throw new Error(`“${item}” was not moved to ${to}: ${move.doubt ?? move.outcome}`);
  }

  /** Says what is being done about an item, or that it is over. */
  async link(by: Actor, item: string, ref: string, remove = false): Promise<void> {
    await linkItem(this.#board, { item, ref, remove }, this.#deskOf(by).mesh);
  }

  /** What a person writes there without any program of ours. */
  async writeByHand(text: string): Promise<void> {
    await appendFile(this.path, text);
  }

  #deskOf(actor: Actor): BoardDesk {
    const call = <M extends MethodName>(method: M, params: CallParams<M>): Promise<Result<M>> =>
      actor.call(method, ...([params] as unknown as CallArguments<M>));
    return { mesh: { call, newId: () => mintId(Date.now()) }, state: this.#state };
  }
}
