// The timekeeper: proposes what is due, the first broker in rank at once, the others after it.

import type { EventType } from '../schemas/event.js';
import { limits } from '../schemas/limits.js';
import type { FoldedCommit } from './door.js';
import type { TimedEvent } from './due/timed.js';
import { dueEvents, nextDue } from './due.js';
import type { Table } from './rows/table.js';

/** Events that settle what was due. */
const timedTypes: ReadonlySet<string> = new Set<EventType>([
  'ask.expired',
  'job.due',
  'job.lapsed',
  'job.expired',
  'schedule.fired',
  'schedule.skipped',
  'peer.retired',
]);

export interface TimekeeperConfig {
  /** Wall time in ms UTC. */
  now(): number;
  /** Monotonic ms. */
  elapsed(): number;
  table(): Table;
  /** This gateway's boot. */
  boot(): string;
  propose(event: TimedEvent): void;
}

/** When one event was first found due here, and last proposed; both in monotonic ms. */
interface Note {
  foundAt: number;
  saidAt: number;
}

export class Timekeeper {
  private readonly config: TimekeeperConfig;
  private notes = new Map<string, Note>();
  private timer: NodeJS.Timeout | undefined;
  private armedFor = Number.POSITIVE_INFINITY;

  constructor(config: TimekeeperConfig) {
    this.config = config;
  }

  /** Proposes what is due and was not just proposed: said too early it is void, and said again. */
  tick(): void {
    const { table, now, elapsed, propose } = this.config;
    const moment = elapsed();
    const delay = this.rank() * limits.due_rank_ms;
    const notes = new Map<string, Note>();
    for (const event of dueEvents(table(), now())) {
      const key = JSON.stringify(event);
      const note = this.notes.get(key) ?? { foundAt: moment, saidAt: Number.NEGATIVE_INFINITY };
      notes.set(key, note);
      const isMyTurn = moment - note.foundAt >= delay;
      if (!isMyTurn || moment - note.saidAt < limits.due_again_ms) continue;
      note.saidAt = moment;
      propose(event);
    }
    // What is due no longer has been settled by the log.
    this.notes = notes;
    this.arm();
  }

  /** Wakes at the next time something is due, when that is sooner than the next tick. */
  arm(): void {
    const { table, now } = this.config;
    const next = nextDue(table()) ?? Number.POSITIVE_INFINITY;
    if (next === this.armedFor) return;
    this.armedFor = next;
    clearTimeout(this.timer);
    const wait = next - now();
    if (wait > limits.tick_ms) return;
    this.timer = setTimeout(() => this.tick(), Math.max(0, wait));
  }

  /** What was due may be settled by the commit, and more of it be due. */
  folded({ records }: FoldedCommit): void {
    if (records.some(({ type }) => timedTypes.has(type))) this.armedFor = Number.NaN;
    this.arm();
  }

  close(): void {
    clearTimeout(this.timer);
    this.armedFor = Number.POSITIVE_INFINITY;
  }

  /** How many living boots are asked before this one. */
  private rank(): number {
    const boots = [...this.config.table().gateways.rows.keys()].sort();
    return Math.max(0, boots.indexOf(this.config.boot()));
  }
}
