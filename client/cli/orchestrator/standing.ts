// How the workspace around a shell stands: whose it is, its persona and rules, its agents.
import type { RuntimeName } from '../../setup/targets.js';
import { workspaceOf } from '../../workspace/find.js';
import { readMarker } from '../../workspace/marker.js';
import { readMemory } from '../../workspace/memory.js';
import { usedIn } from '../../workspace/personas.js';
import type { Cli } from '../cli.js';
import { nameFrom } from '../reach/who.js';
import { agentsHere, wiredOf } from './wiring.js';

/** What is told of a workspace. */
export interface WorkspaceStanding {
  path: string;
  /** The name under which its session joins. */
  name: string;
  /** The persona that its SOUL.md names; absent for none. */
  persona?: string;
  /** How many rules its memory holds. */
  rules: number;
  /** Agents on the PATH, by whether they hear of their mail. */
  wired: RuntimeName[];
  unwired: RuntimeName[];
  /** What is wrong with it. */
  fault?: string;
}

/** The workspace in which a shell stands; undefined for none. Nothing is thrown. */
export async function workspaceStanding(cli: Cli): Promise<WorkspaceStanding | undefined> {
  const { world } = cli;
  const path = workspaceOf(world.directory);
  if (path === undefined) return undefined;
  const { name = nameFrom(path.split(/[\\/]/).at(-1) ?? ''), fault } = markerOf(path);
  const here = await agentsHere(world.env);
  const wired = await wiredOf(cli, path, here);
  const persona = usedIn({ workspace: path, global: undefined })?.name;
  return {
    ...{ path, name },
    ...(persona !== undefined && { persona }),
    ...{ rules: readMemory(path).rules.length, wired },
    unwired: here.filter(each => !wired.includes(each)),
    ...(fault !== undefined && { fault }),
  };
}

function markerOf(path: string): { name?: string; fault?: string } {
  try {
    const { name, pending = [] } = readMarker(path) ?? {};
    const isHalf = pending.length > 0 && { fault: 'only half made: signalbox orchestrator init .' };
    return { ...(name !== undefined && { name }), ...isHalf };
  } catch (error) {
    return { fault: (error as Error).message };
  }
}

/** The same for people. */
export function standingLines(workspace: WorkspaceStanding): string[] {
  const { path, name, persona = 'none', rules, wired, unwired, fault } = workspace;
  const agents = [
    ...(wired.length > 0 ? [`wired: ${wired.join(', ')}`] : []),
    ...(unwired.length > 0 ? [`not wired: ${unwired.join(', ')}`] : []),
  ];
  return [
    `workspace ${path}, whose session is ${name}`,
    `  persona: ${persona}   memory: ${rules === 1 ? '1 rule' : `${rules} rules`}`,
    `  ${agents.length === 0 ? 'no agent is on the PATH' : agents.join('   ')}`,
    ...(fault === undefined ? [] : [`  ${fault}`]),
  ];
}
