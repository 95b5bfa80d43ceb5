// Fan-out of the log: who observes it, and what each commit that comes means for those at its head.
import { limits } from '../../../schemas/limits.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import { standingOf } from '../../core/rows/standing.js';
import type { Author, FoldedCommit } from '../../core/words.js';
import type { Door } from '../../runtime/door.js';
import { Semaphore } from '../../system/semaphore.js';
import { doorTime } from '../shared/access.js';
import type { LogOutlet } from '../shared/outlet.js';
import {
  isAllowed,
  placeAt,
  placeWithin,
  type ReadingContext,
  sendChunk,
  startCatchUp,
  waitForRoom,
} from './catch-up.js';
import { createChunk } from './chunk.js';
import { createGroups, type Group, type Reader } from './groups.js';
import { readHistogram } from './histogram.js';
import { KnownPoints } from './known-points.js';
import { readPage } from './read-page.js';
import { createRing } from './ring.js';
import { startingPoint } from './starting-point.js';

export interface Fanout {
  /**
   * Begins to send the log as `log.records`; the first frame follows in the turn after the promise
   * resolved, so that it comes after the answer. Observing the same again moves to the new place.
   * Refuses with `cursor_foreign`, `cursor_diverged`, `cursor_ahead`, `invalid`, `unauthorized`,
   * `unavailable`.
   */
  observe(
    outlet: LogOutlet,
    params: Parsed<'log.observe'>,
  ): Promise<{ subscription: string } | Refusal>;
  /** A page of the log; refuses as `observe` does. */
  read(author: Author, params: Parsed<'log.read'>): Promise<Result<'log.read'> | Refusal>;
  /** How much happened when; refuses as `observe` does. */
  histogram(
    author: Author,
    params: Parsed<'log.histogram'>,
  ): Promise<Result<'log.histogram'> | Refusal>;
  /** False when the connection has no such subscription. */
  unobserve(outlet: LogOutlet, subscription: string): boolean;
  close(): void;
  stats(): FanoutStats;
}

/** How many observe, and how many of them are not at the head. */
export interface FanoutStats {
  subscriptions: number;
  behind: number;
  /** How far the last of those behind is from the head. */
  behindCommits: number;
  ringCommits: number;
}

/** Listens from now on; what was folded before is read back when somebody asks for it. */
export function createFanout(
  door: Door,
  ringBytes: number = limits.ring_bytes,
  onFault: (error: unknown) => void = () => {},
): Fanout {
  return new LogFanout(door, ringBytes, onFault);
}

class LogFanout implements Fanout {
  readonly #context: ReadingContext;
  readonly #groups = createGroups(() => this.#context.head);
  readonly #readers = new Map<LogOutlet, Set<Reader>>();
  readonly #histograms = new Semaphore(1);
  readonly #unlisten: () => void;
  /** Folded in this turn and not yet shown. */
  #fresh: FoldedCommit[] = [];
  #freshBytes = 0;

