// A view, or projection: the rules of one noun, judging an event and changing the noun's rows.

import type { EventOf, EventType } from '../../../schemas/event.js';
import type { Refusal } from '../../../schemas/refusal.js';
import type { Change } from '../change.js';
import type { Receipt } from '../rows/receipt.js';
import type { Table } from '../rows/table.js';

/** Why an event that a broker proposed took no effect. */
export type VoidReason = 'duplicate' | 'stale' | 'early' | 'malformed' | 'boot_lost' | 'diverged';

/** An event at its place in the log (or, at the door, where it would be now). */
export interface Fact<T extends EventType = EventType> {
  event: EventOf<T>;
  position: number;
  /** Log time; at the door mesh time, which is never behind it. */
  time: number;
}

export type Objection = Refusal | VoidReason | undefined;

export interface View {
  check: { [T in EventType]?: (table: Table, fact: Fact<T>) => Objection };
  apply: { [T in EventType]?: (table: Table, fact: Fact<T>, changes: Change[]) => void };
  /** What the command's answer needs to know of this, once it is applied. */
  receipts?: {
    [T in EventType]?: (table: Table, fact: Fact<T>, changes: Change[]) => Receipt | undefined;
  };
}
