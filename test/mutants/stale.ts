// Whether the list of invariants fits the code: its checks are there, its bugs can be planted.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Invariant } from './invariant.js';
import { planted } from './plant.js';

const COUNT = 27;

interface File {
  path: string;
  text: string;
}

/** What of the list is out of date, each as a sentence; `sources` are those of the tree at root. */
export function staleRows(
  rows: readonly Invariant[],
  sources: readonly File[],
  root: string,
): string[] {
  const paths = new Set(sources.map(({ path }) => path));
  const tests = sources.filter(({ path }) => /^test\/(?!mutants\/)/.test(path));
  const isTitle = (title: string) => tests.some(({ text }) => text.includes(`'${title}'`));
  return Array.from({ length: COUNT }, (_, n) => n + 1).flatMap(number => {
    const found = rows.filter(one => one.number === number);
    if (found.length === 0) return [`invariant ${number} has no row`];
    return found.flatMap(staleIn);
  });

  function staleIn({ number, check, mutants }: Invariant): string[] {
    const bears: string[] = /^[\d, ]+: /.exec(check.title)?.[0].match(/\d+/g) ?? [];
    return [
      ...(paths.has(`test/${check.file}.test.ts`) ? [] : [`${check.file} is no test`]),
      ...(isTitle(check.title) ? [] : [`no test is called "${check.title}"`]),
      ...(bears.includes(String(number)) ? [] : [`"${check.title}" does not bear ${number}`]),
      ...(mutants.length > 0 ? [] : [`invariant ${number} has no mutant`]),
      ...mutants.flatMap(mutant => {
        if (!paths.has(mutant.file.replace(/\.js$/, '.ts'))) return [`${mutant.file} has moved`];
        try {
          planted(readFileSync(join(root, 'build', mutant.file), 'utf8'), mutant);
          return [];
        } catch (error) {
          return [(error as Error).message];
        }
      }),
    ];
  }
}
