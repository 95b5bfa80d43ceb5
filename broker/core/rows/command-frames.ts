// The memory of command ids as frames: its columns as they are, since as text they would be slow.
import type { CommandColumns } from './command-ids.js';
import type { Frame } from './frame.js';
import { Interned } from './interned.js';

const kinds = {
  keys: Uint32Array,
  positions: Float64Array,
  authors: Uint32Array,
  words: Uint16Array,
  details: Uint32Array,
};

type Kind = keyof typeof kinds;

/** The columns, with the names that they count: equal for equal memories. */
export function* commandFrames(columns: CommandColumns): Generator<Frame> {
  const { authors, words, forgotten } = columns;
  const authorNames = renumbered(authors, columns.authorNames, () => 0);
  // Every other word is a reason, and 0 where there is none.
  const wordNames = renumbered(words, columns.wordNames, i => i % 2);
  const names = { authorNames, wordNames, forgotten };
  yield { name: 'commands', data: JSON.stringify(names) };
  for (const kind of Object.keys(kinds) as Kind[]) {
    const { buffer, byteOffset, byteLength } = columns[kind];
    yield { name: `commands.${kind}`, data: new Uint8Array(buffer, byteOffset, byteLength) };
  }
}

/**
 * Counts the names of a column anew, by where each is first; what is below the offset of its place
 * stands for none. A name that is in no row any more is gone.
 */
function renumbered(
  column: Uint32Array | Uint16Array,
  names: readonly string[],
  offset: (i: number) => number,
): string[] {
  const left = new Interned();
  const numbers = new Map<number, number>();
  for (let i = 0; i < column.length; i++) {
    const index = column[i]! - offset(i);
    if (index < 0) continue;
    let number = numbers.get(index);
    if (number === undefined) {
      number = left.index(names[index]!);
      numbers.set(index, number);
    }
    column[i] = number + offset(i);
  }
  return [...left.names];
}

/** Gathers the columns from frames, each of which is a whole one. */
export class CommandFrames {
  #names: Pick<CommandColumns, 'authorNames' | 'wordNames' | 'forgotten'> | undefined;
  readonly #columns = new Map<string, ArrayBuffer>();

  /** False for a frame of something else. */
  take({ name, data }: Frame): boolean {
    if (name === 'commands' && typeof data === 'string') this.#names = JSON.parse(data);
    else if (!name.startsWith('commands.') || typeof data === 'string') return false;
    // A copy begins where a column of any width may.
    else this.#columns.set(name, Uint8Array.from(data).buffer);
    return true;
  }

  /** Throws when something is missing. */
  result(): CommandColumns {
    if (this.#names === undefined) throw new Error('the names of the commands are missing');
    const columnOf = (kind: Kind) => {
      const bytes = this.#columns.get(`commands.${kind}`);
      if (bytes === undefined) throw new Error(`the ${kind} of the commands are missing`);
      return new kinds[kind](bytes);
    };
    const made = Object.keys(kinds).map(kind => [kind, columnOf(kind as Kind)]);
    return { ...this.#names, ...Object.fromEntries(made) };
  }
}
