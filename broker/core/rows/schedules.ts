// The rows of the schedules: the live ones by when each is due, and a bounded tail of ended ones.
import { limits } from '../../../schemas/limits.js';
import type { SchedulePast, ScheduleRow } from '../../../schemas/schedule.js';
import { TimerQueue } from './timer-queue.js';

export interface ScheduleEntry {
  /** A new one for each change, so a row that was handed out stands. */
  row: ScheduleRow;
  /** Newest last. */
  history: SchedulePast[];
  /** While it is paused: the first of its times that is not accounted for. */
  held_at?: number | undefined;
  /** The ask of its last fire. */
  ask?: string | undefined;
}

export interface SchedulesSnapshot {
  live: ScheduleEntry[];
  ended: ScheduleEntry[];
  dropped: number;
}

/** What the live schedules of one peer come to. */
interface Load {
  schedules: Set<string>;
  chars: number;
}

/**
 * Live schedules, bounded for each maker by `isFull`, and of those that ended the newest, by
 * `limits.schedules_ended_rows` and `limits.schedules_ended_chars`.
 */
export class ScheduleRows {
  /** Active or paused, oldest first. */
  readonly live = new Map<string, ScheduleEntry>();
  /** Oldest first; what falls off is read back from the log. */
  readonly ended = new Map<string, ScheduleEntry>();
  /** How many have fallen off. */
  dropped = 0;
  /** The active ones by their next time. */
  readonly times = new TimerQueue();
  readonly #loads = new Map<string, Load>();
  #endedChars = 0;

  /** The entry of a live schedule with a row of its own, to be changed and handed out. */
  draft(schedule: string): ScheduleEntry | undefined {
    const entry = this.live.get(schedule);
    if (entry !== undefined) entry.row = { ...entry.row };
    return entry;
  }

  get(schedule: string): ScheduleEntry | undefined {
    return this.live.get(schedule) ?? this.ended.get(schedule);
  }

  add(entry: ScheduleEntry): void {
    this.live.set(entry.row.schedule, entry);
    this.#enter(entry.row);
    this.watch(entry);
  }

  /** The live schedules that a peer made or hears, oldest first; it looks at all there are. */
  concerning(peer: string): string[] {
    const found: string[] = [];
    for (const { row } of this.live.values()) {
      if (row.by === peer || row.to === peer) found.push(row.schedule);
    }
    return found;
  }

  /** The row of a live schedule has another maker than it had: `before`. */
  rehome({ row }: ScheduleEntry, before: string): void {
    this.#leave({ ...row, by: before });
    this.#enter(row);
  }

  /** Brings the live schedules of a maker into the order in which they were made. */
  sort(peer: string): void {
    const load = this.#loads.get(peer);
    if (load === undefined) return;
    const rows = [...load.schedules].map(schedule => this.live.get(schedule)!.row);
    rows.sort((a, b) => a.position - b.position);
    load.schedules = new Set(rows.map(({ schedule }) => schedule));
  }

  /** The live schedules that a peer made, oldest first. */
  madeBy(peer: string): Iterable<string> {
    return this.#loads.get(peer)?.schedules ?? [];
  }

  /** True when a peer may not make one more with so many characters of text. */
  isFull(peer: string, chars: number): boolean {
    const load = this.#loads.get(peer);
    if (load === undefined) return false;
    const isCrowded = load.schedules.size >= limits.schedules_rows;
    return isCrowded || load.chars + chars > limits.schedules_chars;
  }

  /** Notes from now on when the schedule is due, if it is. */
  watch({ row }: ScheduleEntry): void {
    if (row.state !== 'active' || row.next_at === undefined) this.times.delete(row.schedule);
    else this.times.set(row.schedule, row.next_at);
  }

  /** Moves an entry whose row says that it has ended into the tail. */
  end(entry: ScheduleEntry): void {
    const { schedule } = entry.row;
    this.live.delete(schedule);
    this.times.delete(schedule);
    this.#leave(entry.row);
    this.#keep(entry);
  }

  toSnapshot(): SchedulesSnapshot {
    const { dropped } = this;
    const [live, ended] = [this.live, this.ended].map(all => [...all.values()].map(copied));
    return { live: live!, ended: ended!, dropped };
  }

  static fromSnapshot({ live, ended, dropped }: SchedulesSnapshot): ScheduleRows {
    const rows = new ScheduleRows();
    rows.dropped = dropped;
    for (const entry of live) rows.add(copied(entry));
    for (const entry of ended) rows.#keep(copied(entry));
    return rows;
  }

  #enter({ schedule, by, text }: ScheduleRow): void {
    const load = this.#loads.get(by) ?? { schedules: new Set(), chars: 0 };
    this.#loads.set(by, load);
    load.schedules.add(schedule);
    load.chars += text.length;
  }

  #leave({ schedule, by, text }: ScheduleRow): void {
    const load = this.#loads.get(by);
    if (load?.schedules.delete(schedule)) load.chars -= text.length;
    if (load?.schedules.size === 0) this.#loads.delete(by);
  }

  #keep(entry: ScheduleEntry): void {
    this.ended.set(entry.row.schedule, entry);
    this.#endedChars += entry.row.text.length;
    for (const [schedule, old] of this.ended) {
      const isCrowded = this.ended.size > limits.schedules_ended_rows;
      if (!isCrowded && this.#endedChars <= limits.schedules_ended_chars) break;
      this.ended.delete(schedule);
      this.#endedChars -= old.row.text.length;
      this.dropped++;
    }
  }
}

/** The row stands, but its entry and its past change in place. */
function copied(entry: ScheduleEntry): ScheduleEntry {
  return { ...entry, history: [...entry.history] };
}

/** The rule of a schedule that recurs, to be read in its own time zone; a one-shot has none. */
export function ruleOf({ cron, zone }: ScheduleRow): { cron: string; zone: string } | undefined {
  return cron === undefined || zone === undefined ? undefined : { cron, zone };
}
