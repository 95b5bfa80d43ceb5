// Proposals of the noun usage.
import { isRefusal } from '../../../schemas/refusal.js';
import { type Commands, type Propose, recipientOf } from '../shared/command-context.js';

const proposeBudget: Propose<'usage.budget', 'usage.budgeted'> = (
  context,
  { peer: to, circle, tokens_per_day, cost_usd_per_day },
) => {
  const bounds = { tokens_per_day, cost_usd_per_day };
  // Without a peer there is a circle: the schema asks for one of them.
  if (to === undefined) return { circle: circle ?? '', ...bounds };
  const row = recipientOf(context, to, circle);
  return isRefusal(row) ? row : { circle: row.circle, peer: row.peer, ...bounds };
};

export const usageCommands = {
  'usage.budget': proposeBudget,
} satisfies Commands;
