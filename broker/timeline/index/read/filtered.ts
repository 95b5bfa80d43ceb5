// The records that a filter may let pass, for who reads the log: a seek instead of a scan.
import { limits } from '../../../../schemas/limits.js';
import type { FoundRecords, RecordsAsked } from '../../../core/timeline-reads.js';
import { filterFacets } from './filter-facets.js';
import { readBack } from './read-back.js';
import { conditionOf, newest, oldest, type Walked } from './record-search.js';
import type { SearchGround } from './search.js';

/** Records read back between two looks at the clock. */
const AT_ONCE = 64;

/**
 * Those of the stretch that is indexed, in `limits.search_ms` of looking and one shard more at
 * most; they end where a page of the log would be full of bytes, or half of the time is over that
 * who asks waits.
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
  let bytes = 0;
  for (let n = 0; n < walked.positions.length; n += AT_ONCE) {
    // Who waits would not wait for the rest, and have nothing of what was read.
    if (n > 0 && elapsed() - began >= limits.index_records_wait_ms / 2) {
      return { ...found, ...cutBehind(walked.positions[n - 1]!, isReverse), isCut: true };
    }
    const read = await readBack(log, store, walked.positions.slice(n, n + AT_ONCE), signal);
    if (isReverse) read.reverse();
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
  }
  return found;
}

/** The stretch that ends with a position, in the order of reading. */
function cutBehind(position: number, isReverse: boolean) {
  return isReverse ? { from: position } : { to: position + 1 };
}

/** How far the walk went, within what was asked for. */
function reached({ at }: Walked, isReverse: boolean, { from, to }: { from: number; to: number }) {
  if (at === undefined) return {};
  return isReverse
    ? { from: Math.max(at, from), isCut: at > from }
    : { to: Math.min(at, to), isCut: at < to };
}
