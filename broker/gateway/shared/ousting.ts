// Revocations: the events after which somebody may speak no longer.
import type { EventType } from '../../../schemas/event.js';

/** Types of events after which sockets are closed and waits ended. */
export const ousting: ReadonlySet<string> = new Set<EventType>([
  'token.revoked',
  'peer.killed',
  'peer.left',
  'peer.retired',
]);
