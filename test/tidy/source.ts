// A source file as the laws see it: its text, its code without words, and its comments.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Source {
  /** From the root of the repository, with `/`. */
  path: string;
  text: string;
  /** The text with comments, strings and patterns as spaces: same length, same lines. */
  code: string;
  comments: readonly { line: number; text: string }[];
}

type Kind = 'comment' | 'string' | 'pattern';

interface Span {
  kind: Kind;
  /** Where its words begin and end; the quotes stay outside. */
  start: number;
  end: number;
}

const ROOMS = ['schemas', 'broker', 'client', 'bench', 'test'];

/** Every file of the rooms, by path; those that are not TypeScript without their text. */
export async function readRooms(root: string): Promise<{ sources: Source[]; paths: string[] }> {
  const found = await Promise.all(ROOMS.map(room => listFiles(root, room)));
  const paths = found.flat().sort();
  const scripts = paths.filter(path => path.endsWith('.ts'));
  const texts = await Promise.all(scripts.map(path => readFile(join(root, path), 'utf8')));
  return { paths, sources: scripts.map((path, i) => sourceOf(path, texts[i] ?? '')) };
}

async function listFiles(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
  const found = entries.map(async entry => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? listFiles(root, path) : [path];
  });
  return (await Promise.all(found)).flat();
}

export function sourceOf(path: string, text: string): Source {
  const spans = spansOf(text);
  const comments = spans
    .filter(span => span.kind === 'comment')
    .map(span => ({ line: lineAt(text, span.start), text: text.slice(span.start, span.end) }));
  return { path, text, code: withoutSpans(text, spans), comments };
}

/** The number, from 1, of the line that holds the character at `index`. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

function withoutSpans(text: string, spans: readonly Span[]): string {
  let code = '';
  let at = 0;
  for (const { start, end } of spans) {
    code += text.slice(at, start) + text.slice(start, end).replace(/[^\n]/g, ' ');
    at = end;
  }
  return code + text.slice(at);
}

/** Reads like a compiler would, but only as far as to tell words from code. */
function spansOf(text: string): Span[] {
  const spans: Span[] = [];
  // One number for each open `${`: how many braces are open inside it.
  const holes: number[] = [];
  let at = 0;

  const template = (from: number) => {
    const end = match(/(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y, text, from);
    spans.push({ kind: 'string', start: from, end });
    if (text[end] === '$') holes.push(0);
    at = end + (text[end] === '$' ? 2 : 1);
  };

  const brace = (step: number) => {
    const open = holes.pop();
    if (open === 0 && step < 0) return template(at + 1);
    if (open !== undefined) holes.push(open + step);
    at++;
  };

  while (at < text.length) {
    const found = spanAt(text, at);
    if (found) {
      spans.push(found.span);
      at = found.next;
    } else if (text[at] === '`') template(at + 1);
    else if (text[at] === '{') brace(1);
    else if (text[at] === '}') brace(-1);
    else at++;
  }
  return spans;
}

function spanAt(text: string, at: number): { span: Span; next: number } | undefined {
  const two = text.slice(at, at + 2);
  if (two === '//' || two === '/*' || (at === 0 && two === '#!')) {
    const next = match(two === '/*' ? /\/\*[\s\S]*?\*\//y : /[^\n]*/y, text, at);
    return { span: { kind: 'comment', start: at, end: next }, next };
  }
  const quote = two[0];
  if (quote === "'" || quote === '"') {
    const next = match(quote === "'" ? /'(?:[^'\\\n]|\\.)*'/y : /"(?:[^"\\\n]|\\.)*"/y, text, at);
    return { span: { kind: 'string', start: at + 1, end: next - 1 }, next };
  }
  if (quote !== '/' || !mayOpenPattern(text, at)) return undefined;
  const next = match(/\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y, text, at);
  return next === at ? undefined : { span: { kind: 'pattern', start: at + 1, end: next }, next };
}

/** A slash after a value divides; after an operator or at a beginning it opens a pattern. */
function mayOpenPattern(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 200), at).trimEnd();
  return /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|of|in|await|yield))$/.test(before);
}

/** Where the sticky pattern ends when it fits at `at`, else `at`. */
function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}
