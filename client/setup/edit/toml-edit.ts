// Edits of TOML: tables of our own below a marked line, at the end of a file that stays as it is.
import { isDeepStrictEqual } from 'node:util';
import { parse, TomlError } from 'smol-toml';
import { BrokenFile } from './json-tree.js';

/** A table of ours: the keys that lead to it, and its values. */
export interface TomlTable {
  path: readonly string[];
  values: Readonly<Record<string, TomlValue>>;
}
export type TomlValue = string | number | boolean | readonly string[];
type Tree = Record<string, unknown>;

/** The line above each table of ours. There is none below: other programs add tables there. */
export const TOML_MARK = '# signalbox: this table is kept by `signalbox setup`';

/** What a file says. Throws BrokenFile for what is no TOML. */
export function readToml(file: string): Tree {
  try {
    return parse(file.replace(/^\ufeff/, ''));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [what = ''] = error.message.replace('Invalid TOML document: ', '').split('\n');
    throw new BrokenFile(what, error.line, error.column);
  }
}

/** The value at a path of what a file says. */
export function tomlAt(tree: Tree, path: readonly string[]): unknown {
  let value: unknown = tree;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Tree)[key];
  }
  return value;
}

/**
 * The file with these tables below marked lines, and no other such tables; undefined stands for
 * no file, and comes back when nothing is left of one that was made here. Throws BrokenFile for
 * a file that is no TOML, has such a table without the mark, or marks where no table begins.
 */
export function putTables(
  file: string | undefined,
  tables: readonly TomlTable[],
): string | undefined {
  const bare = file === undefined ? undefined : withoutTables(file);
  if (tables.length === 0) return bare;
  const before = readToml(bare ?? '');
  for (const { path } of tables) demandFree(bare ?? '', before, path);
  const made = bare === undefined ? blocks(tables, '\n') : appended(bare, tables);
  demandOnly(
    made,
    before,
    tables.map(({ path }) => path),
  );
  return made;
}

/** A file whose last line had no end gets none; one that was empty begins with an empty line. */
function appended(bare: string, tables: readonly TomlTable[]): string {
  const eol = bare.match(/\r?\n/)?.[0] ?? '\n';
  const block = blocks(tables, eol);
  const isEnded = bare.endsWith('\n') || bare === '';
  return isEnded ? bare + eol + block : bare + eol + eol + block.slice(0, -eol.length);
}

function blocks(tables: readonly TomlTable[], eol: string): string {
  const lines = ({ path, values }: TomlTable) => [
    TOML_MARK,
    `[${path.map(keyText).join('.')}]`,
    ...Object.entries(values).map(([key, value]) => `${keyText(key)} = ${valueText(value)}`),
  ];
  return tables
    .map(table =>
      lines(table)
        .map(line => line + eol)
        .join(''),
    )
    .join(eol);
}

/** A marked line with its table, and the empty line before it. */
const BLOCK = new RegExp(
  [
    '(^|\\r?\\n)(?:\\r?\\n)?',
    TOML_MARK,
    '\\r?\\n(\\[[^\\n]*\\])',
    '(?:\\r?\\n(?:[ \\t]*#[^\\n]*\\r?\\n)*[ \\t]*[\\w"\'][^\\n]*=[^\\n]*)*',
    '(\\r?\\n|$)',
  ].join(''),
);

/** The tables below marked lines, and what they say. Throws BrokenFile, as `putTables` does. */
export function markedTables(file: string): TomlTable[] {
  const said = readToml(file);
  const paths: string[][] = [];
  withoutTables(file, paths);
  return paths.map(path => ({ path, values: tomlAt(said, path) as TomlTable['values'] }));
}

function withoutTables(file: string, paths: string[][] = []): string | undefined {
  let text = file;
  for (let found = text.match(BLOCK); found !== null; found = text.match(BLOCK)) {
    const [block, before = '', header = '', end = ''] = found;
    const at = found.index ?? 0;
    const rest = text.slice(at + block.length);
    // What ended the line before ends it still, unless neither had ended.
    text = text.slice(0, at) + (end === '' && rest === '' ? '' : before) + rest;
    paths.push(pathOf(header));
  }
  demandOnly(file, readToml(text), paths);
  return text === '' && file.startsWith(TOML_MARK) ? undefined : text;
}

function pathOf(header: string): string[] {
  const path: string[] = [];
  let tree = readToml(header);
  for (let [key] = Object.keys(tree); key !== undefined; [key] = Object.keys(tree)) {
    path.push(key);
    tree = tree[key] as Tree;
  }
  return path;
}

function demandFree(bare: string, tree: Tree, path: readonly string[]): void {
  if (tomlAt(tree, path) === undefined) return;
  const line = bare.split('\n').findIndex(each => each.includes(path.at(-1) as string)) + 1;
  throw new BrokenFile(`${path.join('.')} is there already, and not by setup`, line, 1);
}

/** A mark may stand within a text, a table within another: then more than ours would change. */
function demandOnly(file: string, without: Tree, paths: readonly (readonly string[])[]): void {
  const tree = readToml(file);
  for (const path of paths) dropAt(tree, path, without);
  if (isDeepStrictEqual(plain(tree), plain(without))) return;
  const line = file.split('\n').findIndex(each => each.startsWith(TOML_MARK)) + 1;
  throw new BrokenFile('a table of setup is mixed with others', line, 1);
}

/** Takes a table out of what a file says, and what is empty then and was not there before. */
function dropAt(tree: Tree, path: readonly string[], before: Tree): void {
  for (let length = path.length; length > 0; length -= 1) {
    const box = tomlAt(tree, path.slice(0, length - 1)) as Tree;
    const key = path[length - 1] as string;
    const isOurs = length === path.length || tomlAt(before, path.slice(0, length)) === undefined;
    const value = box?.[key] as Tree | undefined;
    if (value === undefined) return;
    if (!isOurs || (length < path.length && Object.keys(value).length > 0)) return;
    delete box[key];
  }
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value, bigger));
}

function bigger(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

function keyText(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}

function valueText(value: TomlValue): string {
  return Array.isArray(value)
    ? `[${value.map(item => JSON.stringify(item)).join(', ')}]`
    : JSON.stringify(value);
}
