// The levels of the rules: from which level of the log on a kind of event or a rule holds.
import { type EventType, eventRow, hasKnownWords, type SignalEvent } from '../../schemas/event.js';

/** The highest level of rules this code knows; it stops at a log that was levelled above. */
export const LEVEL = 3;

/** False for a kind or version that a broker of that level takes for malformed, so all do. */
export function isKnownAt(level: number, type: EventType, v = 1): boolean {
  const { since, upcasts } = eventRow(type);
  return level >= (v === 1 ? since : (upcasts?.[v - 2]?.since ?? Number.POSITIVE_INFINITY));
}

/** Judged by the level of the log: one that is just opened says itself what it has. */
export function isKnownIn(table: { readonly log: { level: number } }, event: SignalEvent): boolean {
  const level = event.type === 'log.opened' ? event.level : table.log.level;
  return isKnownAt(level, event.type, event.v) && isWordedAt(level, event);
}

/**
 * False for an event that says a word that its enumeration does not have. Below level 3 each rule
 * judged such words by itself, or let them pass; so it still does in what was logged then.
 */
export function isWordedAt(level: number, event: SignalEvent): boolean {
  return level < 3 || hasKnownWords(event);
}

/**
 * True when the log has been raised to the level of a rule that differs from what came before.
 * An event below that level is judged as it was then, so an old log folds to what it always was.
 */
export function holdsFrom(level: number, table: { readonly log: { level: number } }): boolean {
  return table.log.level >= level;
}
