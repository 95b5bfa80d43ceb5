// Crowds: the groups that are watched, brought up to the newest commit and told of it in turns.
import { limits } from '../../../schemas/limits.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import type { LiveView } from '../../../schemas/view.js';
import { formatCursor } from '../../core/cursor.js';
import { standingOf } from '../../core/rows/standing.js';
import { CountTally } from '../../core/views/count-tally.js';
import type { Selection } from '../../core/views/selection.js';
import { type Touched, touchedIn } from '../../core/views/touched.js';
import { Sight } from '../../core/views/views.js';
import type { Door } from '../../runtime/door.js';
import { doorTime } from '../shared/access.js';
import { EncodedRows } from './encoded-rows.js';
import { type Spot, ViewGroup } from './view-group.js';
import type { Watcher } from './watcher.js';

/** A group and those who watch it. */
export interface Crowd {
  group: ViewGroup;
  watchers: Set<Watcher>;
  /** When it may be looked at again, and when its watchers were last told, in ms. */
  nextAt: number;
  toldAt: number;
  /** The commit up to which its watchers were told of changes, or have them before them. */
  served: number;
}

/** The table at its newest commit, and what was touched since others, found once for all. */
interface Look {
  sight: Sight;
  at: Spot;
  touched: Map<string, Touched>;
  allowed: Map<string, boolean>;
}

/**
 * Each crowd is told of at most once in `limits.view_every_ms`, the first change after a quiet time
 * at once, and all of them together take no more than a share of the loop.
 */
export class Crowds {
  readonly #door: Door;
  readonly #end: (watcher: Watcher) => void;
  readonly #onFault: (error: unknown) => void;
  readonly #crowds = new Map<string, Crowd>();
  readonly #encoded = new EncodedRows();
  readonly #unlisten: () => void;
  #tally = new CountTally();
  #made = 0;
  #isLooking = false;
  #sight: { sequence: number; sight: Sight } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  /** How long a crowd rests, in ms: longer while telling all of them takes long. */
  #rest: number = limits.view_every_ms;

