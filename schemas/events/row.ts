// One row of the table of events: what is said of a kind of event, said once.
import type { Fields, Shaped } from '../shape.js';
import type { IdPrefix } from '../uuid.js';

/** What the functions of a row are given: the data of the event, and its id. */
export type EventData<F extends Fields> = Shaped<F> & { id: string };

/**
 * Upcasting: an old event is read in the newest shape of its kind, one version at a time, and the
 * rules know no other. See Greg Young, Versioning in an Event Sourced System:
 * https://leanpub.com/esversioning
 */
export interface Upcast {
  /** From which level of the log on this version is known. */
  since: number;
  /** The fields of this version that are other than in the one before. It may throw. */
  from: (event: Readonly<Record<string, unknown>>) => Record<string, unknown>;
}

/** `F` are its own fields, `M` the methods that propose it, `E` what its functions are given. */
export interface EventRow<F extends Fields, M extends string, E = EventData<F>> {
  /** From which level of the log on it is known; below, every broker takes it for malformed. */
  since: number;
  /** The verb that its author's token needs; `broker` for what only brokers propose. */
  by: 'speak' | 'operate' | 'broker';
  /** The methods that propose it; a broker's event has none. */
  methods?: readonly M[];
  /** Proposed because time has passed: folded, it settles something that was due. */
  timed?: true;
  /** What it says beside the envelope, in its newest version. */
  fields: F;
  /** The versions after the first, in order; left out while there was no other. */
  upcasts?: readonly Upcast[];
  /** The things it is about: what it names, and the threads and messages it touches. */
  refs?: (event: E) => readonly string[];
  /** The ids of what it makes, by the noun they name. */
  makes?: { readonly [P in IdPrefix]?: (event: E) => readonly string[] };
}

/** Keeps the literal types of a row, so that the event is typed by it. */
export function event<const F extends Fields, const M extends string = never>(
  row: EventRow<F, M>,
): EventRow<F, M> {
  return row;
}
