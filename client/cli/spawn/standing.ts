// How the session of a spawn stands now, by its process, its terminal and its claim.

import { isAlive, type ProcessProof } from '../../spawn/proof.js';
import {
  endOf,
  hasBegun,
  isBeginning,
  notedProcess,
  type SpawnRecord,
  spawnFolder,
} from '../../spawn/record.js';
import { paneOf } from '../../spawn/tmux.js';
import { claimantOf } from '../reach/started.js';

/** Where it is on its way. */
export type SpawnState = 'unfinished' | 'starting' | 'running' | 'ended' | 'failed';

/** How a spawn stands. */
export interface SpawnStanding {
  state: SpawnState;
  /** Its first process, while it lives and is proven to be of it. */
  root?: ProcessProof;
  /** How its program ended, as `exit 1`, where that is known. */
  end?: string;
  /** Whether its terminal is still there. */
  hasPane: boolean;
}

/** Looks at a spawn. */
export async function standingOf(state: string, record: SpawnRecord): Promise<SpawnStanding> {
  const { spawn, room, socket } = record;
  const folder = spawnFolder(state, spawn);
  const pane = socket === undefined ? undefined : await paneOf(socket, spawn);
  const noted = record.root ?? notedProcess(folder);
  const isOurs = noted !== undefined && isAlive(noted);
  const end = (pane?.isDead ? pane.end : undefined) ?? endOf(folder);
  const more = { hasPane: pane !== undefined, ...(end && { end }) };
  if (isOurs) {
    const hasJoined = room !== undefined && claimantOf(room, spawn) !== undefined;
    return { state: hasJoined ? 'running' : 'starting', root: noted, ...more };
  }
  if (record.killed) return { state: 'ended', ...more, end: 'killed' };
  if (record.failed !== undefined) return { state: 'failed', ...more };
  if (isBeginning(folder)) return { state: 'starting', ...more };
  return { state: hasBegun(folder) || end !== undefined ? 'ended' : 'unfinished', ...more };
}
