// A selection of a view (projection and predicate): which rows of it, and which of their columns.
import { compact } from '../../../schemas/codec.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import { columnsOf, type LiveView, type ViewColumn, type Where } from '../../../schemas/view.js';
import type { Rights } from '../rows/rights.js';
import type { Author } from '../words.js';
import { type Sight, type Vantage, views } from './views.js';

type Cell = string | number | boolean;
export type Row = Readonly<Record<string, unknown>>;

interface Asked {
  view: LiveView;
  where?: Where | undefined;
  fields?: readonly string[] | undefined;
}

interface Seen {
  whole: Row;
  /** With the wanted columns alone. */
  told: Row;
}

/** Whose rights decide what is told. */
export interface Beholder {
  author: Author;
  held: Rights;
}

/** What of a view is wanted by one who may have it. Equal selections tell equal rows. */
export class Selection {
  readonly view: LiveView;
  readonly #where: readonly (readonly [string, ReadonlySet<Cell>])[];
  readonly #fields: readonly string[] | undefined;
  readonly beholder: Beholder;
  /** The same text for selections that tell the same, whoever looks. */
  readonly key: string;
  /** The same text for those that tell a row alike, if they do: they may narrow it otherwise. */
  readonly kind: string;
  /** Whose queues of reviews it looks at; undefined: everybody's. */
  readonly queues: readonly string[] | undefined;

  private constructor(asked: Asked, beholder: Beholder) {
    const { view, where = {}, fields } = asked;
    this.view = view;
    this.beholder = beholder;
    this.#fields = fields && [...new Set(fields)].sort();
    const cells = Object.entries(where).map(
      ([name, value]) => [name, new Set([value].flat())] as const,
    );
    this.#where = cells.sort(([a], [b]) => (a < b ? -1 : 1));
    if (view === 'reviews') this.queues = this.#only('peer') ?? own(beholder.author);
    this.kind = this.#kindOf();
    this.key = this.#keyOf();
  }

  /**
   * Refuses with `invalid` a column that the view does not have or that cannot be compared with
   * what is given, and with `forbidden` what the verbs of the beholder do not allow.
   */
  static of(asked: Asked, beholder: Beholder): Selection | Refusal {
    const { view, where = {}, fields = [] } = asked;
    const columns = columnsOf(view);
    for (const name of [...Object.keys(where), ...fields]) {
      if (!columns.has(name)) return unknownColumn(view, name, columns);
    }
    for (const [name, value] of Object.entries(where)) {
      const objection = cellObjection(name, columns.get(name)!, [value].flat());
      if (objection !== undefined) return objection;
    }
    if (view === 'tokens' && !beholder.held.verbs.includes('operate')) {
      return refuse(
        'forbidden',
        'The view of tokens needs the verb "operate", as token.list does.',
      );
    }
    return new Selection(asked, beholder);
  }

  #keyOf(): string {
    const where = this.#where.map(([name, cells]) => [name, [...cells].map(textOf).sort()]);
    return JSON.stringify([this.kind, where]);
  }

  #kindOf(): string {
    const { author, held } = this.beholder;
    const isAll = held.circles.includes('*');
    // Who sees all sees it alike, but for what is about the one who looks.
    const isOwn = !isAll || this.view === 'counts';
    const scope = isAll ? '*' : [...held.circles].sort();
    const peer = isOwn ? author.peer : undefined;
    return JSON.stringify([this.view, this.#fields, scope, peer, this.queues]);
  }

  /** Every row of it at that sight. */
  *rows(sight: Sight): Iterable<[string, Row]> {
    const looking = this.#looking(sight);
    for (const key of views[this.view].keys(looking, this.queues)) {
      const row = this.#tell(looking, key);
      if (row !== undefined) yield [key, row];
    }
  }

  /** The row under a key; undefined when it is not there, or not in this selection. */
  row(sight: Sight, key: string): Row | undefined {
    return this.#tell(this.#looking(sight), key, sight.told(this.kind));
  }

  #looking(sight: Sight): Vantage {
    return { ...this.beholder, table: sight.table, sight };
  }

  #tell(looking: Vantage, key: string, known?: Map<string, Seen | null>): Row | undefined {
    const { raw } = views[this.view];
    if (raw !== undefined && !this.#mayFit(raw(looking.table, key))) return undefined;
    const seen = known?.get(key) ?? this.#see(looking, key);
    known?.set(key, seen);
    if (seen === null) return undefined;
    for (const [name, cells] of this.#where) {
      if (!cells.has(seen.whole[name] as Cell)) return undefined;
    }
    return seen.told;
  }

  /** What all of its kind are told of a row that fits; null when they may not see it. */
  #see(looking: Vantage, key: string): Seen | null {
    const row = views[this.view].row(looking, key);
    if (row === undefined) return null;
    const whole = compact(row as Record<string, unknown>);
    return { whole, told: this.#fields === undefined ? whole : pick(whole, this.#fields) };
  }

  /** False when the row cannot fit, before it is made ready to be told. */
  #mayFit(raw: object | undefined): boolean {
    if (raw === undefined) return false;
    for (const [name, cells] of this.#where) {
      const value = (raw as Row)[name];
      if (value !== undefined && !cells.has(value as Cell)) return false;
    }
    return true;
  }

  #only(name: string): readonly string[] | undefined {
    const found = this.#where.find(([column]) => column === name);
    return found && [...found[1]].map(String).sort();
  }
}

/**
 * Every row of a view that somebody may see, as they are at a sight; refuses as `Selection.of`
 * does.
 */
export function viewRows(
  sight: Sight,
  asked: Asked,
  beholder: Beholder,
): Iterable<[string, Row]> | Refusal {
  const selection = Selection.of(asked, beholder);
  return isRefusal(selection) ? selection : selection.rows(sight);
}

function own({ peer }: Author): readonly string[] | undefined {
  return peer === undefined ? undefined : [peer];
}

function pick(row: Row, fields: readonly string[]): Row {
  const picked: Record<string, unknown> = {};
  for (const name of fields) if (row[name] !== undefined) picked[name] = row[name];
  return picked;
}

function textOf(cell: Cell): string {
  return `${typeof cell}:${cell}`;
}

function unknownColumn(
  view: LiveView,
  name: string,
  columns: ReadonlyMap<string, ViewColumn>,
): Refusal {
  const known = [...columns.keys()].join(', ');
  return refuse('invalid', `The view "${view}" has no column "${name}"; it has ${known}.`);
}

function cellObjection(
  name: string,
  { is, words }: ViewColumn,
  cells: readonly Cell[],
): Refusal | undefined {
  if (is === 'object') {
    return refuse('invalid', `The column "${name}" cannot be compared; narrow by another.`);
  }
  for (const cell of cells) {
    if (typeof cell !== is) {
      return refuse('invalid', `The column "${name}" is a ${is}; compare it with one.`);
    }
    if (words !== undefined && !words.includes(String(cell))) {
      return refuse('invalid', `The column "${name}" is one of ${words.join(', ')}.`);
    }
  }
  return undefined;
}
