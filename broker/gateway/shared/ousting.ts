// The events after which somebody may speak no longer: its sockets close, and its waits end.
import type { EventType } from '../../../schemas/event.js';

export const ousting: ReadonlySet<string> = new Set<EventType>([
  'token.revoked',
  'peer.killed',
  'peer.left',
  'peer.retired',
]);
