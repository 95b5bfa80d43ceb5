// What root makes in the home of somebody else: owned as what it lies in is, so that they keep it.
import { lchownSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Whose a file is to be. */
export interface Owner {
  uid: number;
  gid: number;
}

/** Whose a file at a path becomes; undefined where it is whoever makes it, as for all but root. */
export function ownerFor(path: string): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = statSync(path, { throwIfNoEntry: false }) ?? statSync(dirname(path));
  return { uid, gid };
}

/** Makes a directory and those above it, each owned as the one above; those made. */
export function makeFolders(path: string, mode = 0o700): string[] {
  const first = mkdirSync(path, { recursive: true, mode });
  const made: string[] = [];
  for (let at = path; first !== undefined && at.length >= first.length; at = dirname(at))
    made.push(at);
  for (const folder of made.toReversed()) {
    const owner = ownerFor(dirname(folder));
    if (owner !== undefined) lchownSync(folder, owner.uid, owner.gid);
  }
  return made;
}
