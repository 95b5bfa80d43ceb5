// A config file read line by line, without YAML: what hooks, which have no time for it, go by.
/** A key and its value, as a line of the file says it. */
export interface ConfigEntry {
  key: string;
  value: string;
  /** From 1. */
  line: number;
  column: number;
}

/** What the lines say. */
export interface PlainLines {
  entries: ConfigEntry[];
  /** False where a line is more than this reader knows: YAML may mean something else by it. */
  isWhole: boolean;
}

const EMPTY = /^\s*(?:#.*)?$/;
/** `key: value`, a key at the start of its line, a value that needs no YAML to be understood. */
const ENTRY =
  /^([A-Za-z][\w-]*):[ \t]+(?:"([^"\\]+)"|'([^']+)'|([\w./+][\w./+@:-]*))[ \t]*(?:[ \t]#.*)?$/;

/**
 * The lines `key: value` of a file. A key at the start of a line is one of the top in any YAML
 * that is a map in block style, as whatever belongs to another is indented.
 */
export function plainLines(text: string): PlainLines {
  const entries: ConfigEntry[] = [];
  let isWhole = true;
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (EMPTY.test(line)) continue;
    const [, key = '', double, single, bare] = ENTRY.exec(line) ?? [];
    const value = double ?? single ?? bare;
    const isKnown = value !== undefined && !(bare?.endsWith(':') ?? false);
    const isTwice = entries.some(entry => entry.key === key);
    if (isKnown && !isTwice) entries.push({ key, value, line: at + 1, column: 1 });
    else isWhole = false;
  }
  return { entries, isWhole };
}
