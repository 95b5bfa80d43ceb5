// The thread: the causal tree that a thing belongs to, read from the index level by level.
import { refsOf, type SignalEvent } from '../../../../schemas/event.js';
import { limits } from '../../../../schemas/limits.js';
import { idTime } from '../../../../schemas/uuid.js';
import type { FoundThread, ThreadAsked, ThreadNode } from '../../../core/timeline-reads.js';
import { sequenceBefore } from '../store/commit-times.js';
import { stagesOf } from '../store/stage-store.js';
import { textsOf } from '../text/event-texts.js';
import {
  aboutTerm,
  causedTerm,
  labelTerm,
  namesTerm,
  ownTerm,
  pullsIn,
  thingTerm,
} from '../write/facets.js';
import { type ReadRecord, readBack } from './read-back.js';
import { conditionOf, oldest } from './record-search.js';
import type { SearchGround } from './search.js';
import { causeOf, groupOf, isThing, labelOf, madeIn } from './thread-links.js';

const UUID_AT = /_([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})/;

/** What is known of a thing: its records, those it caused, and those that name it. */
interface Known {
  own: ReadRecord[];
  caused: ReadRecord[];
  more: boolean;
}

const NONE: Known = { own: [], caused: [], more: false };

/**
 * The tree of a thing from its root down: an event names what it came of, so there is no cycle that
 * holds, and a thing that was met is not met again. Bounded by `limits.thread_items`,
 * `limits.thread_node_events` of each, `limits.answer_chars` and `limits.thread_ms`.
 */
export async function thread(
  ground: SearchGround,
  { ref, circles }: ThreadAsked,
  signal?: AbortSignal,
): Promise<FoundThread> {
  return new ThreadWalk(ground, circles, signal).from(ref);
}

class ThreadWalk {
  readonly #ground: SearchGround;
  readonly #circles: readonly string[];
  readonly #signal: AbortSignal | undefined;
  readonly #known = new Map<string, Known>();
  readonly #nodes: ThreadNode[] = [];
  readonly #met = new Set<string>();
  #chars = 0;
  #isCut = false;

  constructor(ground: SearchGround, circles: readonly string[], signal: AbortSignal | undefined) {
    this.#ground = ground;
    this.#circles = circles;
    this.#signal = signal;
  }

  async from(ref: string): Promise<FoundThread> {
    const { store, elapsed } = this.#ground;
    const until = elapsed() + limits.thread_ms;
    const path = await this.#pathTo(ref);
    for (const [n, each] of path.entries()) this.#tell(each, path[n - 1]);
    let level = [...path].reverse();
    while (level.length > 0 && !this.#isFull(elapsed() >= until)) {
      const next: string[] = [];
      const children = new Map<string, string[]>();
      for (const each of level) children.set(each, await this.#childrenOf(each));
      await this.#load([...children.values()].flat());
      for (const [parent, refs] of children) {
        for (const child of refs) {
          if (this.#met.has(child) || this.#own(child).length === 0) continue;
          if (this.#isFull(false)) break;
          this.#tell(child, parent);
          next.push(child);
        }
      }
      level = next;
    }
    const indexed_to = store.cursor.position;
    return { nodes: this.#nodes, indexed_to, ...(this.#isCut && { more: true as const }) };
  }

  #isFull(isLate: boolean): boolean {
    const isFull = this.#nodes.length >= limits.thread_items || this.#chars > limits.answer_chars;
    if (isFull || isLate) this.#isCut = true;
    return isFull || isLate;
  }

  /** From the root, as far up as the caller may see, to the thing; nothing when it is not seen. */
  async #pathTo(ref: string): Promise<string[]> {
    const path: string[] = [];
    let at: string | undefined = ref;
    while (at !== undefined && !path.includes(at) && path.length < limits.thread_depth_items) {
      await this.#load([at]);
      const group = groupOf(at);
      if (group !== undefined) await this.#load([group]);
      const isSeen = this.#own(at).length > 0 || (group !== undefined && this.#asks(group, at));
      if (!isSeen) break;
      path.unshift(at);
      at = group ?? (await this.#parentOf(at));
    }
    return path;
  }

  #asks(group: string, ask: string): boolean {
    return this.#own(group).some(({ record }) => refsOf(record.event!).includes(ask));
  }

  async #parentOf(ref: string): Promise<string | undefined> {
    if (!isThing(ref)) {
      const [first] = await this.#seen(namesTerm(thingTerm(ref)), ref);
      return first && refsOf(first.record.event!)[0];
    }
    const maker = this.#makerOf(ref);
    if (maker === undefined) return undefined;
    const label = labelOf(maker);
    if (label === undefined) return causeOf(maker);
    const first = (await this.#labelled(label, ref))[0];
    return first === ref ? undefined : first;
  }

  #makerOf(ref: string): SignalEvent | undefined {
    const made = this.#own(ref).find(
      ({ record }) => record.void === undefined && madeIn(record.event!).includes(ref),
    );
    return made?.record.event;
  }

