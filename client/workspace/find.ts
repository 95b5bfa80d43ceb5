// The workspace that a directory lies in: a folder with our marker, told without reading it.
import { lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What makes a folder a workspace, as a path in it. */
export const MARKER = '.signalbox/workspace.json';

/**
 * The nearest folder at or above a directory that is a workspace; undefined for none. It ends at
 * the top of a work tree: a repository that lies in a workspace is not of it. Hooks call this, so
 * it loads nothing of ours, and nothing is thrown.
 */
export function workspaceOf(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    if (isWorkspace(at)) return at;
    if (statsOf(join(at, '.git')) !== undefined || dirname(at) === at) return undefined;
  }
}

/**
 * True where the marker is a file of this user, or of root: whoever may write to a folder above,
 * as to /tmp, is not to choose what a session there is told.
 */
function isWorkspace(folder: string): boolean {
  const found = statsOf(join(folder, MARKER));
  return found?.isFile() === true && [0, process.getuid?.() ?? found.uid].includes(found.uid);
}

function statsOf(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // What may not be looked into is nobody's workspace here.
    return undefined;
  }
}
