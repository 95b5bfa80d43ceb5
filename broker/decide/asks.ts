// Proposals of the noun ask.

import { isRefusal, type Refusal, refuse } from '../../schemas/refusal.js';
import { named } from '../../schemas/uuid.js';
import type { Table } from '../rows/table.js';
import { type Propose, recipientOf, visibleAsk } from './context.js';

export const proposeOpen: Propose<'ask.open', 'ask.opened'> = (context, params) => {
  const { id, to, circle, text, reply_to, caused_by } = params;
  if (reply_to !== undefined && visibleAsk(context, reply_to) === undefined) {
    return unknownAsk(reply_to);
  }
  const recipient = recipientOf(context, to, circle);
  if (isRefusal(recipient)) return recipient;
  return {
    circle: recipient.circle,
    ask: named('ask', id),
    to: recipient.peer,
    text,
    reply_to,
    caused_by,
    hops: hopsAfter(context.table, caused_by),
  };
};

export const proposeClose: Propose<'ask.close', 'ask.closed'> = (context, params) => {
  const { ask, outcome, text } = params;
  const thread = visibleAsk(context, ask);
  if (thread === undefined) return unknownAsk(ask);
  return { circle: thread.circle, ask, outcome, text };
};

function unknownAsk(ask: string): Refusal {
  return refuse('ask_unknown', `There is no ${ask} you may see; see ask.list.`);
}

/** How many causes stand before something caused by `ref`; undefined without a cause. */
export function hopsAfter(table: Table, ref: string | undefined): number | undefined {
  if (ref === undefined) return undefined;
  return 1 + (table.asks.get(ref)?.hops ?? table.messages.get(ref)?.hops ?? 0);
}

export const proposeFanOut: Propose<'ask.fan_out', 'ask.fanned_out'> = () =>
  refuse('method_unknown', 'Not there yet.');
