// Retires the peer of a spawned session: for good where this shell may, else by its own word.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RefusalError } from '../../sdk/errors.js';
import type { SpawnRecord } from '../../spawn/record.js';
import { isLockedOut, settled } from '../reach/calls.js';
import type { Reach } from '../reach/reach.js';
import { claimantOf, seatFile } from '../reach/started.js';

/** True once it is gone, also where it was before. Rejects where the broker does not answer. */
export async function retirePeer(reach: Reach, record: SpawnRecord): Promise<boolean> {
  const { peer } = record;
  if (peer === undefined) return true;
  try {
    await reach.read('peer.kill', { peer });
    return true;
  } catch (error) {
    if (!(error instanceof RefusalError)) throw error;
    if (isGone(error)) return true;
  }
  const credential = await credentialOf(record);
  if (credential === undefined) return false;
  return settled(reach.site.brokers, credential, 'peer.leave', {}).then(
    () => true,
    (error: Error) => {
      if (isLockedOut(error) || (error instanceof RefusalError && isGone(error))) return true;
      throw error;
    },
  );
}

function isGone({ refusal }: RefusalError): boolean {
  return refusal === 'peer_retired' || refusal === 'peer_unknown';
}

/** Where its identity lies: with its session, or as it was made. */
export function identityFiles({ room, spawn }: SpawnRecord): string[] {
  if (room === undefined) return [];
  const key = claimantOf(room, spawn);
  return [seatFile(room, spawn), ...(key === undefined ? [] : [join(room, `${key}.json`)])];
}

async function credentialOf(record: SpawnRecord): Promise<string | undefined> {
  for (const file of identityFiles(record)) {
    const text = await readFile(file, 'utf8').catch(() => '');
    try {
      const { peer, secret } = Object(JSON.parse(text));
      if (peer === record.peer && typeof secret === 'string') return `${peer}.${secret}`;
    } catch {
      // None there, or damaged: another may be.
    }
  }
  return undefined;
}
