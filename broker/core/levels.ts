// The levels of the rules: from which level of the log on a kind of event or a rule holds.
import type { EventType } from '../../schemas/event.js';

/** The highest level of rules this code knows; it stops at a log that was levelled above. */
export const LEVEL = 3;

/** Kinds that were there from the beginning; every other came with level 2, or as `later` says. */
const first: ReadonlySet<EventType> = new Set<EventType>([
  'log.opened',
  'log.leveled',
  'gateway.started',
  'gateway.lost',
  'token.created',
  'token.revoked',
  'peer.joined',
  'peer.left',
  'peer.renamed',
  'peer.described',
  'peer.turned',
  'peer.killed',
  'peer.connected',
  'peer.disconnected',
  'ask.opened',
  'ask.closed',
  'message.notified',
  'message.broadcast',
  'message.retracted',
  'inbox.taken',
  'inbox.acknowledged',
]);

/** Kinds that came after level 2. */
const later: Partial<Record<EventType, number>> = {
  'review.moved': 3,
  'review.forgotten': 3,
};

/** False for a kind that a broker of that level takes for malformed, so every broker does. */
export function isKnownAt(level: number, type: EventType): boolean {
  return first.has(type) || level >= (later[type] ?? 2);
}

/**
 * True when the log has been raised to the level of a rule that differs from what came before.
 * An event below that level is judged as it was then, so an old log folds to what it always was.
 */
export function holdsFrom(level: number, table: { readonly log: { level: number } }): boolean {
  return table.log.level >= level;
}
