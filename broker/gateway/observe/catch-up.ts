// Catch-up reads: one observer's way from where it stands to the head, at its socket's pace.
import { limits } from '../../../schemas/limits.js';
import { isRefusal } from '../../../schemas/refusal.js';
import { formatCursor, gapOf, type Place, type Point } from '../../core/cursor.js';
import { standingOf } from '../../core/rows/standing.js';
import type { Door } from '../../runtime/door.js';
import { within } from '../../system/deadline.js';
import { isMistake } from '../../system/fault.js';
import type { Semaphore } from '../../system/semaphore.js';
import { doorTime } from '../shared/access.js';
import { type Chunk, type CursorPoint, createChunk } from './chunk.js';
import type { FilterInput } from './event-filter.js';
import type { Group, Reader } from './groups.js';
import type { KnownPoints } from './known-points.js';
import { ReplayFeed } from './replay-feed.js';
import type { Ring } from './ring.js';

/** What all readers walk on. */
export interface ReadingContext {
  door: Door;
  log: string;
  ring: Ring;
  /** Who may read the log behind the ring. */
  feeds: Semaphore;
  /** What came up to here has been handed to the groups. */
  head: CursorPoint;
  /** Where pages ended that were read from the log. */
  known: KnownPoints;
  /** Bytes read in this turn for readers behind the head. */
  behindBytes: number;
  /** A page was made in this turn. */
  isPaged: boolean;
  /** Shows a group what is being gathered for it. */
  show(group: Group): void;
  end(reader: Reader): void;
  /** A fault of ours: it is said, and the reader's connection ends, which it will notice. */
  fail(reader: Reader, error: unknown): void;
}

/** A commit, as ring and replay hold it. */
export type Stretch = Point & FilterInput & { bytes: Uint8Array };

/** The end of a commit with the cursor that says so. */
export function placeAt(log: string, { sequence, digest }: Point): CursorPoint {
  return { sequence, digest, cursor: formatCursor(log, sequence, digest) };
}

/** The same for a place within a commit: before that commit, of which a part was told already. */
export function placeWithin(log: string, place: Place): CursorPoint {
  const { sequence, digest, events } = place;
  if (events === undefined) return placeAt(log, place);
  const cursor = formatCursor(log, sequence, digest, events);
  return { sequence: sequence - 1, digest, cursor, toldBelow: gapOf(place) };
}

/** Sends the reader its next frame; it stands at the end of it then. */
export function sendChunk(reader: Reader, chunk: Chunk): void {
  reader.outlet.sendEncoded(chunk.frame(reader.outlet.encoding, reader.told));
  reader.told = chunk.to;
  reader.toldLive = chunk.isLive;
}

/** Leaves the reader where it is; it walks on once its socket has room. */
export function waitForRoom(context: ReadingContext, reader: Reader): void {
  reader.group.live.delete(reader);
  reader.outlet.whenWritable(() => startCatchUp(context, reader));
}

/** The token it began with must be good, and so must the peer it speaks for by now. */
export function isAllowed({ door }: ReadingContext, { token, outlet }: Reader): boolean {
  const { peer } = outlet.author;
  return !isRefusal(standingOf(door.table, { token, ...(peer && { peer }) }, doorTime(door)));
}

/** Begins to catch up. */
export function startCatchUp(context: ReadingContext, reader: Reader): void {
  catchUp(context, reader).catch(error => context.fail(reader, error));
}

/** Walks until the reader is at the head, its socket is full, or it is no more. */
async function catchUp(context: ReadingContext, reader: Reader): Promise<void> {
  const feed = new ReplayFeed(context.door, context.feeds);
  let place = reader.told;
  let toldAt = context.door.now();
  try {
    while (await hasRoom(context, reader, feed)) {
      // Whoever begins beyond what its group was shown need not wait for the others' news.
      if (place.sequence > reader.group.head.sequence) context.show(reader.group);
      const chunk = await nextChunk(context, reader.group, feed, place);
      if (reader.isEnded) return;
      if (!isAllowed(context, reader)) return context.end(reader);
      if (chunk === undefined) continue;
      const isDue = place.toldBelow !== undefined || isNews(chunk, reader);
      if (isDue || context.door.now() - toldAt >= limits.advance_every_ms) {
        sendChunk(reader, chunk);
        toldAt = context.door.now();
      }
      place = chunk.to;
      if (place.sequence === reader.group.head.sequence) {
        reader.group.live.add(reader);
        return;
      }
      await nextTurn();
    }
  } finally {
    await feed.close();
  }
}

