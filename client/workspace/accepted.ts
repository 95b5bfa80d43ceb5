// Acceptance of workspaces: that this user made one here, or began a session in it by its verb.
import { appendFileSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../setup/owner.js';
import { Failure } from '../terminal/exit.js';
import { why } from '../terminal/why.js';
import { readInner } from './inner-file.js';

/** One line a workspace, in the user's state directory. */
export const LIST = 'workspaces';

/**
 * Notes that a workspace is its user's: a session that begins there is told what it holds. A
 * repository may come from anybody, its marker with it, and what is told at a start stands where
 * its own AGENTS.md never would. Throws a Failure where that cannot be kept.
 */
export function acceptWorkspace(state: string, workspace: string): void {
  if (isAccepted(state, workspace)) return;
  try {
    makeFolders(state);
    const line = `${JSON.stringify(realpathSync(workspace))}\n`;
    appendFileSync(join(state, LIST), line, { mode: 0o600 });
  } catch (error) {
    throw new Failure('failed', `cannot note the workspace in ${state}: ${why(error)}`);
  }
}

/** Whether a folder holds anything that a session would be told of: a repository may bring that. */
export function holdsWords(folder: string): boolean {
  try {
    return readdirSync(folder).some(name => TOLD.includes(name.toLowerCase()));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

const TOLD = ['soul.md', 'personas', 'memory', 'projects.md'];

/** Whether a workspace was accepted here. Nothing is thrown: what cannot be told was not. */
export function isAccepted(state: string, workspace: string): boolean {
  try {
    const found = readInner(state, join(state, LIST));
    if (found === undefined || 'fault' in found) return false;
    return found.text.split('\n').includes(JSON.stringify(realpathSync(workspace)));
  } catch {
    return false;
  }
}
