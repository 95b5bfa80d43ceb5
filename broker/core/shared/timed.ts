// What the passing of time asks for: an event that any broker may propose, and the fold judges.
import type { EventOf, EventType } from '../../../schemas/event.js';
import type { Table } from '../rows/table.js';

/** An event not yet stamped with its id and the boot that proposes it. */
export type TimedEvent = {
  [T in EventType]: Omit<EventOf<T>, 'v' | 'id' | 'by' | 'token' | 'type'> & { type: T };
}[EventType];

/** One noun's part. Both are read off the table alone, so all brokers propose the same. */
export interface Timed {
  /** When something is next due, in ms UTC; a time that has come stays until the log says so. */
  next(table: Table): number | undefined;
  /** Up to `max` events that are due at `now`, in ms UTC. */
  due(table: Table, now: number, max: number): TimedEvent[];
}
