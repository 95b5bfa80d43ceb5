// Records read back from the log at their positions, with the times and verdicts that are indexed.
import { limits } from '../../../../schemas/limits.js';
import { decodeCommit } from '../../../core/commits/commit-bytes.js';
import { CommitRecord } from '../../../core/commits/record.js';
import type { Log } from '../../../log/log.js';
import { timeOf } from '../store/commit-times.js';
import type { IndexView } from '../store/names.js';

/** A record as the log and the index have it. */
export interface ReadRecord {
  record: CommitRecord;
  /** Log time in ms UTC. */
  time: number;
}

/**
 * The records at these positions that are there, in order; of a position that is none, nothing.
 * Rejects when the log cannot be read, and with the signal's reason.
 */
export async function readBack(
  log: Pick<Log, 'read'>,
  store: IndexView,
  positions: Iterable<number>,
  signal?: AbortSignal,
): Promise<ReadRecord[]> {
  const wanted = [...new Set(positions)].sort((a, b) => a - b);
  const runs: number[][] = [];
  for (const position of wanted) {
    const run = runs.at(-1);
    const isNear =
      run !== undefined &&
      sequenceOf(position) - sequenceOf(run.at(-1)!) <= limits.index_near_commits;
    if (isNear) run.push(position);
    else runs.push([position]);
  }
  const found: ReadRecord[] = [];
  for (let n = 0; n < runs.length; n += limits.index_at_once_reads) {
    const some = runs.slice(n, n + limits.index_at_once_reads);
    const parts = await Promise.all(some.map(run => readRun(log, store, run, signal)));
    found.push(...parts.flat());
  }
  return found;
}

/** The commit that a position is in. */
export function sequenceOf(position: number): number {
  return Math.floor(position / limits.commit_positions);
}

async function readRun(
  log: Pick<Log, 'read'>,
  store: IndexView,
  positions: readonly number[],
  signal: AbortSignal | undefined,
): Promise<ReadRecord[]> {
  const found: ReadRecord[] = [];
  let next = 0;
  const [from, to] = [sequenceOf(positions[0]!), sequenceOf(positions.at(-1)!)];
  for await (const { sequence, bytes } of log.read(from, to)) {
    signal?.throwIfAborted();
    const isWanted = () =>
      positions[next] !== undefined && sequenceOf(positions[next]!) === sequence;
    if (!isWanted()) continue;
    const events = decodeCommit(bytes)?.events ?? [];
    const time = timeOf(store, sequence);
    for (; isWanted(); next++) {
      const position = positions[next]!;
      const mark = events[position % limits.commit_positions];
      if (mark === undefined) continue;
      const record = new CommitRecord(position, mark);
      const reason = store.db.get('SELECT reason FROM voids WHERE position = ?', position)?.[0];
      if (reason !== undefined) record.void = store.names.nameOf(Number(reason));
      found.push({ record, time });
    }
  }
  return found;
}
