// A watcher: one subscription of one connection, which takes what it is told at its own pace.
import { encode } from '../../../schemas/codec.js';
import { limits } from '../../../schemas/limits.js';
import { type Encoded, Listed } from '../shared/listed.js';
import type { Outlet } from '../shared/outlet.js';
import type { Parcel } from './parcel.js';
import type { Spot, ViewGroup } from './view-group.js';

/** What a watcher is being told, and how much of it has left. */
interface Feed {
  as: 'rows' | 'changes';
  parcel: Parcel;
  /** The number of its next chunk. */
  next: number;
  /** Where the watcher stands when it has all of it. */
  to: Spot;
  /** Why all rows are told anew. */
  resync?: string | undefined;
  /** When a chunk of it left last, in ms. */
  movedAt: number;
}

/** How a watcher begins: at a place, with what is left to be told of its answer. */
export interface Beginning {
  told: Spot;
  rest?: Pick<Feed, 'as' | 'parcel' | 'next' | 'to'> | undefined;
}

const BEHIND = 'it fell too far behind to be told each change';
const STALLED = 'it took too long to read the rows';

/**
 * It holds a cursor, and while it reads a part of what all watchers of its group share. Frames
 * follow each other without a gap: each begins where the last one ended.
 */
export class Watcher {
  readonly outlet: Outlet;
  readonly group: ViewGroup;
  /** The token whose end ends it. */
  readonly token: string;
  /** Whether it wants rows that did not change. */
  readonly #wantsRows: boolean;
  #told: Spot;
  #feed: Feed | undefined;
  /** Why it must be told all rows anew. */
  #lost: string | undefined;
  #isWaiting = false;
  isEnded = false;

  constructor(
    outlet: Outlet,
    group: ViewGroup,
    token: string,
    wantsRows: boolean,
    { told, rest }: Beginning,
    now: number,
  ) {
    this.outlet = outlet;
    this.group = group;
    this.token = token;
    this.#wantsRows = wantsRows;
    this.#told = told;
    this.#feed = rest && { ...rest, movedAt: now };
  }

  /** True while there is something that it has not been told. */
  get isBehind(): boolean {
    return this.#feed !== undefined || this.#told.sequence < this.group.at.sequence;
  }

  /**
   * Tells it what it lacks, as far as its socket takes it; `resume` is called when there is room
   * again for what is left. True when something left. `isDue`: it is told where it stands even when
   * nothing changed.
   */
  tell(now: number, isDue: boolean, resume: () => void): boolean {
    if (this.#isWaiting) {
      this.#giveUp(now);
      return false;
    }
    this.#feed ??= this.#next(now, isDue);
    let hasTold = false;
    while (this.#feed !== undefined) {
      if (!this.outlet.writable()) {
        this.#isWaiting = true;
        this.outlet.whenWritable(() => {
          this.#isWaiting = false;
          if (!this.isEnded) resume();
        });
        return hasTold;
      }
      this.#feed.movedAt = now;
      this.#send(this.#feed);
      hasTold = true;
    }
    return hasTold;
  }

  #next(now: number, isDue: boolean): Feed | undefined {
    const { group } = this;
    const begun = { next: 0, to: group.at, movedAt: now };
    if (this.#lost === undefined) {
      if (this.#told.sequence === group.at.sequence) return undefined;
      const parcel = group.since(this.#told.sequence);
      if (parcel !== undefined) {
        const isNews = parcel.entries.length > 0 || isDue;
        return isNews ? { as: 'changes', parcel, ...begun } : undefined;
      }
      this.#lost = BEHIND;
    }
    const resync = this.#lost;
    return {
      as: 'rows',
      parcel: this.#wantsRows ? group.snapshot() : group.parcel([]),
      resync,
      ...begun,
    };
  }

  /** The next chunk; after the last one it stands at the end of the feed. */
  #send(feed: Feed): void {
    const { as, parcel, to, resync } = feed;
    const { body, isLast } = parcel.chunk(this.outlet.encoding, feed.next);
    const { id: subscription } = this.group;
    if (as === 'rows') {
      const anew = feed.next === 0 && resync !== undefined ? { at: to.cursor, resync } : {};
      this.#notify('view.rows', { subscription, ...anew, more: !isLast, rows: [] }, body);
    } else {
      const from = this.#told.cursor;
      // Until all of them are there, they are not yet the view of any one moment.
      const until = isLast ? { to: to.cursor } : { to: from, more: true };
      this.#notify('view.changes', { subscription, from, ...until, changes: [] }, body);
    }
    feed.next++;
    if (!isLast) return;
    this.#told = to;
    this.#feed = undefined;
    if (as === 'rows') this.#lost = undefined;
  }

  /** The list of its rows or changes is the last of the parameters. */
  #notify(method: string, params: object, list: Encoded): void {
    const { encoding } = this.outlet;
    const message = new Listed({ jsonrpc: '2.0', method, params }, list);
    this.outlet.sendEncoded(message.encoded(encoding, encode));
  }

  /** One that does not read keeps nothing alive: rows it was being told are told anew some day. */
  #giveUp(now: number): void {
    const feed = this.#feed;
    if (feed === undefined || now - feed.movedAt < limits.view_stall_ms) return;
    this.#feed = undefined;
    if (feed.as === 'rows') this.#lost = STALLED;
  }
}
