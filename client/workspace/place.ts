// Which folder may be a workspace: one of its own, and no link on the way stays unfollowed.
import { realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { Failure } from '../terminal/exit.js';
import { why } from '../terminal/why.js';
import { workspaceOf } from './find.js';

/**
 * The real path of a folder that is to be a workspace, whether it is there or not. A Failure for
 * a file, the root, a home, and what lies in another workspace.
 */
export function newPlace(typed: string, directory: string, home: string | undefined): string {
  const path = resolve(directory, typed);
  const root = realOrMeant(path);
  if (dirname(root) === root) throw ownFolder(`${root} is the whole system`);
  const yours = home === undefined ? '' : realOrMeant(home);
  if (root === yours) throw ownFolder(`${path} is your home`);
  // Whatever session stood below it would be of the workspace.
  if (yours.startsWith(root + sep)) throw ownFolder(`${path} holds your home`);
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new Failure('usage', `${path} is no folder`);
  }
  const around = workspaceOf(dirname(root));
  if (around !== undefined && workspaceOf(root) !== root) {
    throw ownFolder(`${path} lies in the workspace ${around}`);
  }
  return root;
}

function ownFolder(message: string): Failure {
  return new Failure('usage', message, { hint: 'name a folder of its own for the workspace' });
}

/** What is there is real; below it a path is what was typed. */
function realOrMeant(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' || dirname(path) === path) {
      throw new Failure('failed', `cannot look at ${path}: ${why(error)}`);
    }
    return join(realOrMeant(dirname(path)), path.slice(dirname(path).length + 1));
  }
}

/** The real path of the workspace meant: that of a folder, or around it. A Failure for none. */
export function workspacePlace(typed: string | undefined, directory: string): string {
  const path = resolve(directory, typed ?? '.');
  const root = workspaceOf(realOrMeant(path));
  if (root !== undefined) return root;
  throw new Failure('unknown', `${path} lies in no workspace`, {
    hint: `make one: signalbox orchestrator init ${typed ?? 'DIR'}`,
  });
}
