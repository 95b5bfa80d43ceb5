// Law 8: the shape of the folders, by the dependency graph between those that lie side by side.
import { posix } from 'node:path';
import { cyclesIn, importsOf } from './imports.js';
import type { Source } from './source.js';

const ENTRIES = 12;
const ARROWS = 40;
const FILES = 15;

/** Rows are all known to one table, so they lie in one folder. */
const UNBOUNDED = ['broker/core/rows'];

/** What lies directly in a folder that leads to a path: a folder or a file. */
function entryOf(folder: string, path: string): string | undefined {
  if (!path.startsWith(`${folder}/`)) return undefined;
  return path.slice(folder.length + 1).split('/')[0];
}

/** From each entry of a folder to the others that it imports from. */
export function arrowsIn(sources: readonly Source[], folder: string): Map<string, string[]> {
  const arrows = new Map<string, Set<string>>();
  for (const { from, to } of sources.flatMap(importsOf)) {
    const [source, target] = [entryOf(folder, from), entryOf(folder, to)];
    if (source === undefined || target === undefined || source === target) continue;
    arrows.set(source, (arrows.get(source) ?? new Set()).add(target));
  }
  return new Map([...arrows].map(([source, targets]) => [source, [...targets]]));
}

/** Law 8: between the entries of these folders no arrow runs back. */
export function folderKnots(sources: readonly Source[], folders: readonly string[]): string[] {
  return folders.flatMap(folder =>
    cyclesIn(arrowsIn(sources, folder)).map(knot => `a cycle in ${folder}: ${knot.join(' ')}`),
  );
}

/** Law 8: the broker has few rooms, and few arrows between them. */
export function wideBroker(sources: readonly Source[]): string[] {
  const entries = new Set(sources.flatMap(({ path }) => entryOf('broker', path) ?? []));
  const arrows = [...arrowsIn(sources, 'broker').values()].flat().length;
  return [
    ...(entries.size > ENTRIES ? [`broker has ${entries.size} entries: ${[...entries]}`] : []),
    ...(arrows > ARROWS ? [`broker has ${arrows} arrows between its entries`] : []),
  ];
}

/** Law 8: no folder of the broker holds more files than one look takes in. */
export function fullFolders(sources: readonly Source[]): string[] {
  const counts = new Map<string, number>();
  for (const { path } of sources) {
    const folder = posix.dirname(path);
    if (path.startsWith('broker/')) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([folder, count]) => count > FILES && !UNBOUNDED.includes(folder))
    .map(([folder, count]) => `${folder} holds ${count} files`);
}
