// Planted offenders: how a law proves that it can be broken, and that it spares the rest.
import t from 'tap';
import { type Source, sourceOf } from './source.js';

type Files = readonly (readonly [path: string, text: string])[];

export function tree(files: Readonly<Record<string, string>>): Source[] {
  return Object.entries(files).map(([path, text]) => sourceOf(path, text));
}

/** Every file of `broken`, alone, offends once, and nothing of `kept` does. */
export function law(
  title: string,
  check: (sources: readonly Source[]) => string[],
  broken: Files,
  kept: Files,
): void {
  t.test(title, async t => {
    for (const [path, text] of broken) {
      t.equal(check(tree({ [path]: text })).length, 1, `broken: ${path}: ${text.slice(0, 80)}`);
    }
    for (const [path, text] of kept) {
      t.same(check(tree({ [path]: text })), [], `kept: ${path}: ${text.slice(0, 80)}`);
    }
  });
}
