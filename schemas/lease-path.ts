// Canonical paths: one spelling of a file within its project, so that equal files are equal texts.
import { limits } from './limits.js';

/** The project itself, and so all of its files. */
export const WHOLE = '.';

/** A path that has no canonical form, and what is wrong with it, to be said behind its name. */
export interface BadPath {
  fault: string;
}

/**
 * The path relative to its project: Unicode NFC, slashes only, no `.` or empty steps; `.` is the
 * project itself. Case stays as it is. Absolute ones, `..` and NUL are refused, as is what is over
 * `limits.path_chars` or `limits.lease_path_levels`. https://unicode.org/reports/tr15/
 */
export function canonicalPath(text: string): string | BadPath {
  const path = text.normalize('NFC').replaceAll('\\', '/');
  if (path.startsWith('/') || /^[A-Za-z]:(\/|$)/.test(path)) {
    return { fault: 'is absolute; give it relative to the project' };
  }
  const steps = path.split('/').filter(step => step !== '' && step !== '.');
  if (steps.includes('..')) return { fault: 'leads out of the project; give it without ..' };
  if (path.includes('\0')) return { fault: 'holds a NUL, which no file name does' };
  const canonical = steps.join('/') || WHOLE;
  return isCanonicalPath(canonical)
    ? canonical
    : { fault: `is over ${limits.lease_path_levels} levels or ${limits.path_chars} characters` };
}

/** The canonical ones of these, sorted, without those that lie below another; or the first bad. */
export function canonicalPaths(
  texts: readonly string[],
): readonly string[] | (BadPath & { path: string }) {
  const found = new Set<string>();
  for (const path of texts) {
    const canonical = canonicalPath(path);
    if (typeof canonical !== 'string') return { path, ...canonical };
    found.add(canonical);
  }
  return [...found].filter(path => !ancestorsOf(path).some(above => found.has(above))).sort();
}

/**
 * True for what `canonicalPath` returns, as far as it is the same on every build of Node: of
 * Unicode forms the fold knows nothing.
 */
export function isCanonicalPath(path: string): boolean {
  if (path === WHOLE) return true;
  if (path.length > limits.path_chars || /[\\\0]/.test(path)) return false;
  const steps = path.split('/');
  if (steps.length > limits.lease_path_levels) return false;
  return steps.every(step => step !== '' && step !== '.' && step !== '..');
}

/** True for canonical paths in ascending order, none twice, at least one and not too many. */
export function areCanonicalPaths(paths: readonly string[]): boolean {
  if (paths.length === 0 || paths.length > limits.lease_paths_items) return false;
  return paths.every((path, i) => isCanonicalPath(path) && (i === 0 || paths[i - 1]! < path));
}

/** The folders that a canonical path lies in, the project itself first. */
export function ancestorsOf(path: string): string[] {
  if (path === WHOLE) return [];
  const above = [WHOLE];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    above.push(path.slice(0, at));
  }
  return above;
}