  constructor(door: Door, ringBytes: number, onFault: (error: unknown) => void) {
    const { log, sequence, digest } = door.info();
    const start = { sequence, digest };
    this.#context = {
      door,
      log,
      ring: createRing(start, ringBytes),
      feeds: new Semaphore(limits.replay_feeds),
      head: placeAt(log, start),
      known: new KnownPoints(),
      behindBytes: 0,
      isPaged: false,
      show: group => this.#showGroup(group),
      end: reader => this.#end(reader),
      fail: (reader, error) => {
        onFault(error);
        this.#end(reader);
        reader.outlet.fail();
      },
    };
    this.#unlisten = door.listen(commit => this.#take(commit));
  }

  async observe(
    outlet: LogOutlet,
    { from, filter = {} }: Parsed<'log.observe'>,
  ): Promise<{ subscription: string } | Refusal> {
    const { door, ring, log } = this.#context;
    const readers = this.#readersOf(outlet);
    const point = await startingPoint(door, ring, from);
    if (isRefusal(point)) return point;
    const held = standingOf(door.table, outlet.author, doorTime(door));
    if (isRefusal(held)) return held;
    if (this.#readers.get(outlet) !== readers) {
      return refuse('unauthorized', 'The connection has ended; connect again.');
    }
    const reader = this.#groups.enter(outlet, filter, held, placeWithin(log, point));
    for (const other of readers) if (other.group === reader.group) this.#end(other);
    if (readers.size >= limits.socket_subscriptions) {
      this.#groups.leave(reader);
      return refuse(
        'invalid',
        `This connection observes ${readers.size} times already; use log.unobserve first.`,
      );
    }
    readers.add(reader);
    setImmediate(() => startCatchUp(this.#context, reader));
    return { subscription: reader.group.id };
  }

  async read(author: Author, params: Parsed<'log.read'>): Promise<Result<'log.read'> | Refusal> {
    const { door } = this.#context;
    const held = standingOf(door.table, author, doorTime(door));
    return isRefusal(held) ? held : readPage(this.#context, held, params);
  }

  async histogram(
    author: Author,
    params: Parsed<'log.histogram'>,
  ): Promise<Result<'log.histogram'> | Refusal> {
    const { door } = this.#context;
    const held = standingOf(door.table, author, doorTime(door));
    if (isRefusal(held)) return held;
    // One at a time: each looks at a good part of the log.
    await this.#histograms.enter();
    try {
      return await readHistogram(this.#context, held, params);
    } finally {
      this.#histograms.leave();
    }
  }

  unobserve(outlet: LogOutlet, subscription: string): boolean {
    for (const reader of this.#readers.get(outlet) ?? []) {
      if (reader.group.id !== subscription) continue;
      this.#end(reader);
      return true;
    }
    return false;
  }

  close(): void {
    this.#unlisten();
    this.#fresh = [];
    for (const { gathering } of this.#groups.all()) clearTimeout(gathering);
    for (const outlet of [...this.#readers.keys()]) this.#release(outlet);
  }

  stats(): FanoutStats {
    const { ring, head } = this.#context;
    const stats = { subscriptions: 0, behind: 0, behindCommits: 0, ringCommits: ring.count() };
    for (const { readers, live } of this.#groups.all()) {
      stats.subscriptions += readers.size;
      for (const reader of readers) {
        if (live.has(reader)) continue;
        stats.behind++;
        const commits = head.sequence - reader.told.sequence;
        stats.behindCommits = Math.max(stats.behindCommits, commits);
      }
    }
    return stats;
  }

  #readersOf(outlet: LogOutlet): Set<Reader> {
    const known = this.#readers.get(outlet);
    if (known) return known;
    const readers = new Set<Reader>();
    this.#readers.set(outlet, readers);
    outlet.whenClosed(() => this.#release(outlet));
    return readers;
  }

  #release(outlet: LogOutlet): void {
    for (const reader of this.#readers.get(outlet) ?? []) this.#end(reader);
    this.#readers.delete(outlet);
  }

  #end(reader: Reader): void {
    this.#groups.leave(reader);
    this.#readers.get(reader.outlet)?.delete(reader);
  }

  /** Commits of one turn are shown together, but never more than one frame should hold. */
  #take(commit: FoldedCommit): void {
    if (this.#freshBytes + commit.bytes.length > limits.write_bytes) this.#show();
    this.#context.ring.push(commit);
    this.#freshBytes += commit.bytes.length;
    if (this.#fresh.push(commit) === 1) setImmediate(() => this.#show());
  }

  #show(): void {
    const fresh = this.#fresh;
    const last = fresh.at(-1);
    if (last === undefined) return;
    const bytes = this.#freshBytes;
    this.#fresh = [];
    this.#freshBytes = 0;
    this.#context.head = placeAt(this.#context.log, last);
    for (const group of this.#groups.all()) this.#gather(group, fresh, bytes);
  }

  /**
   * Every write to a socket costs the same however little it says, so a large group is shown what
   * comes within a moment together, and a longer moment while that is little; a small group is
   * shown it at once. https://en.wikipedia.org/wiki/Interrupt_coalescing
   */
  #gather(group: Group, fresh: readonly FoldedCommit[], bytes: number): void {
    if (group.freshBytes + bytes > limits.write_bytes) this.#showGroup(group);
    group.fresh.push(...fresh);
    group.freshBytes += bytes;
    const wait_ms = gatherMs(group, limits.gather_ms);
    if (wait_ms < 1) this.#showGroup(group);
    else group.gathering ??= setTimeout(() => this.#gathered(group), wait_ms);
  }

  #gathered(group: Group): void {
    const events = group.fresh.reduce((sum, { records }) => sum + records.length, 0);
    const more_ms = gatherMs(group, limits.gather_calm_ms) - limits.gather_ms;
    if (events >= limits.gather_calm_events || more_ms < 1) this.#showGroup(group);
    else group.gathering = setTimeout(() => this.#showGroup(group), more_ms);
  }

  #showGroup(group: Group): void {
    clearTimeout(group.gathering);
    group.gathering = undefined;
    const { fresh } = group;
    const last = fresh.at(-1);
    if (last === undefined) return;
    group.fresh = [];
    group.freshBytes = 0;
    // One place for all groups that stand there, and one cursor.
    const { head, log } = this.#context;
    group.head = last.sequence === head.sequence ? head : placeAt(log, last);
    if (group.live.size === 0) return;
    try {
      this.#tell(group, fresh);
    } catch (error) {
      for (const reader of [...group.live]) this.#context.fail(reader, error);
    }
  }

  #tell(group: Group, fresh: readonly FoldedCommit[]): void {
    const lines = group.filter(fresh);
    const now = this.#context.door.now();
    if (lines.length === 0 && now - group.toldAt < limits.advance_every_ms) return;
    group.toldAt = now;
    const { log } = this.#context;
    const chunk = createChunk(group.id, { log, commits: fresh, lines }, group.head, true);
    const allowed = new Map<string, boolean>();
    for (const reader of group.live) {
      const { token, outlet } = reader;
      const who = `${token} ${outlet.author.peer}`;
      if (!allowed.has(who)) allowed.set(who, isAllowed(this.#context, reader));
      if (!allowed.get(who)) this.#end(reader);
      else if (outlet.writable()) sendChunk(reader, chunk);
      else waitForRoom(this.#context, reader);
    }
  }
}

function gatherMs({ live }: Group, most_ms: number): number {
  return Math.min(most_ms, live.size / limits.gather_readers_per_ms);
}
