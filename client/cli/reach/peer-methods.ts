// The methods that only a peer may call, by name: their schemas are slow to load.
import type { MethodName, methods } from '../../../schemas/method.js';

type PeerMethod = {
  [M in MethodName]: (typeof methods)[M]['who'] extends 'peer' ? M : never;
}[MethodName];

const names: Readonly<Record<PeerMethod, true>> = {
  'peer.leave': true,
  'peer.rename': true,
  'peer.describe': true,
  'peer.turn': true,
  'orchestrator.handover': true,
  'ask.open': true,
  'ask.close': true,
  'ask.fan_out': true,
  'notify.send': true,
  'broadcast.send': true,
  'message.retract': true,
  'inbox.subscribe': true,
  'inbox.read': true,
  'inbox.ack': true,
  'inbox.drain': true,
  'inbox.reminders': true,
  'job.create': true,
  'job.claim': true,
  'job.update': true,
  'job.finish': true,
  'job.cancel': true,
  'job.retry': true,
  'schedule.create': true,
  'schedule.cron': true,
  'schedule.self': true,
  'schedule.pause': true,
  'schedule.resume': true,
  'schedule.cancel': true,
  'lease.take': true,
  'lease.release': true,
  'watch.create': true,
  'watch.cancel': true,
  'review.touch': true,
  'review.request': true,
  'review.mark': true,
  'board.move': true,
  'board.link': true,
};

/** True for a method that no token may call. */
export function isPeerOnly(method: MethodName): boolean {
  return Object.hasOwn(names, method);
}
