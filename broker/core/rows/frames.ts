// Frames: the table as a stream of small pieces, so that no second copy of it is ever made.
import { CommandFrames, commandFrames } from './command-frames.js';
import { CommandIds } from './command-ids.js';
import type { Frame } from './frame.js';
import type { Item } from './inbox.js';
import type { KeptTable } from './snapshot.js';
import { type KeptRows, ofEachNoun, type Rows, type Table } from './table.js';

/** About so many characters of rows make a frame. */
const CHARS_OF_A_FRAME = 262_144;

type ToText = (value: unknown) => string;
type Kept = KeptRows[keyof KeptRows];
type KeptBoxes = KeptRows['inbox'];

/**
 * Every row of the table, as `text` writes it. It must not be folded on before the last frame is
 * taken. An item that many inboxes refer to is said once.
 */
export function* tableFrames(table: Table, text: ToText = JSON.stringify): Generator<Frame> {
  yield* rowFrames(table, noun => table[noun].toSnapshot(), text);
  yield* commandFrames(table.commands.toColumns());
}

/** The same of a state that was kept, which has no command ids. */
export function keptFrames(state: KeptTable): Generator<Frame> {
  return rowFrames(state, noun => state[noun], JSON.stringify);
}

function* rowFrames(
  { time, log }: Pick<Table, 'time' | 'log'>,
  keptOf: (noun: keyof Rows) => Kept,
  text: ToText,
): Generator<Frame> {
  yield { name: 'table', data: text({ time, log }) };
  const nouns = Object.keys(ofEachNoun(() => 0)) as (keyof Rows)[];
  for (const noun of nouns) {
    const kept = keptOf(noun);
    if (noun === 'inbox') yield* listFrames(noun, numberedItems(kept as KeptBoxes), text);
    else if (Array.isArray(kept)) yield* listFrames(noun, kept, text);
    else yield* partFrames(noun, kept, text);
  }
}

function* partFrames(noun: string, kept: object, text: ToText): Generator<Frame> {
  for (const [part, value] of Object.entries(kept)) {
    const name = `${noun}.${part}`;
    if (Array.isArray(value)) yield* listFrames(name, value, text);
    else if (value !== undefined) yield { name, data: text(value) };
  }
}

/** A list as JSON arrays of some rows each; one at least. */
function* listFrames(name: string, rows: Iterable<unknown>, text: ToText): Generator<Frame> {
  let texts: string[] = [];
  let chars = 0;
  for (const row of rows) {
    const said = text(row);
    texts.push(said);
    chars += said.length;
    if (chars < CHARS_OF_A_FRAME) continue;
    yield { name, data: `[${texts.join(',')}]` };
    texts = [];
    chars = 0;
  }
  yield { name, data: `[${texts.join(',')}]` };
}

type NumberedBox = Omit<KeptBoxes[number], 'items'> & { items: (Item | number)[] };

/** An item the first time, and where it comes again its number, counted from 0. */
function* numberedItems(boxes: KeptBoxes): Generator<NumberedBox> {
  const numbers = new Map<Item, number>();
  for (const { items, ...box } of boxes) {
    const numbered = items.map(item => {
      const known = numbers.get(item);
      if (known === undefined) numbers.set(item, numbers.size);
      return known ?? item;
    });
    yield { ...box, items: numbered };
  }
}

function withItems(boxes: readonly NumberedBox[]): KeptBoxes {
  const known: Item[] = [];
  return boxes.map(({ items, ...box }) => ({
    ...box,
    items: items.map(item => {
      if (typeof item === 'number') return known[item]!;
      known.push(item);
      return item;
    }),
  }));
}

/** Makes a table of its frames, in any order among different names. Throws on what is none. */
export class TableReader {
  #table: Pick<Table, 'time' | 'log'> | undefined;
  readonly #lists = new Map<string, unknown>();
  readonly #commands = new CommandFrames();
  readonly #commandIds: number | undefined;

  /** `commandIds` is how many command ids it is to remember. */
  constructor(commandIds?: number) {
    this.#commandIds = commandIds;
  }

  take(frame: Frame): void {
    if (this.#commands.take(frame)) return;
    const { name, data } = frame;
    if (typeof data !== 'string') throw new Error(`there is no column ${name}`);
    const value = JSON.parse(data);
    const known = this.#lists.get(name);
    if (name === 'table') this.#table = value;
    else if (!Array.isArray(known)) this.#lists.set(name, value);
    else for (const row of value) known.push(row);
  }

  result(): Table {
    if (this.#table === undefined) throw new Error('the table is missing');
    const rows = ofEachNoun((noun, Rows) => Rows.fromSnapshot(this.#keptOf(noun) as never));
    const commands = CommandIds.fromColumns(this.#commands.result(), this.#commandIds);
    return { ...this.#table, ...(rows as unknown as Rows), commands };
  }

  /** What `keptFrames` was given. */
  kept(): KeptTable {
    if (this.#table === undefined) throw new Error('the table is missing');
    const rows = ofEachNoun(noun => this.#keptOf(noun));
    return { ...this.#table, ...(rows as unknown as KeptRows) };
  }

  #keptOf(noun: string): unknown {
    const whole = this.#lists.get(noun);
    if (noun === 'inbox') return withItems(whole as NumberedBox[]);
    if (whole !== undefined) return whole;
    const parts = [...this.#lists].filter(([name]) => name.startsWith(`${noun}.`));
    return Object.fromEntries(parts.map(([name, value]) => [name.slice(noun.length + 1), value]));
  }
}
