// Markdown that tells an agent what to do, taken apart: front matter, code, and what code says.
import { parse } from 'yaml';

/** A paper of a workspace: a skill, or a template such as AGENTS.md. */
export interface Paper {
  /** From the folder of the workspace. */
  path: string;
  text: string;
}

/** A fenced block with its language, or a span within a line, whose language is `span`. */
export interface Code {
  language: string;
  text: string;
}

/** The fields above a text, or what is wrong with them. */
export function frontMatterOf(text: string): Record<string, unknown> | string {
  const [, head] = /^---\n([\s\S]*?)\n---\n/.exec(text) ?? [];
  if (head === undefined) return 'has no front matter';
  try {
    const fields: unknown = parse(head);
    const isMap = typeof fields === 'object' && fields !== null && !Array.isArray(fields);
    return isMap ? (fields as Record<string, unknown>) : 'has front matter without fields';
  } catch (error) {
    return `has front matter that is no YAML: ${(error as Error).message}`;
  }
}

const FENCE = /^ *```(\w*)\n([\s\S]*?)^ *```$/gm;
const SPAN = /`([^`\n]+)`/g;

/** All code of a text, in order within each kind. */
export function codeOf(text: string): Code[] {
  const fenced = [...text.matchAll(FENCE)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));
  const spans = [...text.replace(FENCE, '').matchAll(SPAN)];
  return [...fenced, ...spans.map(([, text = '']) => ({ language: 'span', text }))];
}

/** The text outside fences and spans. */
export function proseOf(text: string): string {
  return text.replace(FENCE, '').replace(SPAN, '');
}

/** Languages of blocks that show texts to send or files to write, not what to type or call. */
const SHOWN = ['md', 'yaml', 'json'];

/** What code has an agent do: a command or call each, as its words; quotes stay around them. */
export function statementsOf({ language, text }: Code): string[][] {
  if (SHOWN.includes(language)) return [];
  const statements: string[][] = [[]];
  for (const word of wordsOf(text.replaceAll(/\\\n\s*/g, ' '))) {
    if (ENDS.includes(word)) statements.push([]);
    else statements.at(-1)?.push(word);
  }
  return statements.filter(words => words.length > 0);
}

const ENDS = ['\n', '|', '||', '&&', ';'];

/** Words and line ends: blanks and line ends within quotes and brackets part nothing. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  let depth = 0;
  for (const sign of text) {
    if (quote === '' && depth === 0 && /\s/.test(sign)) {
      if (word !== '') words.push(word);
      if (sign === '\n') words.push(sign);
      word = '';
      continue;
    }
    word += sign;
    if (quote !== '') quote = sign === quote && !/\\.$/.test(word) ? '' : quote;
    else if (/["']/.test(sign)) quote = sign;
    else depth += /[[{]/.test(sign) ? 1 : /[\]}]/.test(sign) ? -1 : 0;
  }
  return word === '' ? words : [...words, word];
}

/** A word without the quotes that a shell takes away. */
export function unquoted(word: string): string {
  return word.replaceAll(/"((?:\\.|[^"\\])*)"|'([^']*)'/g, (_, double?: string, single?: string) =>
    (single ?? double ?? '').replaceAll('\\"', '"'),
  );
}
