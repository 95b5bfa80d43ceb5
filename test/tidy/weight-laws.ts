// Weight laws: what every call of the command line, and every hook, loads before it does anything.
import { importsOf } from './imports.js';
import { type Source, sourceOf } from './source.js';

const ENTRIES = ['client/cli/main.ts', 'client/cli/hook/main.ts'];
/** What is small, or is loaded when it is first used (`.ci/bundle.mjs`). */
const LIGHT = /^(?:node:.+|commander|picocolors|string-width|wrap-ansi)$/;
const TYPES = /^(?:import|export) type\b[^;]*;/gm;

/**
 * Law 9: what the command line or the hook program imports, and is not loaded by an `import()`, is
 * no package that takes long to load: no schemas, no socket, no codec.
 */
export function heavyStarts(sources: readonly Source[]): string[] {
  const known = new Map(sources.map(source => [source.path, source]));
  const seen = new Set<string>();
  const heavy: string[] = [];
  const walk = (path: string) => {
    const source = known.get(path);
    if (source === undefined || seen.has(path)) return;
    seen.add(path);
    for (const { to, isOurs, isDynamic, line } of importsOf(withoutTypes(source))) {
      if (isDynamic) continue;
      if (isOurs) walk(to);
      else if (!LIGHT.test(to)) heavy.push(`${path}:${line} loads ${to} at every call`);
    }
  };
  for (const entry of ENTRIES) walk(entry);
  return heavy;
}

/** Its lines stay where they are. */
function withoutTypes({ path, text }: Source): Source {
  return sourceOf(
    path,
    text.replace(TYPES, statement => statement.replace(/[^\n]/g, ' ')),
  );
}
