// Ignored files of a worktree: which of them tools make again, and which are somebody's work.
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { git, partsOf } from './git.js';

/** What tools make anew, by the names that they give it. Everything else that is ignored stays. */
const FOLDERS = new Set([
  ...['node_modules', 'dist', 'build', 'target', 'out', 'coverage', 'venv', '__pycache__'],
  ...['.venv', '.cache', '.next', '.nuxt', '.turbo', '.parcel-cache', '.svelte-kit', '.gradle'],
  ...['.tox', '.nox', '.eggs', '.pytest_cache', '.mypy_cache', '.ruff_cache', '.nyc_output'],
  ...['.tap', '.terraform', '.angular', '.pnpm-store'],
]);
const FILES = /(?:^|\/)(?:\.DS_Store|Thumbs\.db|[^/]*\.(?:py[co]|o|obj|class|tsbuildinfo))$/;

/**
 * Of ignored paths, a folder's with `/` at its end, those that would be lost with the worktree. A
 * folder of a tool's name that holds files of the repository is no tool's; one that holds another
 * repository, or a file system that is mounted there, is not made again.
 */
export async function ignoredWork(top: string, paths: readonly string[]): Promise<string[]> {
  const folders = new Set(paths.flatMap(path => toolFolder(path) ?? []));
  const tracked = await trackedIn(top, [...folders]);
  const isTools = (folder: string) => !tracked.some(file => file.startsWith(`${folder}/`));
  const made = [...folders].filter(isTools);
  const isMade = (path: string) =>
    made.some(folder => path === folder || path.startsWith(`${folder}/`)) || FILES.test(path);
  const inside = made.flatMap(folder => keptWithin(top, folder));
  return [...paths.filter(path => !isMade(path)), ...inside];
}

/** The outermost folder of a tool's name on the way to a path, or a link of such a name. */
function toolFolder(path: string): string | undefined {
  const steps = path.split('/');
  const found = steps.findIndex(step => FOLDERS.has(step));
  return found < 0 ? undefined : steps.slice(0, found + 1).join('/');
}

async function trackedIn(top: string, folders: readonly string[]): Promise<string[]> {
  if (folders.length === 0) return [];
  const words = ['--literal-pathspecs', 'ls-files', '-z', '--', ...folders];
  return partsOf(await git(top, words));
}

/** Repositories, mounts and what cannot be read in a folder; no link is followed. */
function keptWithin(top: string, folder: string): string[] {
  const device = lstatSync(top).dev;
  const look = (path: string): string[] => {
    const here = join(top, path);
    try {
      const { dev } = lstatSync(here);
      const entries = readdirSync(here, { withFileTypes: true });
      const names = new Set(entries.map(({ name }) => name));
      const isBare = ['HEAD', 'objects', 'refs'].every(name => names.has(name));
      if (dev !== device || names.has('.git') || isBare) return [`${path}/`];
      return entries.flatMap(each => (each.isDirectory() ? look(`${path}/${each.name}`) : []));
    } catch {
      return [`${path}/`];
    }
  };
  const stat = lstatSync(join(top, folder), { throwIfNoEntry: false });
  if (stat === undefined || stat.isSymbolicLink()) return [];
  // A file of a tool's name is none of a tool's.
  return stat.isDirectory() ? look(folder) : [folder];
}
