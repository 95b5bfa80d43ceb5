// An invariant of the broker: its promise, its named check, and the mutants that check must catch.

/** A bug, as the replacement of a text that stands once in a compiled file. */
export interface Mutant {
  bug: string;
  file: string;
  from: string;
  to: string;
}

export interface Invariant {
  number: number;
  promise: string;
  /** The test file, as `npm test` is given it, and the whole title of the test. */
  check: { file: string; title: string };
  mutants: readonly Mutant[];
  /** What of the promise is not built yet, and so not checked. */
  later?: string | undefined;
}

export function bug(name: string, file: string, from: string, to: string): Mutant {
  return { bug: name, file: `broker/${file}.js`, from, to };
}

export function invariant(
  number: number,
  promise: string,
  file: string,
  title: string,
  mutants: readonly Mutant[],
  later?: string,
): Invariant {
  return { number, promise, check: { file, title }, mutants, later };
}
