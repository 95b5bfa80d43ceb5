// One page of the log, read forward or back from any place, within bounds of work and of bytes.
import { limits } from '../../../schemas/limits.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import { formatCursor, gapOf, origin, type Place, placeBefore } from '../../core/cursor.js';
import type { Rights } from '../../core/rows/rights.js';
import type { FoundRecords, RecordsAsked } from '../../core/timeline-reads.js';
import { isMistake } from '../../system/fault.js';
import { pageTurn, type ReadingContext, type Stretch, share, spend } from './catch-up.js';
import { createEventFilter, type EventFilter, type PassedRecord } from './event-filter.js';
import { plainLine } from './record-frame.js';
import { ReplayFeed } from './replay-feed.js';
import { pointAt, startingPoint } from './starting-point.js';

/** A record that was let through, and the digest of its commit where that is known. */
interface Found extends PassedRecord {
  digest?: Uint8Array;
}

/** A page as it is read. */
interface Reading {
  context: ReadingContext;
  feed: ReplayFeed;
  filter: EventFilter;
  /** The stretch: every position from `low` on and below `high` belongs to it. */
  low: number;
  high: number;
  max: number;
  /** In the order of reading. */
  found: Found[];
  /** The end of a commit by its sequence. */
  pointAt(sequence: number): Promise<Place>;
  /** Commits and bytes looked at. */
  commits: number;
  bytes: number;
}

const PER_COMMIT = limits.commit_positions;
const sequenceOf = (position: number) => Math.floor(position / PER_COMMIT);

/**
 * The page that follows `from`, back from it when `reverse` is set. It ends after `max` records,
 * where its answer or what was looked at reaches a bound, or where nothing is left (`end`).
 * Refuses as `startingPoint` does.
 */
export async function readPage(
  context: ReadingContext,
  held: Rights,
  { from, to, max, filter = {}, reverse }: Parsed<'log.read'>,
): Promise<Result<'log.read'> | Refusal> {
  const { door, ring, known } = context;
  const digestAt = (sequence: number) => ring.digestAt(sequence) ?? known.at(sequence)?.digest;
  const places = { last: ring.last, digestAt };
  const start = await startingPoint(door, places, from, reverse ? 'upper' : 'lower');
  if (isRefusal(start)) return start;
  const far = to ?? (reverse ? 'start' : 'now');
  const limit = await startingPoint(door, places, far, reverse ? 'lower' : 'upper');
  if (isRefusal(limit)) return limit;
  const [low, high] = reverse ? [limit, start] : [start, limit];
  const isEmpty = gapOf(low) >= gapOf(high);
  const feed = new ReplayFeed(door, context.feeds, known);
  const reading: Reading = {
    context,
    feed,
    filter: createEventFilter(filter, held),
    low: gapOf(low),
    high: gapOf(high),
    max,
    found: [],
    pointAt: sequence => pointAt(door, places, sequence),
    commits: 0,
    bytes: 0,
  };
  try {
    const seek = await seekBy(reading, { filter, circles: held.circles, isReverse: reverse });
    const stop = await (reverse ? readBack(reading, seek) : readOn(reading, seek));
    await pageTurn(context);
    return await pageOf(reading, reverse, start, stop ?? (isEmpty ? start : limit), !stop);
  } catch (error) {
    if (isMistake(error)) throw error;
    return refuse('unavailable', 'The log cannot be read just now; try again in a moment.');
  } finally {
    await feed.close();
  }
}

/** What the index knows of a long stretch whose records are rare; else a scan will do. */
async function seekBy(
  { context: { door }, low, high, max }: Reading,
  asked: Pick<RecordsAsked, 'filter' | 'circles' | 'isReverse'>,
): Promise<FoundRecords | undefined> {
  const { peers, refs } = asked.filter;
  const isRare = peers !== undefined || refs !== undefined;
  if (!isRare || sequenceOf(high - low) < limits.read_seek_commits) return undefined;
  return door.records?.({ ...asked, from: low, to: high, max });
}

/** Takes from the index what the page has room for; where it stopped, undefined at its end. */
async function takeFound(
  reading: Reading,
  { records, from, to, isCut }: FoundRecords,
  isReverse: boolean,
): Promise<Place | undefined> {
  const { filter, found, max } = reading;
  for (const { time, ...record } of records) {
    if (found.length === max) return placeOf(reading, gapBeyond(found.at(-1)!, isReverse));
    found.push(...filter([{ time, records: [record] }]));
  }
  return isCut ? placeOf(reading, isReverse ? from : to) : undefined;
}

/** The place between a record and those that are read after it. */
function gapBeyond({ record: { position } }: Found, isReverse: boolean): number {
  return isReverse ? position : position + 1;
}

async function placeOf({ pointAt }: Reading, gap: number): Promise<Place> {
  if (gap < PER_COMMIT) return origin;
  return placeBefore(gap, (await pointAt(sequenceOf(gap))).digest);
}

/** Reads forward; where it stopped, undefined at the end of the stretch. */
async function readOn(reading: Reading, seek?: FoundRecords): Promise<Place | undefined> {
  const cut = seek && (await takeFound(reading, seek, false));
  if (cut !== undefined) return cut;
  if (seek !== undefined) reading.low = Math.max(reading.low, seek.to);
  const { found, max, high } = reading;
  if (seek !== undefined && found.length === max && reading.low < high) {
    return placeOf(reading, reading.low);
  }
  const { known } = reading.context;
  const last = sequenceOf(high - 1);
  let before: Stretch | undefined;
  let next = sequenceOf(reading.low);
  while (next <= last) {
    for (const commit of await commitsFrom(reading, next, last)) {
      for (const line of linesOf(reading, commit)) {
        if (found.length === max) {
          // The next page begins within this commit, and so reads it again.
          if (before) known.note(before);
          known.note(commit);
          return placeBefore(line.record.position, line.digest!);
        }
        found.push(line);
      }
      next = commit.sequence + 1;
      before = commit;
      const isFull = found.length === max || isSpent(reading);
      if (!isFull || next > last) continue;
      known.note(commit);
      return commit;
    }
  }
  return undefined;
}

