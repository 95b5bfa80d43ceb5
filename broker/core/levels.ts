// The levels of the rules: from which level of the log on a kind of event or a rule holds.
import { type EventType, eventRow } from '../../schemas/event.js';

/** The highest level of rules this code knows; it stops at a log that was levelled above. */
export const LEVEL = 3;

/** False for a kind that a broker of that level takes for malformed, so every broker does. */
export function isKnownAt(level: number, type: EventType): boolean {
  return level >= eventRow(type).since;
}

/**
 * True when the log has been raised to the level of a rule that differs from what came before.
 * An event below that level is judged as it was then, so an old log folds to what it always was.
 */
export function holdsFrom(level: number, table: { readonly log: { level: number } }): boolean {
  return table.log.level >= level;
}
