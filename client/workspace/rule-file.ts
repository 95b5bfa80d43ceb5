// A memory rule as a file: words below a front matter that says when, why, for what and by whom.
import { clientLimits as limits } from '../../schemas/limits-client.js';

/** A rule that changes what the orchestrator does from now on. */
export interface MemoryRule {
  /** The name of its file, without `.md`. */
  id: string;
  words: string;
  /** When it was written, in ms UTC: as it says, else as its file does. */
  time: number;
  /** As it is written there; absent where its file says nothing of it. */
  date?: string;
  reason?: string;
  by?: string;
  /** What it is for, as `project:web`, `peer:api` or `topic:git`; empty: always. */
  tags: string[];
  /** False where its file is longer than what is read. */
  isWhole: boolean;
}

/** What a rule may be for. */
export const TAG = /^(?:project|peer|topic):[\p{L}\p{N}][\p{L}\p{N}._/-]{0,63}$/u;

/**
 * Reads the file of a rule; undefined for one without words. Whatever has no front matter is words
 * alone, and what a front matter says beside the known keys is nobody's business.
 */
export function readRule(
  id: string,
  { text, isWhole, mtime }: { text: string; isWhole: boolean; mtime: number },
): MemoryRule | undefined {
  const plain = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  const [head = '', lines = ''] = /^---\n((?:.*?\n)??)---[ \t]*(?:\n|$)/s.exec(plain) ?? [];
  const words = plain.slice(head.length).trim();
  if (words === '') return undefined;
  const said = fieldsIn(lines);
  const date = said.get('date')?.[0];
  const told = date === undefined ? Number.NaN : Date.parse(date);
  const tags = ['scope', 'tags', 'for'].flatMap(key => said.get(key) ?? []);
  return {
    id,
    words,
    time: Number.isNaN(told) ? mtime : told,
    ...(date !== undefined && { date }),
    ...one('reason', said),
    ...one('by', said),
    tags: tags.map(tag => tag.toLowerCase()).slice(0, limits.workspace_tags_items),
    isWhole,
  };
}

/** The text of a file that says all of it. */
export function ruleText({
  words,
  date,
  reason,
  by,
  tags,
}: Omit<MemoryRule, 'id' | 'time'>): string {
  const fields = [
    ...(date === undefined ? [] : [`date: ${date}`]),
    ...(reason === undefined ? [] : [`reason: ${JSON.stringify(reason)}`]),
    ...(tags.length === 0 ? [] : [`scope: ${tags.join(', ')}`]),
    ...(by === undefined ? [] : [`by: ${JSON.stringify(by)}`]),
  ];
  return `---\n${fields.join('\n')}\n---\n${words}\n`;
}

/** The name of a rule's file, of its first telling words. */
export function slugOf(words: string): string {
  const plain = words.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '');
  const steps = plain.split(/[^\p{L}\p{N}]+/u).filter(word => word !== '' && !DULL.has(word));
  let slug = '';
  for (const step of steps) {
    if (slug.length + step.length >= limits.workspace_slug_chars) break;
    slug += slug === '' ? step : `-${step}`;
  }
  const cut = slug || [...(steps[0] ?? '')].slice(0, limits.workspace_slug_chars / 4).join('');
  return cut === '' || isKept(cut) ? `rule${cut && `-${cut}`}` : cut;
}

/** True for a name in `memory/` that is no rule's: what explains it, and what was forgotten. */
export function isKept(name: string): boolean {
  return /^(?:readme|forgotten)$/i.test(name);
}

const DULL = new Set('a an and the to of in on at is are be it that for with'.split(' '));

function one(key: 'reason' | 'by', said: ReadonlyMap<string, string[]>) {
  const value = said.get(key)?.join(', ');
  return value === undefined ? {} : { [key]: value };
}

/** Lines `key: value`; a value may be a list: in brackets, with commas, or an item a line. */
function fieldsIn(lines: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  let last = '';
  for (const line of lines.split('\n')) {
    const [, item] = /^\s*-\s+(.*)$/.exec(line) ?? [];
    const [, key, value = ''] = /^([A-Za-z][\w-]*):[ \t]*(.*)$/.exec(line) ?? [];
    if (item !== undefined && last !== '') fields.get(last)?.push(unquoted(item));
    if (key === undefined) continue;
    last = key.toLowerCase();
    fields.set(last, valuesIn(last, value.trim()));
  }
  return fields;
}

const LISTS = ['scope', 'tags', 'for'];

function valuesIn(key: string, value: string): string[] {
  if (value === '') return [];
  if (!LISTS.includes(key)) return [unquoted(value)];
  const items = value.replace(/^\[(.*)\]$/, '$1').split(',');
  return items.map(item => unquoted(item.trim())).filter(item => item !== '');
}

function unquoted(value: string): string {
  if (/^'.*'$/.test(value)) return value.slice(1, -1).replaceAll("''", "'");
  if (!/^".*"$/.test(value)) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value.slice(1, -1);
  }
}
