// Catching up: one reader's walk from where it stands to the head, at the pace of its socket.
import { limits } from '../../../schemas/limits.js';
import { isRefusal } from '../../../schemas/refusal.js';
import { formatCursor, type Point } from '../../core/cursor.js';
import { standingOf } from '../../core/rows/standing.js';
import type { Door } from '../../runtime/door.js';
import { within } from '../../system/deadline.js';
import { isMistake } from '../../system/fault.js';
import type { Semaphore } from '../../system/semaphore.js';
import { doorTime } from '../shared/access.js';
import { type Chunk, createChunk, type Place } from './chunk.js';
import type { Sifted } from './event-filter.js';
import type { Group, Reader } from './groups.js';
import { ReplayFeed } from './replay-feed.js';
import type { Ring } from './ring.js';

/** What all readers walk on. */
export interface Road {
  door: Door;
  log: string;
  ring: Ring;
  /** Who may read the log behind the ring. */
  feeds: Semaphore;
  /** Where the readers at the head stand: all before it has been shown to them. */
  head: Place;
  /** Bytes read in this turn for readers behind the head. */
  behindBytes: number;
  end(reader: Reader): void;
  /** A fault of ours: it is said, and the reader's connection ends, which it will notice. */
  fail(reader: Reader, error: unknown): void;
}

type Stretch = Point & Sifted & { bytes: Uint8Array };

export function placeAt(log: string, { sequence, digest }: Point): Place {
  return { sequence, digest, cursor: formatCursor(log, sequence, digest) };
}

/** Sends the reader its next frame; it stands at the end of it then. */
export function tell(reader: Reader, chunk: Chunk): void {
  reader.outlet.sendEncoded(chunk.frame(reader.outlet.encoding, reader.told));
  reader.told = chunk.to;
  reader.toldLive = chunk.isLive;
}

/** Leaves the reader where it is; it walks on once its socket has room. */
export function park(road: Road, reader: Reader): void {
  reader.group.live.delete(reader);
  reader.outlet.whenWritable(() => setOut(road, reader));
}

/** The token it began with must be good, and so must the peer it speaks for by now. */
export function isAllowed({ door }: Road, { token, outlet }: Reader): boolean {
  const { peer } = outlet.author;
  return !isRefusal(standingOf(door.table, { token, ...(peer && { peer }) }, doorTime(door)));
}

/** Begins to catch up. */
export function setOut(road: Road, reader: Reader): void {
  catchUp(road, reader).catch(error => road.fail(reader, error));
}

/** Walks until the reader is at the head, its socket is full, or it is no more. */
async function catchUp(road: Road, reader: Reader): Promise<void> {
  const feed = new ReplayFeed(road.door, road.feeds);
  let place = reader.told;
  let toldAt = road.door.now();
  try {
    while (await hasRoom(road, reader, feed)) {
      const chunk = await nextChunk(road, reader.group, feed, place);
      if (reader.isEnded) return;
      if (!isAllowed(road, reader)) return road.end(reader);
      if (chunk === undefined) continue;
      if (isNews(chunk, reader) || road.door.now() - toldAt >= limits.advance_every_ms) {
        tell(reader, chunk);
        toldAt = road.door.now();
      }
      place = chunk.to;
      if (place.sequence === road.head.sequence) {
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

async function hasRoom(road: Road, reader: Reader, feed: ReplayFeed): Promise<boolean> {
  while (!reader.isEnded) {
    if (reader.outlet.writable()) return true;
    // Opening a feed costs a round trip, so it outlasts a socket that is only just full.
    if (!feed.isOpen() || road.feeds.waiting > 0 || !(await isBrief(reader))) {
      park(road, reader);
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
  road: Road,
  group: Group,
  feed: ReplayFeed,
  place: Place,
): Promise<Chunk | undefined> {
  await share(road);
  const base = road.ring.base();
  if (place.sequence >= base.sequence) return ringChunk(road, group, place);
  try {
    const commits = await feed.read(place.sequence, base.sequence, limits.behind_bytes);
    return chunkOf(road, group, place, commits);
  } catch (error) {
    if (isMistake(error)) throw error;
    // The log is away or restarting: the reader stands where it stood and tries again.
    await feed.close();
    await new Promise(resolve => setTimeout(resolve, limits.replay_retry_ms));
    return undefined;
  }
}

/** Readers of one group who stand at one place in one turn share the chunk. */
function ringChunk(road: Road, group: Group, place: Place): Chunk {
  const known = group.behind.get(place.sequence);
  if (known !== undefined) return known;
  const commits = road.ring.read(place.sequence, road.head.sequence, limits.behind_bytes);
  const chunk = chunkOf(road, group, place, commits);
  if (group.behind.size === 0) setImmediate(() => group.behind.clear());
  group.behind.set(place.sequence, chunk);
  return chunk;
}

/** Waits while those behind the head have had their part of this turn. */
async function share(road: Road): Promise<void> {
  while (road.behindBytes >= limits.behind_turn_bytes) await nextTurn();
}

function spend(road: Road, bytes: number): void {
  if (road.behindBytes === 0) {
    setImmediate(() => {
      road.behindBytes = 0;
    });
  }
  road.behindBytes += bytes;
}

function chunkOf(road: Road, group: Group, place: Place, commits: readonly Stretch[]): Chunk {
  spend(
    road,
    commits.reduce((sum, { bytes }) => sum + bytes.length, 0),
  );
  const last = commits.at(-1);
  const to = last === undefined ? place : placeAt(road.log, last);
  const isLive = to.sequence === road.head.sequence;
  return createChunk(group.id, group.sieve(commits), to, isLive);
}

function nextTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
