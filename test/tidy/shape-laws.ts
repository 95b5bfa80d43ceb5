// Laws 5 and 6: how large things may be, what is not written, and how a file opens.
import { lineAt, type Source } from './source.js';

const FILE_LINES = 300;
const FUNCTION_LINES = 70;
const LINE_CHARS = 100;

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

/** Law 5: a file has at most 300 lines. */
export function longFiles(sources: readonly Source[]): string[] {
  return sources
    .map(({ path, text }) => ({ path, lines: linesOf(text).length }))
    .filter(({ lines }) => lines > FILE_LINES)
    .map(({ path, lines }) => `${path} has ${lines} lines`);
}

/** Law 5: a line has at most 100 columns. */
export function longLines(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) =>
    linesOf(text).flatMap((line, i) =>
      [...line].length > LINE_CHARS ? [`${path}:${i + 1} has ${[...line].length} columns`] : [],
    ),
  );
}

/** Law 5: a function has at most 70 lines, from its opening brace to its closing one. */
export function longFunctions(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, code }) =>
    blocksOf(code)
      .filter(({ isFunction, lines }) => isFunction && lines > FUNCTION_LINES)
      .map(({ line, lines }) => `${path}:${line} is a function of ${lines} lines`),
  );
}

function blocksOf(code: string): { line: number; lines: number; isFunction: boolean }[] {
  const open: number[] = [];
  const blocks: { line: number; lines: number; isFunction: boolean }[] = [];
  for (const { 0: brace, index } of code.matchAll(/[{}]/g)) {
    if (brace === '{') open.push(index);
    else {
      const start = open.pop() ?? 0;
      const lines = code.slice(start, index).split('\n').length;
      blocks.push({ line: lineAt(code, start), lines, isFunction: opensFunction(code, start) });
    }
  }
  return blocks;
}

/** True for what follows `=>`, a list of parameters, or the type a function returns. */
function opensFunction(code: string, brace: number): boolean {
  const before = code.slice(Math.max(0, brace - 400), brace).trimEnd();
  return /(?:=>|\)|\}|\)\s*:[^;{}=]*)$/.test(before);
}

const unwritten: readonly (readonly [string, RegExp])[] = [
  ['any', /(?<![.\w$])any(?![\w$])(?!\s*(?:\(|\??:))/],
  ['a default export', /\bexport\s+default\b|\bas\s+default\b/],
];

const isConfig = (path: string) => /(^|\/)[\w-]+\.config\.ts$/.test(path);

/** Law 5: no `any`, and no default export but where a tool wants one. */
export function unwantedWords(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, code }) =>
    unwritten.flatMap(([name, pattern]) => {
      const found = pattern.exec(code);
      if (!found || (isConfig(path) && name === 'a default export')) return [];
      return [`${path}:${lineAt(code, found.index)} has ${name}`];
    }),
  );
}

const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b|@ts-(ignore|expect-error|nocheck)|biome-ignore/;

/** Law 5: nothing is left for later, and no checker is told to look away. */
export function unfinished(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, comments }) =>
    comments.flatMap(({ line, text }) => {
      const found = UNFINISHED.exec(text);
      return found ? [`${path}:${line} says ${found[0]}`] : [];
    }),
  );
}

const SKIPPED = /\bt(?:est)?\.(?:skip|only|todo)\b|\b(?:skip|only|todo)\s*:/;

/** Law 5: no test is skipped, and none runs alone. */
export function skippedTests(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => path.endsWith('.test.ts'))
    .flatMap(({ path, code }) => {
      const found = SKIPPED.exec(code);
      return found ? [`${path}:${lineAt(code, found.index)} says ${found[0]}`] : [];
    });
}

const TIMED = /'node:timers\/promises'|\bsetTimeout\s*\(\s*(resolve|done)\b|\{\s*timeout\s*:/;
const MERE_TURN = "{ setImmediate as turn } from 'node:timers/promises'";

/** Law 5: a test waits for what it wants to see, never for a time that a busy machine overruns. */
export function timedTests(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => path.endsWith('.test.ts') && !path.startsWith('test/tidy/'))
    .flatMap(({ path, text }) => {
      const found = TIMED.exec(text.replace(MERE_TURN, ''));
      return found ? [`${path} says ${found[0]}; see test/dsl/until.ts`] : [];
    });
}

/** Law 5: only a main file and the command line write to the console. */
export function loudFiles(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => !/(^|\/)main\.ts$|^client\/(cli|terminal)\//.test(path))
    .filter(({ code }) => /\bconsole\s*\./.test(code))
    .map(({ path }) => `${path} writes to the console`);
}

/** Law 6: a file opens with one sentence that says what it is; a shebang may stand before it. */
export function untitled(sources: readonly Source[]): string[] {
  return sources
    .filter(({ text }) => !/^(#!.*\n)?\/\/ \p{Lu}[^\n]*\.(\n|$)/u.test(text))
    .map(({ path }) => `${path} does not open with a sentence`);
}
