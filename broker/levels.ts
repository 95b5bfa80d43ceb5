// The levels of the rules: which kinds of events took effect from which level of the log on.
import type { EventType } from '../schemas/event.js';

/** The highest level of rules this code knows; it stops at a log that was levelled above. */
export const LEVEL = 2;

/** Kinds that were there from the beginning; every other came with level 2. */
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

/** False for a kind that a broker of that level takes for malformed, so every broker does. */
export function isKnownAt(level: number, type: EventType): boolean {
  return level > 1 || first.has(type);
}
