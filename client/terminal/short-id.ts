// Short forms of ids: the end of the hex, because ids of one minute share their beginning.
const PREFIX = '(ask|msg|job|sched|peer|token|webhook|dead|lease)';
const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const FULL = new RegExp(`^${PREFIX}_${UUID}(\\.\\d{1,4})?$`);
const SHORT_CHARS = 6;
const TYPED_MIN_CHARS = 4;

/** True for a whole id, which needs no looking up. */
export function isFullId(text: string): boolean {
  return FULL.test(text);
}

/** True when the text could be the short form of an id, with or without its prefix. */
export function isShortId(text: string): boolean {
  return /^([a-z]+_)?[0-9a-f.-]+$/.test(text) && hexOf(text).length >= TYPED_MIN_CHARS;
}

/** The end of an id: six characters, or more where another id of `among` ends alike. */
export function shortId(id: string, among: readonly string[] = []): string {
  const hex = hexOf(id);
  const others = among.filter(other => other !== id).map(hexOf);
  for (let chars = SHORT_CHARS; chars < hex.length; chars++) {
    const tail = hex.slice(-chars);
    if (!others.some(other => other.endsWith(tail))) return tail;
  }
  return hex;
}

/** The ids that what was typed can mean: it is their beginning or their end. */
export function matchIds(typed: string, ids: Iterable<string>): string[] {
  const prefix = prefixOf(typed);
  const hex = hexOf(typed);
  const hits = [...new Set(ids)].filter(id => prefix === '' || prefixOf(id) === prefix);
  return hits.filter(id => hexOf(id).startsWith(hex) || hexOf(id).endsWith(hex));
}

function prefixOf(id: string): string {
  return /^[a-z]+_/.exec(id)?.[0] ?? '';
}

function hexOf(id: string): string {
  return id.slice(prefixOf(id).length).replaceAll('-', '');
}
