// What a condition of a watch is: which causes hold by the table, and when each is due.
import type { EventType } from '../../../../schemas/event.js';
import type { WatchRow } from '../../../../schemas/watch.js';
import { takesPart } from '../../rows/jobs.js';
import { covers, rights } from '../../rows/rights.js';
import type { Table } from '../../rows/table.js';
import type { Topics, WatchCause } from '../../rows/watches.js';

/** One subject looked at: by log time in ms UTC, after an event of a type. */
export interface SubjectLook {
  table: Table;
  watch: WatchRow;
  subject: string;
  /** The cause that held of it so far. */
  before: WatchCause | undefined;
  time: number;
  type: EventType | undefined;
}

/** All of it is read off the table, so every broker sees the same causes at the same position. */
export interface Condition {
  /** What may touch it. */
  topics(watch: WatchRow): Topics;
  /** Everything that a cause may be about, as the table stands. */
  subjects(table: Table, watch: WatchRow): Iterable<string>;
  /** Whatever touches it, it is about one thing. */
  isWhole?: true;
  /**
   * The cause that holds of a subject, or will be due if nothing changes: `before` itself while
   * that very one goes on, else a new one; undefined when none does.
   */
  causeOf(look: SubjectLook): WatchCause | undefined;
  /** True once no cause can come any more; those that are yet to fire still do. */
  isOver(table: Table, watch: WatchRow): boolean;
  /** What is told of a cause at a log time in ms UTC: only ids, names, numbers, words of ours. */
  tell(table: Table, watch: WatchRow, cause: WatchCause, time: number): string;
}

/** The subject of what is about one thing. */
export const WHOLE = 'whole';

/** Seconds that the schema lets be absent where another bound stands. */
export function msOf(seconds: number | undefined): number {
  return (seconds ?? 0) * 1_000;
}

/** What a watch is of in a circle, as a key. */
export function keyIn(circle: string | undefined, kind: string | undefined): string {
  return kind === undefined ? `${circle}` : `${circle}/${kind}`;
}

/** True when the owner takes part in an ask or a job, or its token reaches where that is. */
export function maySee(
  { table, watch, time }: Pick<SubjectLook, 'table' | 'watch' | 'time'>,
  row: { from: string; to?: string | undefined; circle: string },
): boolean {
  if (takesPart(row as Parameters<typeof takesPart>[0], watch.by)) return true;
  const owner = table.peers.rows.get(watch.by);
  const held = owner && rights(table, owner.token, time);
  return held !== undefined && covers(held, row.circle);
}

/** What a peer is called, also one that has left. */
export function nameOf(table: Table, peer: string | undefined): string {
  return table.peers.rows.get(peer ?? '')?.name ?? peer ?? 'nobody';
}

/** A duration in ms as people say it. */
export function span(ms: number): string {
  const s = Math.floor(ms / 1_000);
  if (s < 120) return `${s} s`;
  if (s < 7_200) return `${Math.floor(s / 60)} min`;
  return s < 172_800 ? `${Math.floor(s / 3_600)} h` : `${Math.floor(s / 86_400)} days`;
}