/** Reads back; where it stopped, undefined at the end of the stretch. */
async function readBack(reading: Reading, seek?: FoundRecords): Promise<Place | undefined> {
  if (seek === undefined) return scanBack(reading);
  const { low } = reading;
  // What is not indexed yet comes first.
  reading.low = Math.max(low, seek.to);
  const stop = reading.low < reading.high ? await scanBack(reading) : undefined;
  reading.low = low;
  return stop ?? takeFound(reading, seek, true);
}

async function scanBack(reading: Reading): Promise<Place | undefined> {
  const { found, max } = reading;
  const first = sequenceOf(reading.low);
  let next = sequenceOf(reading.high - 1);
  while (next >= first) {
    const { begin, lines, rest } = await blockUpTo(reading, first, next);
    found.push(...lines.reverse());
    if (rest !== undefined) return placeBefore(rest.record.position + 1, rest.digest!);
    next = begin.sequence - 1;
    const isFull = found.length === max || isSpent(reading);
    if (isFull && next >= first) return placeBefore(begin.sequence * PER_COMMIT, begin.digest);
  }
  return undefined;
}

interface Block {
  /** Its first commit. */
  begin: Stretch;
  /** The last of its records that the page has room for. */
  lines: Found[];
  /** The last one before those. */
  rest: Found | undefined;
}

/** The commits up to `last`: one of the ring, or of the log all since a mark of the fold. */
async function blockUpTo(reading: Reading, first: number, last: number): Promise<Block> {
  const recent = reading.context.ring.at(last);
  if (recent !== undefined) await note(reading, [recent]);
  const from = recent?.sequence ?? Math.max(first, markBefore(last) + 1);
  let commits: readonly Stretch[] = recent ? [recent] : await commitsFrom(reading, from, last);
  const block: Block = { begin: commits[0]!, lines: [], rest: undefined };
  let bytes = 0;
  while (true) {
    for (const line of commits.flatMap(commit => linesOf(reading, commit))) {
      block.lines.push(detached(line));
      bytes += line.record.bytes.length;
      const room = reading.max - reading.found.length;
      while (block.lines.length > room || (bytes > 2 * limits.write_bytes && block.lines[1])) {
        block.rest = block.lines.shift()!;
        bytes -= block.rest.record.bytes.length;
      }
    }
    const next = commits.at(-1)!.sequence + 1;
    if (next > last) break;
    commits = await commitsFrom(reading, next, last);
  }
  await reading.feed.close();
  return block;
}

/** From where the log can be replayed without reading what lies before. */
function markBefore(sequence: number): number {
  return sequence - 1 - ((sequence - 1) % limits.mark_every_commits);
}

/** Some commits from `next` on, at least one. Throws when the log cannot be read. */
async function commitsFrom(
  reading: Reading,
  next: number,
  last: number,
): Promise<readonly Stretch[]> {
  const { ring } = reading.context;
  const { sequence: base } = ring.base();
  const commits =
    next > base
      ? ring.read(next - 1, last, limits.behind_bytes)
      : await reading.feed.read(next - 1, Math.min(last, base), limits.behind_bytes);
  await note(reading, commits);
  return commits;
}

/** Waits for its part of the turn, so that a long page keeps nobody else from being served. */
async function note(reading: Reading, commits: readonly Stretch[]): Promise<void> {
  let bytes = 0;
  for (const commit of commits) bytes += commit.bytes.length + limits.ring_commit_bytes;
  reading.commits += commits.length;
  reading.bytes += bytes;
  spend(reading.context, limits.read_weight_ratio * bytes);
  await share(reading.context);
}

function isSpent({ commits, bytes }: Reading): boolean {
  return commits >= limits.read_page_commits || bytes >= limits.read_page_bytes;
}

/** The records of a commit within the stretch that the filter lets through. */
function linesOf({ filter, low, high }: Reading, commit: Stretch): Found[] {
  return filter([commit])
    .filter(({ record: { position } }) => position >= low && position < high)
    .map(line => ({ ...line, digest: commit.digest }));
}

/** Without the commit around it, of which there may be many for one page. */
function detached(line: Found): Found {
  const { position, type, circles, bytes, void: reason } = line.record;
  return { ...line, record: { position, type, circles, bytes: bytes.slice(), void: reason } };
}

/** What fits one answer, with the cursors around it. */
async function pageOf(
  reading: Reading,
  isReverse: boolean,
  start: Place,
  stop: Place,
  isEnd: boolean,
): Promise<Result<'log.read'>> {
  const { log } = reading.context;
  const cursor = ({ sequence, digest, events }: Place) =>
    formatCursor(log, sequence, digest, events);
  const records: Result<'log.read'>['records'] = [];
  let left = limits.write_bytes;
  for (const line of reading.found) {
    const plain = plainLine(line);
    left -= Buffer.byteLength(JSON.stringify(plain));
    if (left < 0 && records.length > 0) {
      const { position } = line.record;
      const { digest = (await reading.pointAt(sequenceOf(position))).digest } = line;
      const gap = placeBefore(position + (isReverse ? 1 : 0), digest);
      return { records, after: cursor(start), to: cursor(gap), end: false };
    }
    records.push(plain as Result<'log.read'>['records'][number]);
  }
  return { records, after: cursor(start), to: cursor(stop), end: isEnd };
}
