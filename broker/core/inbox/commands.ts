// Proposals of the noun inbox.
import { type Commands, type Propose, self } from '../shared/command-context.js';
import { drainOf } from './drain.js';

const proposeTake: Propose<'inbox.subscribe', 'inbox.taken'> = context => ({
  circle: self(context).circle,
});

const proposeAck: Propose<'inbox.ack', 'inbox.acknowledged'> = (context, params) => {
  const { id: _, ...seen } = params;
  return { circle: self(context).circle, ...seen };
};

const proposeDrain: Propose<'inbox.drain', 'inbox.handed'> = (context, params) => {
  const { peer, circle } = self(context);
  const { refs, seen, known } = drainOf(context.table, peer, params, context.now);
  return {
    circle,
    session: params.session,
    refs: refs.length > 0 ? refs : undefined,
    seen: seen.length > 0 ? seen : undefined,
    known: known > 0 ? known : undefined,
  };
};

export const inboxCommands = {
  'inbox.subscribe': proposeTake,
  'inbox.ack': proposeAck,
  'inbox.drain': proposeDrain,
} satisfies Commands;
