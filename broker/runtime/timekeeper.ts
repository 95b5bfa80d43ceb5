// The timekeeper, a scheduler: proposes what is due, the first broker in rank before the others.
import { eventRow, eventTypes, type SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import { dueEvents, nextDue } from '../core/due.js';
import type { TimedEvent } from '../core/shared/timed.js';
import type { FoldedCommit } from '../core/words.js';
import type { Part, PartContext } from './part.js';
import { ProposerOrder } from './proposer-order.js';

export interface TimekeeperConfig extends Pick<PartContext, 'table' | 'boot'> {
  /** Mesh time in ms UTC: by it the fold judges what is early. */
  now(): number;
  /** Monotonic ms. */
  elapsed(): number;
  /** Hands the event to the log: its id, unless it was refused. */
  propose(event: TimedEvent): string | undefined;
}

/** When one event was first found due here, and last proposed; both in monotonic ms. */
interface DueNote {
  foundAt: number;
  saidAt: number;
  /** The proposal, which may still be on its way. */
  id?: string | undefined;
}

/** Its proposals are judged by the fold: two brokers that propose the same do no harm. */
export class Timekeeper implements Part {
  readonly #config: TimekeeperConfig;
  readonly #ranks = new ProposerOrder();
  #notes = new Map<string, DueNote>();
  /** Proposed here and neither come back nor refused: saying it again would only fill the log. */
  readonly #flying = new Set<string>();
  /** Monotonic ms of the last look at what is due, and whether any of it was settled since. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #hasNews = true;
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Number.NaN;
  /** Replayed commits are no news of what is due. */
  #isLive = false;

  constructor(config: TimekeeperConfig) {
    this.#config = config;
  }

  /** Proposes what is due and not on its way; what came back void is said again after a while. */
  tick(): void {
    const moment = this.#config.elapsed();
    // Finding out costs: while our word is on its way there is little to find.
    const isEarly = moment - this.#lookedAt < limits.due_again_ms;
    if (this.#hasNews || this.#flying.size === 0 || !isEarly) this.#look(moment);
    this.arm();
  }

  #look(moment: number): void {
    const { table, boot } = this.#config;
    this.#hasNews = false;
    this.#lookedAt = moment;
    this.#ranks.listen(table().gateways.rows, moment);
    const rank = this.#ranks.of(boot());
    const notes = new Map<string, DueNote>();
    for (const event of dueEvents(table(), this.#config.now())) {
      const key = keyOf(event);
      const note = this.#notes.get(key) ?? { foundAt: moment, saidAt: Number.NEGATIVE_INFINITY };
      notes.set(key, note);
      const isMyTurn = moment - note.foundAt >= rank * limits.due_rank_ms;
      if (!isMyTurn || moment - note.saidAt < limits.due_again_ms || this.#isFlying(note)) continue;
      if (rank > 0) this.#ranks.passOver(boot(), note.foundAt);
      this.#say(event, note, moment);
    }
    // What is due no longer has been settled by the log.
    this.#notes = notes;
  }

  /** Wakes at the next time something is due, when that is sooner than the next tick. */
  arm(): void {
    const next = nextDue(this.#config.table()) ?? Number.POSITIVE_INFINITY;
    const isSame = next === this.#armedFor;
    if (isSame && this.#timer !== undefined) return;
    const wait = next - this.#config.now();
    // It was proposed then, and waits for the log or for its turn.
    if (isSame && wait <= 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#armedFor = next;
    if (wait > limits.tick_ms) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.tick();
      },
      Math.max(0, wait),
    );
  }

  replayed(): void {
    this.#isLive = true;
  }

  /** A commit was folded: where it settled what was due, there may be more of it. */
  folded({ records }: FoldedCommit): void {
    if (!this.#isLive) return;
    let isTimed = false;
    for (const { type, event } of records) {
      if (!timedTypes.has(type)) continue;
      if (event !== undefined) this.#flying.delete(event.id);
      isTimed = true;
    }
    if (isTimed) this.#wake();
    else this.arm();
  }

  /** The log surely did not take these. */
  refused(events: readonly SignalEvent[]): void {
    for (const { id } of events) this.#flying.delete(id);
    this.#hasNews = true;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #say(event: TimedEvent, note: DueNote, moment: number): void {
    note.saidAt = moment;
    note.id = this.#config.propose(event);
    if (note.id !== undefined) this.#flying.add(note.id);
  }

  #isFlying({ id }: DueNote): boolean {
    return id !== undefined && this.#flying.has(id);
  }

  #wake(): void {
    this.#hasNews = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#armedFor = Number.NaN;
    this.arm();
  }
}

/** One thing that is due, also when what is to be said of it changes as time goes on. */
function keyOf(event: TimedEvent): string {
  if (event.type === 'watch.fired') return `${event.watch} ${event.number}`;
  const isOfSchedule = event.type === 'schedule.fired' || event.type === 'schedule.skipped';
  if (!isOfSchedule) return JSON.stringify(event);
  return `${event.schedule} ${event.revision} ${event.nominal_at}`;
}

/** Events that settle what was due. */
const timedTypes: ReadonlySet<string> = new Set(eventTypes.filter(type => eventRow(type).timed));
