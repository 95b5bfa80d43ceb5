// Proposals of the noun inbox.
import { type Commands, type Propose, self } from '../shared/command-context.js';

const proposeTake: Propose<'inbox.subscribe', 'inbox.taken'> = context => ({
  circle: self(context).circle,
});

const proposeAck: Propose<'inbox.ack', 'inbox.acknowledged'> = (context, params) => {
  const { id: _, ...seen } = params;
  return { circle: self(context).circle, ...seen };
};

export const inboxCommands = {
  'inbox.subscribe': proposeTake,
  'inbox.ack': proposeAck,
} satisfies Commands;
