// Which verb of the command line does what a method of the protocol does.
import { type MethodName, methods } from '../../schemas/method.js';

const verbs: { readonly [M in MethodName]?: string } = {
  'peer.list': 'peers --all',
  'peer.join': 'join',
  'peer.attach': 'join',
  'peer.leave': 'leave',
  'peer.rename': 'rename',
  'peer.describe': 'describe',
  'peer.turn': 'turn',
  'peer.whoami': 'whoami',
  'ask.open': 'ask',
  'ask.fan_out': 'ask --many',
  'ask.close': 'reply',
  'ask.get': 'asks --all',
  'ask.list': 'asks --all',
  'ask.wait': 'asks --all',
  'ask.rollup': 'rollup',
  'notify.send': 'notify',
  'broadcast.send': 'broadcast',
  'message.retract': 'retract',
  'message.trace': 'trace',
  'inbox.read': 'inbox',
  'inbox.ack': 'ack',
  'inbox.subscribe': 'inbox',
  'inbox.reminders': 'asks --in',
  'job.list': 'job list --all',
  'job.get': 'job show',
  'schedule.list': 'schedule list --all',
  'schedule.get': 'schedule show',
  'schedule.create': 'schedule at',
  'token.list': 'token list',
  'usage.list': 'usage',
  'session.offer': 'open',
  'session.start': 'open',
  'mesh.info': 'status',
  'mesh.stats': 'stats',
  'mesh.health': 'status',
  'log.observe': 'tail',
  'log.unobserve': 'tail',
  'log.read': 'log read',
  'log.histogram': 'log read',
};

/** Every method as a command; those that are not listed are called as the verb is. */
export const commandFor: ReadonlyMap<string, string> = new Map(
  (Object.keys(methods) as MethodName[]).map(method => [
    method,
    `signalbox ${verbs[method] ?? method.replace('.', ' ')}`,
  ]),
);
