// Integrity of a store: whether it holds, unchanged, all that its mark vouches for.
import { readFile } from 'node:fs/promises';
import { rollDigest } from '../../core/commits/hash-chain.js';
import { ZERO_DIGEST } from '../../core/commits/marks.js';
import type { HighWaterMark } from '../../disk/high-water.js';
import { streamName, streamSubject } from '../stream-settings.js';
import { exactRecords, sealOf } from './block.js';
import { blocksIn } from './places.js';
import { surveyLog } from './survey.js';

/** Reads every record of the log. Changes nothing. */
export async function isWhole(store: string, mesh: string, mark: HighWaterMark): Promise<boolean> {
  const stopping = new AbortController().signal;
  const looking = { acknowledged: mark.sequence, onBlock() {}, stopping };
  const { damage } = await surveyLog(store, mesh, looking);
  return damage === undefined && (await digestAt(store, mesh, mark.sequence)) === mark.digest;
}

/** The rolling digest after a commit, hex, of a log in which none is missing before it. */
async function digestAt(store: string, mesh: string, sequence: number): Promise<string> {
  let digest = ZERO_DIGEST;
  for (const { number, file } of await blocksIn(store, mesh)) {
    const seal = sealOf(streamName(mesh), number, streamSubject(mesh));
    for (const record of exactRecords(await readFile(file), seal)) {
      if (record.isTombstone || record.sequence > sequence) continue;
      digest = rollDigest(digest, record.data);
    }
  }
  return Buffer.from(digest).toString('hex');
}
