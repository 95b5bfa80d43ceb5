// Config files as YAML: read strictly, with the place of what is wrong, and changed key by key.
import {
  Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from 'yaml';
import type { ConfigEntry } from './plain-lines.js';

/** What is wrong with a file, and where: line and column from 1. */
export class ConfigFault extends Error {
  readonly line: number;
  readonly column: number;

  constructor(message: string, { line, column }: { line: number; column: number }) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

// Whatever is written is text: no `no` is false, and no 1e3 is a number.
const options = {
  schema: 'failsafe',
  strict: true,
  prettyErrors: false,
  // Where silent, a second document is passed over.
  logLevel: 'error',
} as const;

/** Every key of the file with its value, a list as its items with commas. Throws a ConfigFault. */
export function entriesOf(text: string): ConfigEntry[] {
  const { root, placeOf } = parsed(text);
  return root.map(({ key, value }) => ({
    key: textOf(key, placeOf),
    value: itemsOf(value ?? key, value, placeOf),
    ...placeOf(key),
  }));
}

/** The text with a key set, or taken out: every other line is as it was. Throws a ConfigFault. */
export function withKey(text: string, key: string, value: string | undefined): string {
  const { root, doc, placeOf } = parsed(text);
  const pair = root.find(each => textOf(each.key, placeOf) === key);
  if (pair === undefined && value === undefined) return text;
  if (isMap(doc.contents) && doc.contents.flow) {
    if (value === undefined) doc.delete(key);
    else doc.set(key, value);
    return doc.toString({ lineWidth: 0 });
  }
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  if (pair === undefined) {
    const above = text === '' || text.endsWith('\n') ? text : `${text}${newline}`;
    return `${above}${key}: ${written(value ?? '')}${newline}`;
  }
  const [from = 0] = pair.key.range ?? [];
  const [start = from, end = start] = (pair.value ?? pair.key).range ?? [];
  if (value !== undefined && isScalar(pair.value) && end > start) {
    return `${text.slice(0, start)}${written(value)}${text.slice(end)}`;
  }
  const lineStart = text.lastIndexOf('\n', from) + 1;
  const [, , whole = end] = (pair.value ?? pair.key).range ?? [];
  const lineEnd = text.indexOf('\n', Math.max(end - 1, from));
  const rest = Math.max(lineEnd === -1 ? text.length : lineEnd + 1, isSeq(pair.value) ? whole : 0);
  const line = value === undefined ? '' : `${key}: ${written(value)}${newline}`;
  return `${text.slice(0, lineStart)}${line}${text.slice(rest)}`;
}

/** A value as YAML writes it, in quotes where it needs them. */
function written(value: string): string {
  return new Document(value, { schema: 'failsafe' }).toString({ lineWidth: 0 }).trimEnd();
}

type Place = { line: number; column: number };
type Entry = Pair<Node, Node | null>;

interface Parsed {
  doc: Document.Parsed;
  root: Entry[];
  placeOf(node: Node): Place;
}

function parsed(text: string): Parsed {
  const lineCounter = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const doc = parse(text, lineCounter, place);
  const [wrong] = [...doc.errors, ...doc.warnings];
  if (wrong !== undefined) throw new ConfigFault(plain(wrong.message), place(wrong.pos[0]));
  const placeOf = (node: Node) => place(node.range?.[0] ?? 0);
  const { contents } = doc;
  if (contents === null || (isScalar(contents) && contents.value === '')) {
    return { doc, root: [], placeOf };
  }
  if (isMap(contents)) {
    demandPlain(contents, placeOf);
    return { doc, root: contents.items as Entry[], placeOf };
  }
  throw new ConfigFault('a config file is a list of lines "key: value"', placeOf(contents));
}

function parse(text: string, lineCounter: LineCounter, place: (offset: number) => Place) {
  try {
    return parseDocument(text, { ...options, lineCounter });
  } catch {
    // What nests without end overflows the stack of the parser.
    throw new ConfigFault('this is no YAML that a config file needs', place(0));
  }
}

function textOf(node: Node, placeOf: Parsed['placeOf']): string {
  demandPlain(node, placeOf);
  if (isScalar(node) && typeof node.value === 'string') return node.value;
  throw new ConfigFault('a key is a word', placeOf(node));
}

function itemsOf(at: Node, node: Node | null, placeOf: Parsed['placeOf']): string {
  if (node !== null) demandPlain(node, placeOf);
  if (isScalar(node) && typeof node.value === 'string' && node.value !== '') return node.value;
  if (isSeq(node) && node.items.length > 0) {
    return node.items.map(item => textOf(item as Node, placeOf)).join(',');
  }
  const what = isScalar(node) || node === null || isSeq(node) ? 'a key needs' : 'a key takes';
  throw new ConfigFault(`${what} a value: a word, or a list of words`, placeOf(node ?? at));
}

/** What stands for something else is refused: it is how a short file becomes a long one. */
function demandPlain(node: Node, placeOf: Parsed['placeOf']): void {
  const { anchor, tag } = node as { anchor?: string; tag?: string };
  if (anchor === undefined && (tag === undefined || tag.startsWith('tag:yaml.org,2002:'))) return;
  throw new ConfigFault('anchors, aliases and tags mean nothing here', placeOf(node));
}

function plain(message: string): string {
  return message.split('\n')[0]?.replace(/[.:]$/, '') ?? message;
}
