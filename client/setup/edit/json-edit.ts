// Edits of JSON with comments that keep every other byte, so that a removal is an exact inverse.
//
// Nothing in the file says which braces were made here; their layout does. Braces made by an edit
// have their first entry on a line of its own; into braces that were there, and empty, it is put
// right behind the opening one. So an edit taken back leaves `{}` where that had been written.
import { createScanner, type SyntaxKind } from 'jsonc-parser';
import {
  brokenAt,
  childOf,
  type JsonDoc,
  type JsonNode,
  type JsonPath,
  nodeAt,
  readJson,
} from './json-tree.js';

// The package's enumeration is a const one, which a module compiled by itself cannot read.
const COMMA: SyntaxKind = 5;
const LINE_COMMENT: SyntaxKind = 12;
const BLOCK_COMMENT: SyntaxKind = 13;
const BLANK: SyntaxKind = 15;
const END: SyntaxKind = 17;

interface Cut {
  from: number;
  to: number;
  put: string;
}

/**
 * The file with a value at a path: in place of the one that is there, or as the last member,
 * with what leads to it. Undefined stands for no file. Throws BrokenFile, also for a path that
 * leads through something else than objects.
 */
export function putMember(
  file: string | undefined,
  path: readonly string[],
  value: unknown,
): string {
  if (file === undefined) return `${rendered(nested(path, value), '', '  ', '\n')}\n`;
  const doc = readJson(file);
  const { bom, text, root } = doc;
  const { unit, eol } = styleOf(text);
  if (root === undefined) {
    const whole = rendered(nested(path, value), '', unit, eol);
    // One space behind the brace: here was a file, and nothing in it.
    return `${bom}${text}{ ${whole.slice(1 + eol.length + unit.length)}`;
  }
  let node = root;
  for (const [depth, key] of path.entries()) {
    demandKind(text, node, 'object', path.slice(0, depth));
    const child = childOf(text, node, key);
    if (child === undefined) {
      const rest = nested(path.slice(depth + 1), value);
      return inserted(
        doc,
        node,
        indent => `${JSON.stringify(key)}: ${rendered(rest, indent, unit, eol)}`,
      );
    }
    node = child;
  }
  return replaced(doc, node, value);
}

/** The file with one more item at the end of the array at a path, which is made if need be. */
export function addItem(file: string | undefined, path: readonly string[], value: unknown): string {
  if (file === undefined) return putMember(file, path, [value]);
  const doc = readJson(file);
  let node = doc.root;
  for (const [depth, key] of path.entries()) {
    if (node === undefined) break;
    demandKind(doc.text, node, 'object', path.slice(0, depth));
    node = childOf(doc.text, node, key);
  }
  if (node === undefined) return putMember(file, path, [value]);
  demandKind(doc.text, node, 'array', path);
  const { unit, eol } = styleOf(doc.text);
  return inserted(doc, node, indent => rendered(value, indent, unit, eol));
}

/** The file with another value at a path that leads somewhere. */
export function replaceAt(file: string, path: JsonPath, value: unknown): string {
  const doc = readJson(file);
  const node = nodeAt(doc, path);
  return node === undefined ? file : replaced(doc, node, value);
}

/**
 * The file without what stands at a path, nor the braces that were made for it; undefined when
 * the whole file was. Several are to be removed from the last to the first.
 */
export function removeAt(file: string, path: JsonPath): string | undefined {
  const doc = readJson(file);
  const found = path.length > 0 && doc.root ? entryAt(doc, path) : undefined;
  return found === undefined ? file : removed(doc, found);
}

function removed(doc: JsonDoc, entry: JsonNode): string | undefined {
  const { bom, text, root } = doc;
  const box = entry.parent as JsonNode;
  const rest = cutOut(text, box, entry);
  const inner = applied(text.slice(0, endOf(box) - 1), rest).slice(box.offset + 1);
  const isAlone = box.children?.length === 1 && inner.trim() === '';
  if (isAlone && box === root && /^ \S/.test(text.slice(box.offset + 1))) {
    return bom + text.slice(0, box.offset) + text.slice(endOf(box));
  }
  if (!isAlone || !isMade(text, box)) return bom + applied(text, rest);
  if (box === root) return undefined;
  // The braces of a member's value go with its name.
  return removed(doc, box.parent?.type === 'property' ? box.parent : box);
}

function entryAt(doc: JsonDoc, path: JsonPath): JsonNode | undefined {
  let node = doc.root;
  for (const key of path) node = node && childOf(doc.text, node, key);
  return node?.parent?.type === 'property' ? node.parent : node;
}

