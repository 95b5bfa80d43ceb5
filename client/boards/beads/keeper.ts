// The keeper of beads: by its program bd, or where that is absent its JSONL, which is only read.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { Failure } from '../../terminal/exit.js';
import type { Board, BoardItem, BoardMove, BoardScan, MoveWish } from '../board.js';
import { placeOfBoard, readBoardFile } from '../board-file.js';
import { pickItem, settledMove } from '../pick.js';
import { type ProgramPlace, programOf, programPath, type RunProgram } from '../run.js';
import { cleanLine, columnNamed } from '../words.js';
import { type Bead, beadItem, beadStatuses, readBead } from './shapes.js';

const HINT = 'install bd (beads); without it its board is only read';

/** The issues of a folder that has `.beads`, or of that itself. Throws a Failure for none. */
export function openBeadsBoard(given: string, place: ProgramPlace, run?: RunProgram): Board {
  const found = placeOfBoard(given);
  const path = found.endsWith('.beads') ? dirname(found) : found;
  placeOfBoard(join(path, '.beads'));
  const where = { ...place, directory: path };
  const isThere = run !== undefined || programPath('bd', where) !== undefined;
  return isThere ? new BeadsBoard(path, run ?? programOf('bd', where, HINT)) : new BeadsFile(path);
}

class BeadsBoard implements Board {
  readonly kind = 'beads';
  readonly name: string;
  readonly #run: RunProgram;

  constructor(path: string, run: RunProgram) {
    this.name = `beads:${path}`;
    this.#run = run;
  }

  async scan(): Promise<BoardScan> {
    const beads = await this.#beads(
      ['list', '--all', '--limit', '0', '--json'],
      ['list', '--json'],
    );
    const ready = await this.#beads(['ready', '--limit', '0', '--json'], ['ready', '--json']);
    const isReady = new Set(ready.map(({ id }) => id));
    return scanOf(beads, [], ({ id }) => isReady.has(id));
  }

  async find(wanted: string): Promise<BoardItem> {
    return pickItem((await this.scan()).items, wanted);
  }

  async move(wanted: string, to: string, wish?: MoveWish): Promise<BoardMove> {
    const { items, columns } = await this.scan();
    const column = columnNamed(columns, to);
    const item = pickItem(items, wanted);
    const settled = settledMove(item, column, wish);
    if (settled !== undefined) return settled;
    wish?.intend?.(item, column);
    // What begins with a hyphen is an id all the same.
    await this.#told(['update', '--status', column, '--json', '--', item.id]);
    const [now] = await this.#beads(['show', '--json', '--', item.id]);
    const moved = now === undefined ? item : beadItem(now, new Map(), undefined);
    const { status, revision } = moved;
    if (moved.column !== column) {
      const hint = 'look at it: bd show';
      throw new Failure('failed', `bd left ${item.id} in ${moved.column}`, { hint });
    }
    return { outcome: 'moved', item: { ...item, column, status, revision }, from: item.column };
  }

  /** Older versions know fewer flags. */
  async #beads(args: readonly string[], plainly?: readonly string[]): Promise<Bead[]> {
    const told = await this.#told(args, plainly);
    const list = Array.isArray(told) ? told : told === null ? [] : [told];
    return list.flatMap(each => readBead(each) ?? []);
  }

  async #told(args: readonly string[], plainly?: readonly string[]): Promise<unknown> {
    const { code, stdout, stderr } = await this.#run(args);
    const isOld = /unknown (?:shorthand )?flag/i.test(stderr);
    if (code !== 0 && isOld && plainly !== undefined) return this.#told(plainly);
    if (code !== 0) {
      const what = cleanLine(stderr || stdout) || `it ended with ${code}`;
      throw new Failure('failed', `bd ${args[0]}: ${what}`, { hint: `try it: bd ${args[0]}` });
    }
    try {
      return JSON.parse(stdout.trim() === '' ? 'null' : stdout);
    } catch {
      throw new Failure('failed', `bd ${args[0]} answered what is no JSON: ${cleanLine(stdout)}`);
    }
  }
}

/** The issues as they were last written out. */
class BeadsFile implements Board {
  readonly kind = 'beads';
  readonly name: string;
  readonly #path: string;

  constructor(path: string) {
    this.name = `beads:${path}`;
    this.#path = path;
  }

  async scan(): Promise<BoardScan> {
    const dir = join(this.#path, '.beads');
    const names = readdirSync(dir).filter(each => each.endsWith('.jsonl'));
    const name = ['issues.jsonl', 'beads.jsonl'].find(each => names.includes(each)) ?? names[0];
    if (name === undefined) {
      throw new Failure('failed', `${dir} has no .jsonl to read`, { hint: HINT });
    }
    const { text } = readBoardFile(join(dir, name));
    const beads: Bead[] = [];
    const damaged: number[] = [];
    for (const [n, line] of text.split('\n').entries()) {
      if (line.trim() === '') continue;
      const value = parsed(line);
      const bead = readBead(value);
      if (bead !== undefined) beads.push(bead);
      else if (value === undefined) damaged.push(n + 1);
    }
    const lines = damaged.slice(0, limits.board_named_items).join(', ');
    const more = damaged.length > limits.board_named_items ? ', …' : '';
    return scanOf(beads, [
      'bd is not installed: this is what it last wrote out, and nothing can be moved',
      ...(damaged.length > 0 ? [`${name}: no JSON on line ${lines}${more}`] : []),
    ]);
  }

  async find(wanted: string): Promise<BoardItem> {
    return pickItem((await this.scan()).items, wanted);
  }

  async move(): Promise<never> {
    throw new Failure('failed', 'the board cannot be moved without its program', { hint: HINT });
  }
}

function scanOf(
  beads: readonly Bead[],
  notes: readonly string[],
  isReady?: (bead: Bead) => boolean,
): BoardScan {
  const all = new Map(beads.map(bead => [bead.id, bead]));
  const own = beads.map(({ status }) => cleanLine(status));
  const few = [...all.values()].slice(0, limits.board_items);
  const left = all.size - few.length;
  return {
    items: few.map(bead => beadItem(bead, all, isReady?.(bead))),
    columns: [...new Set([...beadStatuses, ...own])],
    notes: left > 0 ? [...notes, `${left} more items are left out`] : notes,
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
