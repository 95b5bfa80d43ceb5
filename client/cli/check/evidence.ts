// Evidence that hooks fire: when the last hook of each agent's sessions ran, and which had none.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { span } from '../../terminal/times.js';
import { hooksDirectory } from '../hook/session-files.js';
import { type Finding, fault, remark, well } from './finding.js';
import { objectIn, readSmall } from './read-small.js';

/** A session of an agent that joined from here. */
export interface SeenSession {
  /** As `runtimeOf` names it. */
  runtime: string;
  peer: string;
  name: string;
  /** Epoch ms at which its identity was last written. */
  joined_at: number;
  /** Epoch ms of its last hook; absent when none ran. */
  hook_at?: number;
}

/** The sessions that left their identity here, of any log. */
export async function sessionsIn(state: string): Promise<SeenSession[]> {
  const rooms = (await readdir(state).catch(() => [])).filter(name => name.startsWith('log_'));
  const found = await Promise.all(rooms.map(room => sessionsOf(join(state, room))));
  return found.flat();
}

async function sessionsOf(room: string): Promise<SeenSession[]> {
  const names = (await readdir(room).catch(() => [])).filter(name => name.endsWith('.json'));
  const reads = names.slice(0, limits.doctor_files).map(async name => {
    const file = join(room, name);
    const { peer, name: called, profile } = objectIn(await readSmall(file)) ?? {};
    const { runtime } = Object(profile);
    if (typeof peer !== 'string' || typeof runtime !== 'string') return [];
    const left = hooksDirectory(room, peer);
    const [made, hooks] = await Promise.all([timeOf(file), timeOf(left)]);
    if (made === undefined || (hooks !== undefined && (await isUnclear(left)))) return [];
    const hook = hooks === undefined ? {} : { hook_at: hooks };
    return [{ runtime, peer, name: String(called), joined_at: made, ...hook }];
  });
  return (await Promise.all(reads)).flat();
}

/** A directory is written at each hook: its lock is taken and given back. */
function timeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

/** Where there is nothing but the file that wakes, hooks may have made it, or whoever wakes. */
async function isUnclear(directory: string): Promise<boolean> {
  const names = await readdir(directory).catch(() => []);
  return names.length === 1 && names[0] === 'signal';
}

/** What is asked about a runtime whose hooks are wired. */
export interface Wired {
  what: string;
  /** As `runtimeOf` names it. */
  runtime: string;
  /** Epoch ms since when its hooks are wired. */
  since: number;
  now: number;
}

/** Whether hooks of a runtime were seen to fire since they were wired. */
export function judgeSessions(sessions: readonly SeenSession[], wired: Wired): Finding {
  const { what, runtime, since, now } = wired;
  const own = sessions.filter(session => session.runtime === runtime);
  const fired = own.filter(({ hook_at }) => hook_at !== undefined);
  const last = fired.toSorted((a, b) => (b.hook_at ?? 0) - (a.hook_at ?? 0))[0];
  const silent = own.filter(({ hook_at, joined_at }) => hook_at === undefined && joined_at > since);
  const begin = `start ${runtime} and say something; then look again`;
  const ago = (at: number) => span(Math.max(0, now - at) / 1_000);
  if (last?.hook_at !== undefined && (last.hook_at > since || silent.length === 0)) {
    return well(what, `the last hook ran ${ago(last.hook_at)} ago, in ${last.name}`);
  }
  const [first] = silent.toSorted((a, b) => b.joined_at - a.joined_at);
  if (first === undefined) return remark(what, 'no hook was seen yet', begin);
  const detail = `${first.name} joined ${ago(first.joined_at)} ago, and none of its hooks ran`;
  return fault(
    what,
    detail,
    `${runtime} passes over hooks that it was not told to trust: ${begin}`,
  );
}
