// What a source imports, and the cycles that arrows form.
import { posix } from 'node:path';
import type { Source } from './source.js';

export interface Import {
  /** The importing file. */
  from: string;
  /** A path from the root for a file of ours, else the name of a package or `node:` module. */
  to: string;
  isOurs: boolean;
  isDynamic: boolean;
  line: number;
}

/** Every import, `export … from`, `import()` and type import. */
export function importsOf({ path, text, code }: Source): Import[] {
  const found: Import[] = [];
  const places = /\b(?:from\s*|(import)\s*(\(?)\s*)(['"`])([ ]*)\3/g;
  for (const place of code.matchAll(places)) {
    const end = place.index + place[0].length - 1;
    const named = text.slice(end - (place[4]?.length ?? 0), end);
    const isOurs = named.startsWith('.');
    found.push({
      from: path,
      to: isOurs ? ours(path, named) : packageOf(named),
      isOurs,
      isDynamic: place[2] === '(',
      line: text.slice(0, place.index).split('\n').length,
    });
  }
  return found;
}

function ours(path: string, named: string): string {
  return posix.join(posix.dirname(path), named).replace(/\.js$/, '.ts');
}

function packageOf(named: string): string {
  const [scope = '', name = ''] = named.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}

/** The cycles that arrows form, each as the nodes of one knot. */
export function cyclesIn(arrows: ReadonlyMap<string, readonly string[]>): string[][] {
  const knots: string[][] = [];
  const seen = new Map<string, number>();
  const open: string[] = [];

  // Tarjan's walk: a file that reaches back to itself closes a knot.
  const visit = (path: string): number => {
    const order = seen.size;
    seen.set(path, order);
    open.push(path);
    let low = order;
    for (const next of arrows.get(path) ?? []) {
      if (!seen.has(next)) low = Math.min(low, visit(next));
      else if (open.includes(next)) low = Math.min(low, seen.get(next) ?? low);
    }
    if (low === order) {
      const knot = open.splice(open.indexOf(path));
      if (knot.length > 1 || arrows.get(path)?.includes(path)) knots.push(knot.sort());
    }
    return low;
  };

  for (const path of arrows.keys()) if (!seen.has(path)) visit(path);
  return knots;
}
