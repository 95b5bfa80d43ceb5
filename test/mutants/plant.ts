// A mutant in its place: the text it replaces must stand there once, or the list is out of date.
import type { Mutant } from './invariant.js';

/** The compiled file with the bug in it. Throws when the text to replace is not there, or twice. */
export function planted(code: string, { bug, file, from, to }: Mutant): string {
  const count = code.split(from).length - 1;
  if (count !== 1) {
    const advice = 'name the text as it is compiled now in test/mutants';
    throw new Error(
      `"${bug}": ${JSON.stringify(from)} stands ${count} times in ${file}; ${advice}`,
    );
  }
  return code.replace(from, () => to);
}