  /** Listens from now on. `end` is called for who may not watch any more, or cannot be told. */
  constructor(door: Door, end: (watcher: Watcher) => void, onFault: (error: unknown) => void) {
    this.#door = door;
    this.#end = end;
    this.#onFault = onFault;
    this.#unlisten = door.listen(() => {
      if (this.#crowds.size > 0) this.#lookSoon();
    });
  }

  close(): void {
    this.#unlisten();
    clearTimeout(this.#timer);
  }

  all(): Iterable<Crowd> {
    return this.#crowds.values();
  }

  /** The crowd of a selection, up to date; `rate_limited` when one more is too much. */
  enter(selection: Selection): Crowd | Refusal {
    const { key } = selection;
    const known = this.#crowds.get(key);
    const look = this.#look();
    if (known !== undefined) {
      this.#refresh(known.group, look);
      return known;
    }
    if (this.#isFull(1)) return isTooMuch();
    const group = new ViewGroup({
      id: `view_${++this.#made}`,
      selection,
      sight: look.sight,
      at: look.at,
      encoded: this.#encoded,
      kin: this.#kinOf(selection),
    });
    if (this.#isFull(group.size)) return isTooMuch();
    const crowd = {
      group,
      watchers: new Set<Watcher>(),
      nextAt: 0,
      toldAt: this.#door.elapsed(),
      served: look.at.sequence,
    };
    this.#crowds.set(key, crowd);
    return crowd;
  }

  /** A crowd is there while somebody is in it. */
  leave({ group, watchers }: Crowd): void {
    if (watchers.size > 0) return;
    const { key, view } = group.selection;
    this.#crowds.delete(key);
    if (this.#crowds.size === 0) this.#encoded.forget();
    if (view === 'counts' && !this.#hasView(view)) this.#tally = new CountTally();
  }

  of({ group }: Watcher): Crowd | undefined {
    return this.#crowds.get(group.selection.key);
  }

  /** Tells a watcher what is left of what it was told before. */
  tell(watcher: Watcher): void {
    const crowd = this.of(watcher);
    if (watcher.isEnded || crowd === undefined) return;
    this.#guard(crowd, () => this.#tell(watcher, this.#door.elapsed(), false));
  }

  /** How many rows the groups hold, and the bytes of those that lie ready. */
  get held(): { rows: number; bytes: number } {
    let rows = 0;
    for (const { group } of this.#crowds.values()) rows += group.size;
    return { rows, bytes: this.#encoded.bytes };
  }

  /** The largest group that tells rows alike, but narrows them otherwise. */
  #kinOf({ kind }: Selection): ViewGroup | undefined {
    let kin: ViewGroup | undefined;
    for (const { group } of this.#crowds.values()) {
      if (group.selection.kind === kind && group.size > (kin?.size ?? 0)) kin = group;
    }
    return kin;
  }

  #hasView(view: LiveView): boolean {
    for (const { group } of this.#crowds.values()) if (group.selection.view === view) return true;
    return false;
  }

  #isFull(more: number): boolean {
    if (this.#crowds.size >= limits.view_groups_items) return true;
    return this.held.rows + more > limits.view_rows;
  }

  #look(): Look {
    const { table, recent } = this.#door;
    const { log, sequence, digest } = this.#door.info();
    const at = { sequence, cursor: formatCursor(log, sequence, digest) };
    // What is counted in a table is counted once, however many begin to watch between two commits.
    if (this.#sight?.sequence !== sequence) {
      const sight = new Sight(table, () => this.#tally.counts(table, recent));
      this.#sight = { sequence, sight };
    }
    return { sight: this.#sight.sight, at, touched: new Map(), allowed: new Map() };
  }

  /** Brings a group up to the newest commit. */
  #refresh(group: ViewGroup, { sight, at, touched }: Look): void {
    const { view, queues } = group.selection;
    const since = group.at.sequence;
    if (since === at.sequence) return;
    const name = `${view} ${since} ${queues ?? ''}`;
    const { table, recent } = this.#door;
    const known =
      touched.get(name) ??
      (since < recent.base ? 'all' : touchedIn({ table, recent, since }, view, queues));
    touched.set(name, known);
    group.refresh(sight, known, at);
  }

  #lookSoon(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    setImmediate(() => this.#lookAtAll());
  }

  /** Looks once more at that time, in ms. */
  #lookAt(time: number): void {
    if (time >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = time;
    const wait = Math.max(0, time - this.#door.elapsed());
    this.#timer = setTimeout(() => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#lookSoon();
    }, wait);
  }

  #lookAtAll(): void {
    this.#isLooking = false;
    const look = this.#look();
    const begun = this.#door.elapsed();
    let next = Number.POSITIVE_INFINITY;
    for (const [key, crowd] of [...this.#crowds]) {
      const now = this.#door.elapsed();
      if (crowd.nextAt <= now) {
        if (now - begun >= limits.view_turn_ms) {
          this.#lookSoon();
          return;
        }
        // To the end, so that all have their turn where one does not suffice.
        this.#crowds.delete(key);
        this.#crowds.set(key, crowd);
        this.#guard(crowd, () => this.#serve(crowd, look, now));
      }
      next = Math.min(next, this.#wakeAt(crowd));
    }
    const took = this.#door.elapsed() - begun;
    this.#rest = Math.max(limits.view_every_ms, limits.view_rest_ratio * took);
    if (next < Number.POSITIVE_INFINITY) this.#lookAt(next);
  }

  #serve(crowd: Crowd, look: Look, now: number): void {
    const { group } = crowd;
    this.#refresh(group, look);
    const isDue = now - crowd.toldAt >= limits.advance_every_ms;
    // A commit that is none of this view's costs nothing but a look at it.
    const hasTold = (isDue || group.changed > crowd.served) && this.#tellAll(crowd, look, isDue);
    if (hasTold || isDue) crowd.toldAt = now;
    const { view } = group.selection;
    // What has to be looked for in every peer or count is not looked for in every turn.
    const isCostly = view === 'peers' || view === 'counts';
    crowd.nextAt = hasTold || isCostly ? now + this.#rest : now;
  }

  /** True when something left. */
  #tellAll(crowd: Crowd, look: Look, isDue: boolean): boolean {
    const now = this.#door.elapsed();
    let hasTold = false;
    for (const watcher of [...crowd.watchers]) {
      if (!this.#isAllowed(watcher, look)) this.#end(watcher);
      else if (this.#tell(watcher, now, isDue)) hasTold = true;
    }
    crowd.served = crowd.group.at.sequence;
    return hasTold;
  }

  /** When to look again though nothing comes: at once for news, later to say where they stand. */
  #wakeAt({ group, watchers, nextAt, toldAt, served }: Crowd): number {
    if (group.at.sequence < this.#door.recent.last || group.changed > served) return nextAt;
    for (const watcher of watchers) {
      if (watcher.isBehind) return Math.max(nextAt, toldAt + limits.advance_every_ms);
    }
    return Number.POSITIVE_INFINITY;
  }

  #tell(watcher: Watcher, now: number, isDue: boolean): boolean {
    return watcher.tell(now, isDue, () => {
      if (!this.#isAllowed(watcher, this.#look())) {
        this.#end(watcher);
        return;
      }
      this.tell(watcher);
      const crowd = this.of(watcher);
      if (crowd !== undefined) this.#lookAt(crowd.nextAt);
    });
  }

  /** The token it began with must be good, and so must the peer it speaks for by now. */
  #isAllowed({ token, outlet }: Watcher, { allowed }: Look): boolean {
    const { peer } = outlet.author;
    const who = `${token} ${peer}`;
    const known = allowed.get(who);
    if (known !== undefined) return known;
    const author = { token, ...(peer && { peer }) };
    const isGood = !isRefusal(standingOf(this.#door.table, author, doorTime(this.#door)));
    allowed.set(who, isGood);
    return isGood;
  }

  #guard({ watchers }: Crowd, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#onFault(error);
      for (const watcher of [...watchers]) {
        this.#end(watcher);
        watcher.outlet.fail();
      }
    }
  }
}

function isTooMuch(): Refusal {
  return refuse(
    'rate_limited',
    'This broker holds as many rows for watchers as it may; narrow by `where`, or try later.',
    { retry_after_s: limits.view_full_retry_s },
  );
}
