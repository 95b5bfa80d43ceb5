// The words of one item in Markdown: its title, and what they say of owners, labels and links.
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { cleanLine } from '../words.js';
import { withoutCode } from './lines.js';

export interface ItemWords {
  title: string;
  owners: string[];
  labels: string[];
  priority?: string;
  links: string[];
  /** What it says it waits for, as it is written. */
  waits: string[];
  /** The block id that its author gave it, as `^login`. */
  anchor?: string;
}

const NAME = '[A-Za-z0-9][A-Za-z0-9._/-]*';
const OWNER = new RegExp(`(?<![^\\s(])@(${NAME})(?![^\\s),;:])`, 'g');
const LABEL = /(?<![^\s(])#(\p{L}[\p{L}\p{N}_/-]*)/gu;
const URL = /https?:\/\/[^\s<>()[\]"'`]+/g;
const WAITS = /\(?\b(?:blocked by|depends on|waits for):?\s+([^();]{1,200})\)?/i;
const PRIORITIES: readonly [RegExp, string][] = [
  [/(?<!\S)(?:!|#)?p([0-4])(?!\S)/i, 'p$1'],
  [/^\(([A-Z])\)(?=\s)/, '$1'],
  [/(?<!\S)!(high|medium|low)(?!\S)/i, '$1'],
];
/** What stands behind the title. */
const tails = [`@${NAME}`, '#\\p{L}[\\p{L}\\p{N}_/-]*', '\\^[A-Za-z0-9-]+', '[!#]?[pP][0-4]'];
const TAIL = new RegExp(`^(?:${tails.join('|')}|!(?:high|medium|low))$`, 'u');

/** Reads the words of an item. */
export function itemWords(written: string): ItemWords {
  const words = written
    .slice(0, limits.board_words_chars)
    .replace(/<!--.*?(?:-->|$)/g, ' ')
    .trim();
  // What is quoted as code is a word of the title, whatever it looks like.
  const said = withoutCode(words);
  const links = [...said.matchAll(URL)].map(([url]) => bare(url));
  const named = said.replace(URL, ' ');
  const priority = priorityOf(named);
  const [, anchor] = /\s\^([A-Za-z0-9-]{1,64})$/.exec(words) ?? [];
  const [, waits = ''] = WAITS.exec(said) ?? [];
  const title = titleOf(words);
  const isOwned = title !== words || /\s/.test(words);
  return {
    title,
    owners: isOwned ? [...named.matchAll(OWNER)].map(([, name = '']) => name) : [],
    labels: [...named.matchAll(LABEL)].map(([, name = '']) => name),
    ...(priority !== undefined && { priority }),
    links: [...new Set(links)].slice(0, limits.board_links_items),
    waits: waits
      .split(/,|\band\b/)
      .map(each => each.trim())
      .filter(each => each !== ''),
    ...(anchor !== undefined && { anchor }),
  };
}

/** Without what stands behind it, and with the words of links in the place of their addresses. */
function titleOf(words: string): string {
  const all = words.split(/\s+/);
  let count = all.length;
  while (count > 1 && TAIL.test(all[count - 1]!)) count -= 1;
  const title = count === all.length ? words : all.slice(0, count).join(' ');
  const plain = withoutLinks(title)
    .replace(/<\/?[A-Za-z][^<>]{0,200}>/g, '')
    .replace(/^\(([A-Z])\)\s+/, '');
  return cleanLine(plain) || cleanLine(title) || cleanLine(words);
}

/** The words of links in the place of the links. */
export function withoutLinks(text: string): string {
  return text.replace(/!?\[([^[\]]*)\]\([^)[]*\)/g, '$1');
}

/** An address without the marks of the sentence that it ends. */
function bare(url: string): string {
  let { length } = url;
  while ('.,;:!?'.includes(url[length - 1]!)) length -= 1;
  return url.slice(0, length);
}

function priorityOf(words: string): string | undefined {
  for (const [pattern, as] of PRIORITIES) {
    const found = pattern.exec(words);
    if (found !== null) return as.replace('$1', found[1] ?? '').toLowerCase();
  }
  return undefined;
}