  async #childrenOf(ref: string): Promise<string[]> {
    const { caused } = this.#known.get(ref) ?? NONE;
    const children: string[] = [];
    for (const { record } of [...this.#own(ref), ...caused]) {
      const event = record.event!;
      if (record.void !== undefined || causeOf(event) !== ref) continue;
      children.push(...this.#reallyMade(event));
    }
    for (const each of this.#raw(ref)) {
      for (const about of refsOf(each.record.event!)) {
        if (groupOf(about) === ref) children.push(about);
      }
    }
    const maker = this.#makerOf(ref);
    const label = maker && labelOf(maker);
    if (label !== undefined) {
      const [first, ...others] = await this.#labelled(label, ref);
      if (first === ref) children.push(...others);
    }
    children.push(...(await this.#reviewsOf(ref)));
    return [...new Set(children)];
  }

  /** A schedule or a watch that fires says one thing: an ask or a message. */
  #reallyMade(event: SignalEvent): string[] {
    const made = madeIn(event);
    if (event.type !== 'schedule.fired' && event.type !== 'watch.fired') return made;
    const { store } = this.#ground;
    return made.filter(each => stagesOf(store, each, Number.MAX_SAFE_INTEGER).circle !== '');
  }

  /** Pull requests that are named here first. */
  async #reviewsOf(ref: string): Promise<string[]> {
    if (!isThing(ref)) return [];
    const urls = pullsIn(this.#own(ref).flatMap(({ record }) => textsOf(record.event!)));
    const here: string[] = [];
    await this.#load(urls);
    for (const url of urls) {
      if (!this.#met.has(url) && (await this.#parentOf(url)) === ref) here.push(url);
    }
    return here;
  }

  /** The jobs of one label that are seen, the oldest first. */
  async #labelled(label: string, ref: string): Promise<string[]> {
    const records = await this.#seen(labelTerm(label), ref);
    return records.flatMap(({ record: { event, void: reason } }) =>
      event?.type === 'job.created' && reason === undefined && labelOf(event) === label
        ? [event.job]
        : [],
    );
  }

  #tell(ref: string, parent: string | undefined): void {
    this.#met.add(ref);
    const own = this.#own(ref);
    const records = own.slice(0, limits.thread_node_events).map(({ record, time }) => ({
      position: record.position,
      time,
      bytes: record.bytes,
      ...(record.void !== undefined && { void: record.void }),
    }));
    for (const { bytes } of records) this.#chars += bytes.length;
    const isMore = this.#known.get(ref)?.more === true || own.length > records.length;
    this.#nodes.push({
      ref,
      ...(parent !== undefined && { parent }),
      records,
      ...(isMore && { more: true as const }),
    });
  }

  /** The records about this very thing; a fan-out is told once, not with each of its asks. */
  #own(ref: string): ReadRecord[] {
    const isPart = groupOf(ref) !== undefined;
    return this.#raw(ref).filter(({ record }) => {
      const event = record.event!;
      return refsOf(event).includes(ref) && !(isPart && event.type === 'ask.fanned_out');
    });
  }

  #raw(ref: string): ReadRecord[] {
    return (this.#known.get(ref) ?? NONE).own;
  }

  /** Reads what is not known yet of these things, all in one go. */
  async #load(refs: readonly string[]): Promise<void> {
    const news = [...new Set(refs)].filter(ref => !this.#known.has(ref));
    if (news.length === 0) return;
    const found = news.map(ref => {
      const thing = thingTerm(ref);
      const own = this.#find([aboutTerm(thing), ownTerm(thing)], ref);
      return { ref, own, caused: isThing(ref) ? this.#find([causedTerm(thing)], ref) : [] };
    });
    const read = await this.#read(found.flatMap(({ own, caused }) => [...own, ...caused]));
    for (const { ref, own, caused } of found) {
      const pick = (positions: readonly number[]) =>
        positions.map(position => read.get(position)).filter(each => each !== undefined);
      const more = own.length > limits.thread_node_events;
      this.#known.set(ref, { own: pick(own), caused: pick(caused), more });
    }
  }

  async #seen(term: string, ref: string): Promise<ReadRecord[]> {
    return [...(await this.#read(this.#find([term], ref))).values()];
  }

  #find(terms: readonly string[], ref: string): number[] {
    const { store } = this.#ground;
    const [, uuid] = UUID_AT.exec(ref) ?? [];
    // Nothing is said of a thing before it has its id.
    const since = uuid === undefined ? 0 : idTime(uuid) - 2 * limits.clock_ahead_ms;
    const from = sequenceBefore(store, since) * limits.commit_positions;
    const stretch = { from, to: Number.MAX_SAFE_INTEGER };
    const condition = conditionOf({ facets: [terms] });
    return condition === undefined
      ? []
      : oldest(store, condition, stretch, limits.thread_node_events + 1).positions;
  }

  /** By position, in order, what the caller may see of them. */
  async #read(positions: readonly number[]): Promise<Map<number, ReadRecord>> {
    const { log, store } = this.#ground;
    const records = await readBack(log, store, positions, this.#signal);
    const seen = records.filter(({ record }) => record.event !== undefined && this.#maySee(record));
    return new Map(seen.map(read => [read.record.position, read]));
  }

  #maySee({ circles }: ReadRecord['record']): boolean {
    if (this.#circles.includes('*')) return true;
    return circles.length > 0 && circles.every(circle => this.#circles.includes(circle));
  }
}
