// Old commits read from the files of a store, without its server and without changing anything.
import { readFile } from 'node:fs/promises';
import type { Delivery } from '../../core/words.js';
import type { Log } from '../log.js';
import { streamName, streamSubject } from '../stream-settings.js';
import { exactRecords, sealOf } from './block.js';
import { type Block, blocksIn } from './places.js';

const NANOS_PER_MILLI = 1_000_000n;

/**
 * The log of one mesh as its store holds it. A server may go on writing: what it has not finished
 * is not there yet. Reading throws where a commit is missing or cannot be read.
 */
export class StoredLog implements Pick<Log, 'read' | 'head'> {
  readonly #store: string;
  readonly #mesh: string;
  /** The last commit of each block that will not change any more, by its number. */
  readonly #ends = new Map<number, number>();

  constructor(store: string, mesh: string) {
    this.#store = store;
    this.#mesh = mesh;
  }

  async head(): Promise<number> {
    let head = 0;
    const blocks = await blocksIn(this.#store, this.#mesh);
    for (const block of blocks.slice(-2)) {
      for (const { sequence } of await this.#commitsIn(block)) head = sequence;
    }
    return head;
  }

  async *read(from: number, to = Number.POSITIVE_INFINITY): AsyncIterable<Delivery> {
    let next = from;
    const blocks = await blocksIn(this.#store, this.#mesh);
    for (const [i, block] of blocks.entries()) {
      if (next > to) return;
      if ((this.#ends.get(block.number) ?? Number.POSITIVE_INFINITY) < next) continue;
      const commits = await this.#commitsIn(block);
      const end = commits.at(-1)?.sequence;
      if (i < blocks.length - 1 && end !== undefined) this.#ends.set(block.number, end);
      for (const commit of commits) {
        if (commit.sequence < next) continue;
        if (commit.sequence > to) return;
        if (commit.sequence !== next) throw new Error(`Commit ${next} is not in the store.`);
        next++;
        yield commit;
      }
    }
  }

  async #commitsIn({ number, file }: Block): Promise<Delivery[]> {
    const bytes = await readFile(file);
    const seal = sealOf(streamName(this.#mesh), number, streamSubject(this.#mesh));
    const commits: Delivery[] = [];
    for (const { sequence, time, data, isTombstone } of exactRecords(bytes, seal)) {
      const view = new DataView(time.buffer, time.byteOffset, time.byteLength);
      const storedAt = Number(view.getBigInt64(0, true) / NANOS_PER_MILLI);
      if (!isTombstone) commits.push({ sequence, storedAt, bytes: data });
    }
    return commits;
  }
}
