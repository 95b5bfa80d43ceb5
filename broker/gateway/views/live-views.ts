// Live views: who watches which selection of the state, from where, and how it begins.
import { limits } from '../../../schemas/limits.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import { origin, parseCursor } from '../../core/cursor.js';
import { standingOf } from '../../core/rows/standing.js';
import { Selection } from '../../core/views/selection.js';
import type { Door } from '../../runtime/door.js';
import { startingPoint } from '../observe/starting-point.js';
import { doorTime } from '../shared/access.js';
import type { Encoded } from '../shared/listed.js';
import type { Outlet } from '../shared/outlet.js';
import { Crowds } from './crowds.js';
import { Parcel } from './parcel.js';
import { missedSince } from './resuming.js';
import type { Spot, ViewGroup } from './view-group.js';
import { type Beginning, Watcher } from './watcher.js';

type Params = Parsed<'view.watch'>;

/** The answer, with the list of its rows encoded already where there is one. */
export interface Watched {
  result: Result<'view.watch'>;
  list?: Encoded;
}

interface Begun {
  answer: Watched;
  beginning: Beginning;
}

/** What connections watch; each has at most `limits.socket_subscriptions` of them. */
export class LiveViews {
  readonly #door: Door;
  readonly #crowds: Crowds;
  readonly #watchers = new Map<Outlet, Set<Watcher>>();

  /** Listens from now on. `onFault` is told of what goes wrong with one group. */
  constructor(door: Door, onFault: (error: unknown) => void = () => {}) {
    this.#door = door;
    this.#crowds = new Crowds(door, watcher => this.#end(watcher), onFault);
  }

  /**
   * Begins to watch: what is told follows in the turn after the promise resolved. Watching the same
   * again begins anew. Refuses with `invalid`, `forbidden`, `unauthorized`, `rate_limited`,
   * `cursor_foreign`, `cursor_diverged`, `cursor_ahead`, `unavailable`.
   */
  async watch(outlet: Outlet, params: Params): Promise<Watched | Refusal> {
    const watchers = this.#watchersOf(outlet);
    const since = params.from === undefined ? undefined : await this.#placeOf(params.from);
    if (isRefusal(since)) return since;
    const { author } = outlet;
    const held = standingOf(this.#door.table, author, doorTime(this.#door));
    if (isRefusal(held)) return held;
    if (this.#watchers.get(outlet) !== watchers) {
      return refuse('unauthorized', 'The connection has ended; connect again.');
    }
    const selection = Selection.of(params, { author, held });
    if (isRefusal(selection)) return selection;
    const same = [...watchers].find(({ group }) => group.selection.key === selection.key);
    // Before any row is looked at: what is refused must cost little.
    if (same === undefined && watchers.size >= limits.socket_subscriptions) {
      return refuse(
        'invalid',
        `This connection watches ${watchers.size} times already; use view.unwatch first.`,
      );
    }
    const crowd = this.#crowds.enter(selection);
    if (isRefusal(crowd)) return crowd;
    const { group } = crowd;
    const { answer, beginning } = this.#begin(group, outlet, params, since);
    const now = this.#door.elapsed();
    const watcher = new Watcher(outlet, group, held.token, params.snapshot, beginning, now);
    watchers.add(watcher);
    crowd.watchers.add(watcher);
    if (same !== undefined) this.#end(same);
    setImmediate(() => this.#crowds.tell(watcher));
    return answer;
  }

  /** False when the connection has no such subscription. */
  unwatch(outlet: Outlet, subscription: string): boolean {
    for (const watcher of this.#watchers.get(outlet) ?? []) {
      if (watcher.group.id !== subscription) continue;
      this.#end(watcher);
      return true;
    }
    return false;
  }

  close(): void {
    this.#crowds.close();
    for (const outlet of [...this.#watchers.keys()]) this.#release(outlet);
  }

  stats(): { watchers: number; rows: number; bytes: number } {
    let count = 0;
    for (const { watchers } of this.#crowds.all()) count += watchers.size;
    return { watchers: count, ...this.#crowds.held };
  }

  /** The commit that a cursor stands at the end of; of one within a commit, the one before. */
  async #placeOf(from: string): Promise<Spot | Refusal> {
    const { recent } = this.#door;
    if (parseCursor(from) === undefined) {
      return refuse('invalid', '`from` is no cursor; give an `at` or `to` as it was told.');
    }
    const known = {
      last: () => ({ sequence: recent.last, digest: this.#door.info().digest }),
      digestAt: (at: number) => (at === 0 ? origin.digest : recent.checkAt(at)),
    };
    const place = await startingPoint(this.#door, known, from);
    if (isRefusal(place)) return place;
    const { sequence, events } = place;
    return { sequence: events === undefined ? sequence : sequence - 1, cursor: from };
  }

  #begin(
    group: ViewGroup,
    { encoding }: Outlet,
    { snapshot }: Params,
    since: Spot | undefined,
  ): Begun {
    const { id: subscription, at } = group;
    const missed = since && missedSince(this.#door, group, since.sequence);
    if (since !== undefined && missed instanceof Parcel) {
      const answer = { result: { subscription, at: since.cursor, rows: [] } };
      const rest = { as: 'changes', parcel: missed, next: 0, to: at } as const;
      if (missed.entries.length > 0) return { answer, beginning: { told: since, rest } };
      // All is as it was, so it stands at the newest commit under the cursor that it knows.
      return { answer, beginning: { told: { ...at, cursor: since.cursor } } };
    }
    const resync = typeof missed === 'string' ? { resync: missed } : {};
    const plain = { subscription, at: at.cursor, ...resync };
    if (!snapshot) return { answer: { result: { ...plain, rows: [] } }, beginning: { told: at } };
    const parcel = group.snapshot();
    const { body: list, isLast } = parcel.chunk(encoding, 0);
    const rest = { as: 'rows', parcel, next: 1, to: at } as const;
    return isLast
      ? { answer: { result: { ...plain, rows: [] }, list }, beginning: { told: at } }
      : {
          answer: { result: { ...plain, more: true, rows: [] }, list },
          beginning: { told: at, rest },
        };
  }

  #watchersOf(outlet: Outlet): Set<Watcher> {
    const known = this.#watchers.get(outlet);
    if (known) return known;
    const watchers = new Set<Watcher>();
    this.#watchers.set(outlet, watchers);
    outlet.whenClosed(() => this.#release(outlet));
    return watchers;
  }

  #release(outlet: Outlet): void {
    for (const watcher of this.#watchers.get(outlet) ?? []) this.#end(watcher);
    this.#watchers.delete(outlet);
  }

  #end(watcher: Watcher): void {
    watcher.isEnded = true;
    this.#watchers.get(watcher.outlet)?.delete(watcher);
    const crowd = this.#crowds.of(watcher);
    crowd?.watchers.delete(watcher);
    if (crowd !== undefined) this.#crowds.leave(crowd);
  }
}
