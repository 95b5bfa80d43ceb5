// The check of the store before a server starts: all acknowledged is there, or nothing is touched.
import { access, constants, open, rm } from 'node:fs/promises';
import { limits } from '../../../schemas/limits.js';
import { BrokenHistory } from '../../core/fold.js';
import type { Clock } from '../../system/clock.js';
import {
  type BlockDigest,
  type KnownBlocks,
  readBlockDigests,
  writeBlockDigests,
} from './block-digests.js';
import { isMetaWhole, writeMeta } from './meta.js';
import { blocksIn, indexesIn, meshesIn, storeOf } from './places.js';
import { CURE, surveyLog } from './survey.js';

export interface Readying {
  dataDir: string;
  mesh: string;
  /** The last sequence that was acknowledged. */
  acknowledged: number;
  clock: Clock;
  stopping: AbortSignal;
  onProgress(line: string): void;
}

/**
 * No server may run on the store. Throws BrokenHistory, with nothing touched, when a commit that
 * was acknowledged cannot be read. What follows from the commits alone is made again.
 */
export async function readyStore(readying: Readying): Promise<void> {
  const { dataDir, mesh, acknowledged, clock, stopping, onProgress } = readying;
  const store = storeOf(dataDir);
  await demandMesh(store, mesh);
  const began = clock.elapsed();
  let told = began + limits.start_progress_ms;
  const onBlock = (done: number, count: number) => {
    if (clock.elapsed() < told || done === count) return;
    told += limits.start_progress_ms;
    onProgress(`checking the log: block ${done} of ${count}`);
  };
  const known = await readBlockDigests(dataDir, mesh);
  const looking = { acknowledged, onBlock, stopping, known };
  const { damage, torn, blocks } = await surveyLog(store, mesh, looking);
  if (damage !== undefined) throw new BrokenHistory(`${damage} ${CURE}`);
  if (torn !== undefined) await cut(torn);
  // The next start only has more to read without it.
  if (isNews(blocks, known)) await writeBlockDigests(dataDir, mesh, blocks).catch(() => {});
  const newest = (await blocksIn(store, mesh)).at(-1);
  // A server that may not write on in it stands still without a word.
  if (newest !== undefined) await access(newest.file, constants.R_OK | constants.W_OK);
  if (newest !== undefined && !(await isMetaWhole(store, mesh))) {
    onProgress('what the store said of the stream was damaged, and is written anew');
    await writeMeta(store, mesh, new Date(clock.now()).toISOString());
  }
  // A server believes these, and a stale or damaged one may cost commits.
  for (const index of await indexesIn(store, mesh)) await rm(index, { recursive: true });
}

function isNews(blocks: readonly BlockDigest[], known: KnownBlocks): boolean {
  const isKnown = ({ number, digest }: BlockDigest) => known.get(number)?.digest === digest;
  return blocks.length !== known.size || !blocks.every(isKnown);
}

async function demandMesh(store: string, mesh: string): Promise<void> {
  const meshes = await meshesIn(store);
  if (meshes.length === 0 || meshes.includes(mesh)) return;
  throw new BrokenHistory(
    `The log here belongs to mesh "${meshes[0]}"; start with --mesh ${meshes[0]}.`,
  );
}

/** A last write that a killed server did not finish; nobody was told of it. */
async function cut({ file, at }: { file: string; at: number }): Promise<void> {
  const block = await open(file, 'r+');
  try {
    await block.truncate(at);
    await block.sync();
  } finally {
    await block.close();
  }
}
