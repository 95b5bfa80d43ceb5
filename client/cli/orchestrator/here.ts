// The workspace around a shell, and whether who speaks there may change persona and memory.

import { Failure } from '../../terminal/exit.js';
import { acceptWorkspace } from '../../workspace/accepted.js';
import { workspacePlace } from '../../workspace/place.js';
import type { Cli } from '../cli.js';

/** The workspace that a shell stands in. Throws a Failure where it stands in none. */
export function workspaceHere({ world }: Cli): string {
  return workspacePlace(undefined, world.directory);
}

/**
 * Who writes, as it is kept with what is written: a person in a shell of their own, or a session
 * that the broker knows as an orchestrator. A Failure for everybody else. This is a safeguard
 * against mistakes: who can write the folder can write the files.
 */
export async function demandWriter(cli: Cli): Promise<string> {
  const { who, terminal } = cli;
  if (!('agent' in who) && who.runtime === undefined) return `${who.person} (human)`;
  const reach = await cli.reach();
  const { name, role } = await terminal.during('asking', reach.look('peer.whoami', {}));
  if (name !== undefined && (role === 'orchestrator' || role === 'human')) {
    return `${name} (${role})`;
  }
  const whose = name === undefined ? 'this session has not joined' : `${name} is no orchestrator`;
  throw new Failure('unauthorised', `${whose}: persona and memory are its and its person's`, {
    hint: 'ask the orchestrator to remember it: signalbox peers shows who that is',
    refusal: 'forbidden',
  });
}

/**
 * Notes that a workspace is its user's, so that a session which begins there is shown its persona
 * and memory. Only a person's shell says so of words that were there already: a repository could
 * have its agent make a workspace of it.
 */
export function accept({ who, paths }: Cli, workspace: string, isAllOurs: boolean): void {
  const isPerson = !('agent' in who) && who.runtime === undefined;
  if (isPerson || isAllOurs) acceptWorkspace(paths.state, workspace);
}
