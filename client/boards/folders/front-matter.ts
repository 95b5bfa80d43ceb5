// The YAML head of a task file: a few keys read, and one changed with every other byte as it was.

/** The values of a key, and where it stands. */
interface Entry {
  key: string;
  values: string[];
  /** Its lines, from the first to behind the last. */
  from: number;
  until: number;
}

export interface FrontMatter {
  /** Lines with their ends; joined they are the text. */
  lines: string[];
  entries: Map<string, Entry>;
  /** The line of the closing mark. */
  end: number;
}

/** The head of a text; undefined where it has none. */
export function readFrontMatter(text: string): FrontMatter | undefined {
  const lines = text.split(/(?<=\n)/);
  if (!/^\ufeff?---\s*$/.test(lines[0] ?? '')) return undefined;
  const end = lines.findIndex((line, n) => n > 0 && /^(?:---|\.\.\.)\s*$/.test(line));
  if (end < 0) return undefined;
  const entries = new Map<string, Entry>();
  let last: Entry | undefined;
  for (let n = 1; n < end; n++) {
    const line = (lines[n] ?? '').replace(/\r?\n$/, '');
    const [, key, value = ''] = /^([A-Za-z_][\w-]*)\s*:(?:\s+(.*))?$/.exec(line) ?? [];
    if (key !== undefined) {
      last = { key: key.toLowerCase(), values: valuesOf(value), from: n, until: n + 1 };
      // Of two of one key the first is meant, as nobody knows.
      if (!entries.has(last.key)) entries.set(last.key, last);
    } else if (last !== undefined && /^(?:\s+|-\s)/.test(line)) {
      const [, item] = /^\s*-\s+(.*)$/.exec(line) ?? [];
      if (item === undefined) continue;
      last.values.push(scalar(item));
      last.until = n + 1;
    }
  }
  return { lines, entries, end };
}

/** The text with another value for a key, on one line; a new key is put at the end. */
export function withValue(
  { lines, entries, end }: FrontMatter,
  key: string,
  value: string,
): string {
  const entry = entries.get(key);
  const near = lines[entry?.from ?? end] ?? '';
  const newline = near.endsWith('\r\n') ? '\r\n' : '\n';
  const written = /^[\p{L}][\p{L}\p{N} _-]*$/u.test(value)
    ? value
    : `'${value.replaceAll("'", "''")}'`;
  if (entry === undefined) {
    return [...lines.slice(0, end), `${key}: ${written}${newline}`, ...lines.slice(end)].join('');
  }
  const [, before = `${key}: `, rest = ''] = /^([^:]*:\s*)(.*?)\s*$/s.exec(near) ?? [];
  const [, quote = ''] = /^(['"])/.exec(rest) ?? [];
  const [, comment = ''] = quote === '' ? (/(\s+#.*)$/.exec(rest) ?? []) : [];
  const same =
    quote === '"'
      ? JSON.stringify(value)
      : quote === "'"
        ? `'${value.replaceAll("'", "''")}'`
        : written;
  const spaced = /\s$/.test(before) ? before : `${before} `;
  const changed = `${spaced}${same}${comment}${newline}`;
  return [...lines.slice(0, entry.from), changed, ...lines.slice(entry.until)].join('');
}

function valuesOf(written: string): string[] {
  const text = written.trim();
  if (text === '' || text.startsWith('#')) return [];
  const [, list] = /^\[(.*)\]\s*(?:#.*)?$/.exec(text) ?? [];
  if (list === undefined) return [scalar(text)];
  const items = list.match(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,]+/g) ?? [];
  return items.map(scalar).filter(each => each !== '');
}

function scalar(written: string): string {
  const text = written.trim();
  if (/^".*"$/.test(text)) {
    try {
      return String(JSON.parse(text));
    } catch {
      return text.slice(1, -1);
    }
  }
  if (/^'.*'$/.test(text)) return text.slice(1, -1).replaceAll("''", "'");
  return text.replace(/\s+#.*$/, '');
}
