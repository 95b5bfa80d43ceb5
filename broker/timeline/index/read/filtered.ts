// The records that a filter may let pass, for who reads the log: a seek instead of a scan.
import { limits } from '../../../../schemas/limits.js';
import type { FoundRecords, RecordsAsked } from '../../../core/timeline-reads.js';
import { filterFacets } from './filter-facets.js';
import { readBack } from './read-back.js';
import { conditionOf, newest, oldest, type Walked } from './record-search.js';
import type { SearchGround } from './search.js';

/**
 * Those of the stretch that is indexed, in `limits.search_ms` of looking and one shard more at
 * most; they end where a page of the log would be full of bytes.
 */
export async function filtered(
  { store, log, elapsed }: SearchGround,
  { filter, circles, from, to, isReverse, max }: RecordsAsked,
  signal: AbortSignal,
): Promise<FoundRecords> {
  const high = Math.max(from, Math.min(to, store.cursor.position + 1));
  const condition = conditionOf({ facets: filterFacets(store, { filter, circles }) });
  const whole = { records: [], from, to: high, isCut: false };
  if (condition === undefined || from >= high) return whole;
  const began = elapsed();
  const isLate = () => elapsed() - began >= limits.search_ms;
  const walk = isReverse ? newest : oldest;
  const walked = walk(store, condition, { from, to: high }, max, isLate);
  const found: FoundRecords = { ...whole, ...reached(walked, isReverse, whole) };
  const read = await readBack(log, store, walked.positions, signal);
  if (isReverse) read.reverse();
  let bytes = 0;
  for (const { record, time } of read) {
    const { position, type, circles: touched } = record;
    bytes += record.bytes.length;
    if (bytes > limits.write_bytes && found.records.length > 0) {
      const cut = isReverse ? { from: position + 1 } : { to: position };
      return { ...found, ...cut, isCut: true };
    }
    // Without the commit around it, which would go from thread to thread as well.
    const told = { position, time, type, circles: touched, bytes: record.bytes.slice() };
    found.records.push(record.void === undefined ? told : { ...told, void: record.void });
  }
  return found;
}

/** How far the walk went, within what was asked for. */
function reached({ at }: Walked, isReverse: boolean, { from, to }: { from: number; to: number }) {
  if (at === undefined) return {};
  return isReverse
    ? { from: Math.max(at, from), isCut: at > from }
    : { to: Math.min(at, to), isCut: at < to };
}