/** Whether these braces came with their first entry. */
function isMade(text: string, box: JsonNode): boolean {
  return /^\r?\n/.test(text.slice(box.offset + 1, box.offset + 3));
}

function cutOut(text: string, box: JsonNode, entry: JsonNode): Cut[] {
  const siblings = box.children ?? [];
  const before = siblings[siblings.indexOf(entry) - 1];
  const line = text.slice(box.offset + 1, entry.offset).match(/(?:\r?\n)?[ \t]*$/)?.[0] ?? '';
  const entryCut = { from: entry.offset - line.length, to: endOf(entry), put: '' };
  const after = commaAfter(text, endOf(entry), endOf(box) - 1);
  if (after !== undefined) return [entryCut, { from: after, to: after + 1, put: '' }];
  if (before === undefined) return [entryCut];
  const comma = commaAfter(text, endOf(before), entry.offset);
  return comma === undefined ? [entryCut] : [{ from: comma, to: comma + 1, put: '' }, entryCut];
}

function inserted(
  { bom, text }: JsonDoc,
  box: JsonNode,
  piece: (indent: string) => string,
): string {
  const { eol } = styleOf(text);
  const indent = indentIn(text, box);
  const last = box.children?.at(-1);
  if (last === undefined) {
    return bom + applied(text, [{ from: box.offset + 1, to: box.offset + 1, put: piece(indent) }]);
  }
  const comma = commaAfter(text, endOf(last), endOf(box) - 1);
  const place = pastComments(text, comma === undefined ? endOf(last) : comma + 1);
  const put = `${eol}${indent}${piece(indent)}`;
  if (comma !== undefined) return bom + applied(text, [{ from: place, to: place, put: `${put},` }]);
  const pair = { from: endOf(last), to: endOf(last), put: ',' };
  return bom + applied(text, [pair, { from: place, to: place, put }]);
}

function replaced({ bom, text }: JsonDoc, node: JsonNode, value: unknown): string {
  const { unit, eol } = styleOf(text);
  const put = rendered(value, indentOfLine(text, node.offset), unit, eol);
  return bom + applied(text, [{ from: node.offset, to: endOf(node), put }]);
}

function applied(text: string, cuts: readonly Cut[]): string {
  let made = text;
  for (const { from, to, put } of [...cuts].reverse())
    made = made.slice(0, from) + put + made.slice(to);
  return made;
}

function commaAfter(text: string, from: number, to: number): number | undefined {
  const scanner = createScanner(text.slice(from, to), true);
  const isFound = scanner.scan() === COMMA;
  return isFound ? from + scanner.getTokenOffset() : undefined;
}

/** Past the comments that follow on the same line: they speak of what stands before them. */
function pastComments(text: string, from: number): number {
  const scanner = createScanner(text.slice(from), false);
  let place = from;
  for (let kind = scanner.scan(); kind !== END; kind = scanner.scan()) {
    const isLine = !/[\r\n]/.test(scanner.getTokenValue());
    if (!isLine || ![LINE_COMMENT, BLOCK_COMMENT, BLANK].includes(kind)) break;
    if (kind !== BLANK) place = from + scanner.getTokenOffset() + scanner.getTokenLength();
  }
  return place;
}

function demandKind(text: string, node: JsonNode, kind: 'object' | 'array', path: JsonPath): void {
  if (node.type === kind) return;
  const what = path.length === 0 ? 'the file' : `"${path.join('.')}"`;
  throw brokenAt(text, node.offset, `${what} is no ${kind}`);
}

function endOf({ offset, length }: JsonNode): number {
  return offset + length;
}

function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
}

function rendered(value: unknown, indent: string, unit: string, eol: string): string {
  return JSON.stringify(value, null, unit).split('\n').join(`${eol}${indent}`);
}

/** As the file has it: what a level is indented by, and what ends a line. */
function styleOf(text: string): { unit: string; eol: string } {
  const eol = text.match(/\r?\n/)?.[0] ?? '\n';
  return { unit: text.match(/[{[,]\r?\n([ \t]{1,8})["{[]/)?.[1] ?? '  ', eol };
}

function indentIn(text: string, box: JsonNode): string {
  const first = box.children?.[0];
  const own = first && text.slice(0, first.offset).match(/\n([ \t]*)$/)?.[1];
  return own ?? indentOfLine(text, box.offset) + styleOf(text).unit;
}

function indentOfLine(text: string, offset: number): string {
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset).match(/^[ \t]*/)?.[0] ?? '';
}
