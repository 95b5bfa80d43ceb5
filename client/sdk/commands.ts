// The methods that change something, so that they take a command id: counted by the compiler.
import type { CommandName, MethodName } from '../../schemas/method.js';

// A table of its own, because the schemas would bring zod into every hook and page.
const commands: Record<CommandName, true> = {
  'peer.join': true,
  'peer.leave': true,
  'peer.rename': true,
  'peer.describe': true,
  'peer.turn': true,
  'peer.kill': true,
  'ask.open': true,
  'ask.close': true,
  'ask.fan_out': true,
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
  'review.touch': true,
  'review.request': true,
  'review.mark': true,
  'review.forget': true,
  'usage.budget': true,
  'notify.send': true,
  'broadcast.send': true,
  'message.retract': true,
  'inbox.subscribe': true,
  'inbox.ack': true,
  'token.create': true,
  'token.revoke': true,
};

export function isCommand(method: MethodName): method is CommandName {
  return Object.hasOwn(commands, method);
}
