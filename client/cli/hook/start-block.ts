// The block of a workspace for the session that orchestrates there; for anybody else nothing.
import { join } from 'node:path';
import type { Role } from '../../../schemas/common.js';
import { workspaceOf } from '../../workspace/find.js';
import type { Surroundings } from '../cli.js';
import { readSettings } from '../config/settings.js';
import { findPerson } from '../reach/identity.js';
import { roomsIn, userPaths } from '../reach/paths.js';
import { habitsIn, whoSpeaks } from '../reach/who.js';

/**
 * What a session with this role is told as it begins in a folder. Empty where it is no
 * orchestrator's, or the folder in no workspace, which is all that most sessions cost.
 */
export async function startBlock(
  { env, home }: Surroundings,
  directory: string,
  role: Role | undefined,
): Promise<string> {
  if (role !== 'orchestrator') return '';
  const workspace = workspaceOf(directory);
  if (workspace === undefined) return '';
  // A file of its own in the bundle: no other start of a hook is to be slower for it.
  const { blockIn } = await import('../../workspace/session-block.js');
  const { state, config } = userPaths(env, home);
  return blockIn(state, { workspace, global: join(config, 'personas') });
}

/**
 * The role of a session as far as one can tell without a broker: that of its identity, where it
 * has joined before, else the one that it would join with. `world` is that of its shell.
 */
export async function roleAlone(world: Surroundings): Promise<Role | undefined> {
  const { env, home, directory } = world;
  const settings = readSettings({ env, directory, ...(home !== undefined && { home }) });
  const who = whoSpeaks(world, undefined, habitsIn(settings));
  if ('agent' in who) return undefined;
  for (const room of await roomsIn(userPaths(env, home).state, undefined)) {
    const { profile } = (await findPerson(room, who.key)) ?? {};
    if (profile !== undefined) return profile.role;
  }
  return who.started?.role ?? who.role;
}
