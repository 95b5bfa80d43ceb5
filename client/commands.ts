// The methods that change something, so that they take a command id: counted by the compiler.
import type { CommandName, MethodName } from '../schemas/method.js';

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
