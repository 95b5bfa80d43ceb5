// The look of the play: scenes, events in columns, boards, tables and quotes as lines of text.

import type { BoardItem } from '../boards/board.js';
import type { Tone } from '../telling/telling.js';
import { safeText } from '../terminal/safe.js';
import { tableLines } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import type { PageLine } from './words.js';

type Paint = Terminal['paint'];
type Brush = (text: string) => string;

const WIDEST = 96;
const USUAL = 80;
/** Columns of the time and of who; what was done stands behind them. */
const WHEN = 10;
const WHO = 16;
const INDENT = '  ';

export interface DemoPage {
  title(name: string, line: string): string[];
  scene(number: number, title: string, line: string): string[];
  /** `seconds` since the play began; absent for what is no event. */
  telling(line: PageLine, seconds?: number): string[];
  board(items: readonly BoardItem[]): string[];
  table(head: readonly string[], rows: readonly string[][]): string[];
  quote(text: string): string[];
  note(text: string): string[];
  commands(lines: readonly (readonly [command: string, what: string])[]): string[];
}

/** A page for a terminal of that width; `nameOf` says what a peer is called by now. */
export function createPage(
  { paint, width: available }: Pick<Terminal, 'paint' | 'width'>,
  nameOf: (id: string) => string,
): DemoPage {
  const width = Number.isFinite(available) ? Math.min(available, WIDEST) : USUAL;
  const person = brushes(paint, nameOf);
  return {
    title: (name, line) => ['', `${INDENT}${paint.bold(name)}`, ...indented(line, width), ''],
    scene: (number, title, line) => {
      const head = `${number}  ${title} `;
      const rule = '─'.repeat(Math.max(0, width - head.length - INDENT.length));
      const intro = indented(line, width).map(paint.dim);
      return ['', `${INDENT}${paint.bold(head)}${paint.dim(rule)}`, ...intro];
    },
    telling: (line, seconds) => {
      const when = seconds === undefined ? '' : `${seconds.toFixed(2)} s`;
      const left = paint.dim(when.padStart(WHEN - 2)) + INDENT + who(line, nameOf, person, paint);
      const tone = toneOf(paint, line.tone);
      const [first = '', ...more] = wrapped(safeText(line.text), width - WHEN - WHO).map(tone);
      return [left + first, ...more.map(line => ' '.repeat(WHEN + WHO) + line)];
    },
    board: items => ['', ...items.map(item => boardLine(item, paint, person)), ''],
    table: (head, rows) => {
      const [first = '', ...others] = tableLines(head, rows.slice(), width - WHEN);
      const lines = [paint.dim(first), ...others];
      return ['', ...lines.map(line => ' '.repeat(WHEN) + line), ''];
    },
    quote: text =>
      safeText(text)
        .split('\n')
        .flatMap(line => hanging(line, width - WHEN - 2))
        .map(line => `${' '.repeat(WHEN)}${paint.dim('│')} ${line}`),
    note: text => ['', ...indented(text, width)],
    // Each alone on its line, and never cut: it is there to be pasted.
    commands: lines => [
      '',
      ...lines.flatMap(([command, what]) => [
        ...indented(`${what}:`, width).map(line => paint.dim(line)),
        `${INDENT}${INDENT}${paint.bold(command)}`,
      ]),
      '',
    ],
  };
}

/** Each of the company keeps a colour. */
function brushes(paint: Paint, nameOf: (id: string) => string): (id: string) => Brush {
  const colours = [paint.green, paint.cyan, paint.magenta, paint.yellow];
  const given = new Map<string, Brush>();
  return id => {
    const name = nameOf(id);
    if (name === id) return given.get(id) ?? (text => text);
    const brush = given.get(name) ?? colours[given.size % colours.length] ?? paint.bold;
    given.set(name, brush);
    return brush;
  };
}

function who(
  { by, to }: PageLine,
  nameOf: (id: string) => string,
  person: (id: string) => Brush,
  paint: Paint,
): string {
  const from = by === undefined ? 'broker' : nameOf(by);
  const shown = by === undefined ? paint.bold(from) : person(by)(from);
  const gap = (chars: number) => ' '.repeat(Math.max(1, WHO - chars));
  if (to === undefined) return shown + gap(from.length);
  const other = nameOf(to);
  return `${shown} ${paint.dim('→')} ${person(to)(other)}${gap(from.length + other.length + 3)}`;
}

function toneOf(paint: Paint, tone: Tone = 'plain'): Brush {
  switch (tone) {
    case 'plain':
      return text => text;
    case 'good':
      return paint.green;
    case 'bad':
      return paint.red;
    case 'dim':
      return paint.dim;
  }
}

function boardLine(
  { status, title, owners }: BoardItem,
  paint: Paint,
  person: (id: string) => Brush,
) {
  const [mark, brush] = markOf(status, paint);
  const whose = owners.map(owner => person(owner)(`@${owner}`)).join(' ');
  return `${' '.repeat(WHEN)}${brush(`- [${mark}] ${title}`)} ${whose}`;
}

function markOf(status: BoardItem['status'], paint: Paint): [string, Brush] {
  if (status === 'done') return ['x', paint.green];
  return status === 'in_progress' ? ['~', paint.yellow] : [' ', toneOf(paint)];
}

function indented(text: string, width: number): string[] {
  return wrapped(text, width - INDENT.length).map(line => INDENT + line);
}

/** The text in lines of at most `width` characters, broken between words where that can be. */
export function wrapped(text: string, width: number): string[] {
  const room = Math.max(10, width);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap(word => pieces(word, room))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if ([...longer].length <= room) line = longer;
    else {
      lines.push(line.trimEnd());
      line = word;
    }
  }
  return [...lines, line.trimEnd()];
}

/** As `wrapped`, each line as far in as the first. */
function hanging(text: string, width: number): string[] {
  const depth = /^ */.exec(text)?.[0] ?? '';
  return wrapped(text.trimStart(), width - depth.length).map(line => depth + line);
}

function pieces(word: string, room: number): string[] {
  const characters = [...word];
  if (characters.length <= room) return [word];
  const count = Math.ceil(characters.length / room);
  return Array.from({ length: count }, (_, n) =>
    characters.slice(n * room, (n + 1) * room).join(''),
  );
}