/** Records, or that it is at the head: a reader that is told neither advances silently. */
function isNews(chunk: Chunk, reader: Reader): boolean {
  return chunk.count > 0 || (chunk.isLive && reader.toldLive !== true);
}

async function hasRoom(
  context: ReadingContext,
  reader: Reader,
  feed: ReplayFeed,
): Promise<boolean> {
  while (!reader.isEnded) {
    if (reader.outlet.writable()) return true;
    // Opening a feed costs a round trip, so it outlasts a socket that is only just full.
    if (!feed.isOpen() || context.feeds.waiting > 0 || !(await isBrief(reader))) {
      waitForRoom(context, reader);
      return false;
    }
  }
  return false;
}

/** Waits for room for a short while only. */
function isBrief({ outlet }: Reader): Promise<boolean> {
  const isRoomy = new Promise<boolean>(resolve => outlet.whenWritable(() => resolve(true)));
  return within(isRoomy, limits.replay_hold_ms, false);
}

/** What comes after `place`, from the ring or from the log; undefined when neither can tell now. */
async function nextChunk(
  context: ReadingContext,
  group: Group,
  feed: ReplayFeed,
  place: CursorPoint,
): Promise<Chunk | undefined> {
  await share(context);
  const base = context.ring.base();
  const isRecent = place.sequence >= base.sequence;
  const isWhole = place.toldBelow === undefined;
  if (isRecent && isWhole) return ringChunk(context, group, place);
  try {
    const commits = isRecent
      ? context.ring.read(place.sequence, place.sequence + 1, 0)
      : await feed.read(place.sequence, base.sequence, isWhole ? limits.behind_bytes : 0);
    return chunkOf(context, group, place, commits);
  } catch (error) {
    if (isMistake(error)) throw error;
    // The log is away or restarting: the reader stands where it stood and tries again.
    await feed.close();
    await new Promise(resolve => setTimeout(resolve, limits.replay_retry_ms));
    return undefined;
  }
}

/** Readers of one group who stand at one place in one turn share the chunk. */
function ringChunk(context: ReadingContext, group: Group, place: CursorPoint): Chunk {
  const known = group.behind.get(place.sequence);
  if (known !== undefined) return known;
  const commits = context.ring.read(place.sequence, group.head.sequence, limits.behind_bytes);
  const chunk = chunkOf(context, group, place, commits);
  if (group.behind.size === 0) setImmediate(() => group.behind.clear());
  group.behind.set(place.sequence, chunk);
  return chunk;
}

/** Waits while those behind the head have had their part of this turn. */
export async function share(context: ReadingContext): Promise<void> {
  while (context.behindBytes >= limits.behind_turn_bytes) await nextTurn();
}

/** Counts bytes read behind the head in this turn. */
export function spend(context: ReadingContext, bytes: number): void {
  if (context.behindBytes === 0) {
    setImmediate(() => {
      context.behindBytes = 0;
    });
  }
  context.behindBytes += bytes;
}

/** Waits for a turn in which nobody has made a page: decoding and telling one takes a while. */
export async function pageTurn(context: ReadingContext): Promise<void> {
  while (context.isPaged) await nextTurn();
  context.isPaged = true;
  setImmediate(() => {
    context.isPaged = false;
  });
}

function chunkOf(
  context: ReadingContext,
  group: Group,
  place: CursorPoint,
  commits: readonly Stretch[],
): Chunk {
  spend(
    context,
    commits.reduce((sum, { bytes }) => sum + bytes.length, 0),
  );
  const last = commits.at(-1);
  const to = last === undefined ? place : placeAt(context.log, last);
  const isLive = to.sequence === group.head.sequence;
  const lines = group.filter(commits);
  const { toldBelow } = place;
  const news = toldBelow ? lines.filter(({ record }) => record.position >= toldBelow) : lines;
  const passage = { log: context.log, commits, lines: news };
  return createChunk(group.id, passage, to, isLive);
}

function nextTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
