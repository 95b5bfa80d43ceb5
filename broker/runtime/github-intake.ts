// The intake of what GitHub says: proposed as events when it is news, settled by the fold.
import type { SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import { readPrUrl } from '../../schemas/pr-url.js';
import { objectionTo } from '../core/rules.js';
import type { FoldedCommit } from '../core/words.js';
import type { Noted } from '../github/deliveries.js';
import type { PullObservation } from '../github/facts.js';
import type { News } from '../github/webhook.js';
import type { Clock } from '../system/clock.js';
import { within } from '../system/deadline.js';
import type { Part, PartContext } from './part.js';

/** Asks GitHub; see `github/api.ts`. */
export interface Asker {
  ask(urls: readonly string[], patience_ms: number): Promise<PullObservation[]>;
}

export interface GithubIntakeConfig extends PartContext {
  clock: Clock;
  github?: Asker | undefined;
}

type ReviewNews = Extract<SignalEvent, { type: 'review.observed' | 'review.moved' }>;

interface PendingNews {
  since: number;
  event: ReviewNews;
  settle(noted: Noted): void;
}

/** A delivery that comes again is noted once: its id stands in the event. */
export class GithubIntake implements Part {
  readonly #config: GithubIntakeConfig;
  /** By the id of the event. */
  readonly #waiting = new Map<string, PendingNews>();
  /** Said without a delivery and on its way: who asks meanwhile learns of the same event. */
  readonly #saying = new Map<string, Promise<Noted>>();
  #isClosed = false;
  /** True once the rows of a log of before have their one spelling. */
  #isSpelt = false;

  constructor(config: GithubIntakeConfig) {
    this.#config = config;
  }

  /**
   * `noted` once it is folded, or at once when it says nothing new; `repeated` when this delivery
   * was noted before; `unavailable` when the log did not take it, or not in time. Never rejects.
   */
  note(news: News, delivery?: string): Promise<Noted> {
    if (this.#isClosed || !this.#config.isServing()) return Promise.resolve('unavailable');
    if (delivery !== undefined) return this.#say(news, delivery);
    const key = JSON.stringify(news);
    const known = this.#saying.get(key);
    if (known !== undefined) return known;
    const said = this.#say(news, undefined);
    this.#saying.set(key, said);
    said.then(() => this.#saying.delete(key));
    return said;
  }

  /** Asks GitHub and notes what it says; resolves after `limits.review_wait_ms` at the latest. */
  readonly learn = (urls: readonly string[]): Promise<void> =>
    within(this.#askFor(urls), limits.review_wait_ms, undefined);

  folded({ records }: FoldedCommit): void {
    if (this.#waiting.size === 0) return;
    for (const { event, void: reason } of records) {
      if (event?.type !== 'review.observed' && event?.type !== 'review.moved') continue;
      this.#settle(event.id, reason === 'duplicate' ? 'repeated' : 'noted');
    }
  }

  /** The log did not take these. */
  refused(events: readonly SignalEvent[]): void {
    for (const { id } of events) this.#settle(id, 'unavailable');
  }

  /** Tells who has waited too long. */
  tick(): void {
    if (!this.#isSpelt && this.#config.isServing()) this.#respell();
    const moment = this.#config.clock.elapsed() - limits.answer_wait_ms;
    for (const [id, { since }] of this.#waiting)
      if (since <= moment) this.#settle(id, 'unavailable');
  }

  close(): void {
    this.#isClosed = true;
    for (const id of this.#waiting.keys()) this.#settle(id, 'unavailable');
  }

  /** A log of before may hold a pull request under several spellings, each with a row. */
  #respell(): void {
    this.#isSpelt = true;
    const urls = [...this.#config.table().reviews.all()].map(({ pr_url }) => pr_url);
    // The longest first: a move takes along what lies below.
    for (const from of urls.sort((a, b) => b.length - a.length)) {
      const to = readPrUrl(from)?.url;
      if (to !== undefined && to !== from) void this.note({ from, to });
    }
  }

  async #askFor(urls: readonly string[]): Promise<void> {
    const said = (await this.#config.github?.ask(urls, limits.review_ask_ms)) ?? [];
    await Promise.all(said.map(observation => this.#noteMoved(observation)));
  }

  /** Asked for by an old name it is found under the new one, which is told first. */
  async #noteMoved({ moved, ...observation }: PullObservation): Promise<Noted> {
    if (moved !== undefined) await this.note(moved);
    return this.note(observation);
  }

  #say(news: News, delivery: string | undefined): Promise<Noted> {
    const { table, propose, clock } = this.#config;
    const event = this.#eventOf(news, delivery);
    // What is on its way may make news of what is none now.
    const isFirst = ![...this.#waiting.values()].some(({ event: other }) => touch(event, other));
    const fact = { event, position: 0, time: clock.now() };
    const objection = isFirst ? objectionTo(table(), fact) : undefined;
    // What would be void anyway need not fill the log.
    if (objection !== undefined) {
      return Promise.resolve(objection === 'duplicate' ? 'repeated' : 'noted');
    }
    if (propose(event) !== undefined) return Promise.resolve('unavailable');
    return new Promise(settle => {
      this.#waiting.set(event.id, { since: clock.elapsed(), event, settle });
    });
  }

  #eventOf(news: News, delivery: string | undefined): ReviewNews {
    const { newId, boot, clock } = this.#config;
    const envelope = {
      v: 1,
      id: newId(),
      by: boot(),
      circle: '*',
      ...(delivery === undefined ? {} : { delivery }),
    } as const;
    if (!('pr_url' in news)) return { ...envelope, type: 'review.moved', ...news };
    const { moved: _, ...said } = news;
    return { ...envelope, type: 'review.observed', observed_at: clock.now(), ...said };
  }

  #settle(id: string, noted: Noted): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.settle(noted);
  }
}

/** Whether what becomes of one may depend on the other. */
function touch(one: ReviewNews, other: ReviewNews): boolean {
  if (one.type === 'review.moved' || other.type === 'review.moved') return true;
  return one.pr_url === other.pr_url;
}
