// Laws 5 and 6, beside what Biome keeps: long lines, what is not written, and how a file opens.
import { lineAt, type Source } from './source.js';

const LINE_CHARS = 100;

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

/** Law 5: a line has at most 100 columns. */
export function longLines(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) =>
    linesOf(text).flatMap((line, i) =>
      [...line].length > LINE_CHARS ? [`${path}:${i + 1} has ${[...line].length} columns`] : [],
    ),
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

/** Law 6: a file opens with one sentence that says what it is; a shebang may stand before it. */
export function untitled(sources: readonly Source[]): string[] {
  return sources
    .filter(({ text }) => !/^(#!.*\n)?\/\/ \p{Lu}[^\n]*\.(\n|$)/u.test(text))
    .map(({ path }) => `${path} does not open with a sentence`);
}

const LAMBDA = String.raw`(?:function\b|\w+ =>|(?:<[^>]*>)?\([^()]*\)\s*(?::[^=;]*)?=>)`;
/** A function or class by its word, or a constant that is one. */
const CALLABLE = new RegExp(
  [
    String.raw`^export (?:abstract )?(?:async )?(?:function\*?|class) (\w+)`,
    String.raw`^export const (\w+)[^=\n]*= (?:async )?${LAMBDA}`,
  ].join('|'),
  'gm',
);

/** Law 6: every exported function and class of the broker and its words has a doc comment. */
export function undocumented(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => /^(broker|schemas)\//.test(path))
    .flatMap(({ path, text, code, comments }) => {
      const docs = comments.filter(comment => /^\/\*\*[\s\S]*\w/.test(comment.text));
      const ends = new Set(docs.map(doc => doc.line + linesOf(doc.text).length));
      const found = [...code.matchAll(CALLABLE)].map(match => ({
        name: match[1] ?? match[2],
        line: lineAt(text, match.index),
      }));
      return found
        .filter(({ line }) => !ends.has(line))
        .map(({ name, line }) => `${path}:${line} says nothing of ${name}`);
    });
}
