// The syntax tree of a JSON file with comments, and where in the file it is broken.
import {
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';

export type JsonNode = Node;
/** Where a value stands: the keys and indexes that lead to it. */
export type JsonPath = readonly (string | number)[];

/** A settings file that nobody should edit as it is; line and column count from 1. */
export class BrokenFile extends Error {
  readonly line: number;
  readonly column: number;

  constructor(what: string, line: number, column: number) {
    super(`${what} at line ${line}, column ${column}`);
    this.line = line;
    this.column = column;
  }
}

/** A file as it is edited: what stands before the text proper is kept apart. */
export interface JsonDoc {
  bom: string;
  text: string;
  /** Undefined for a file of white space. */
  root: JsonNode | undefined;
}

/** The tree of a file. Throws BrokenFile for what is no JSON, comments and last commas aside. */
export function readJson(file: string): JsonDoc {
  const bom = file.startsWith('\ufeff') ? '\ufeff' : '';
  const text = file.slice(bom.length);
  if (text.trim() === '') return { bom, text, root: undefined };
  const errors: ParseError[] = [];
  const root = parsed(text, errors);
  const first = errors[0];
  if (first !== undefined) throw brokenAt(text, first.offset, wordsOf(first));
  return { bom, text, root };
}

function parsed(text: string, errors: ParseError[]): JsonNode | undefined {
  try {
    return parseTree(text, errors, { allowTrailingComma: true });
  } catch (error) {
    if (error instanceof RangeError) throw brokenAt(text, 0, 'it is nested too deeply');
    throw error;
  }
}

function wordsOf({ error }: ParseError): string {
  const name = printParseErrorCode(error);
  return name.replace(/[A-Z]/g, (letter, at) => `${at === 0 ? '' : ' '}${letter.toLowerCase()}`);
}

/** The same error for a place of the text. */
export function brokenAt(text: string, offset: number, what: string): BrokenFile {
  const before = text.slice(0, offset).split(/\r\n|\n|\r/);
  return new BrokenFile(what, before.length, (before.at(-1)?.length ?? 0) + 1);
}

/** The value below a node. Throws BrokenFile where a key stands twice: which one counts differs. */
export function childOf(text: string, node: JsonNode, key: string | number): JsonNode | undefined {
  if (typeof key === 'number') return node.type === 'array' ? node.children?.[key] : undefined;
  const named = membersOf(node).filter(each => each.children?.[0]?.value === key);
  if (named.length > 1) throw brokenAt(text, named[1]?.offset ?? 0, `"${key}" stands twice`);
  return named[0]?.children?.[1];
}

/** The value at a path. */
export function nodeAt({ text, root }: JsonDoc, path: JsonPath): JsonNode | undefined {
  let node = root;
  for (const key of path) node = node && childOf(text, node, key);
  return node;
}

/** What a node says, as plain JSON. */
export function jsonOf(node: JsonNode): unknown {
  return JSON.parse(JSON.stringify(getNodeValue(node)));
}

function membersOf(node: JsonNode): readonly JsonNode[] {
  return node.type === 'object' ? (node.children ?? []) : [];
}
