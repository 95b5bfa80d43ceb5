// Proposals of the noun usage.
import { isRefusal } from '../../../schemas/refusal.js';
import { type Propose, recipientOf } from '../shared/command-context.js';

export const proposeBudget: Propose<'usage.budget', 'usage.budgeted'> = (
  context,
  { peer: to, circle, tokens_per_day, cost_usd_per_day },
) => {
  const bounds = { tokens_per_day, cost_usd_per_day };
  // Without a peer there is a circle: the schema asks for one of them.
  if (to === undefined) return { circle: circle ?? '', ...bounds };
  const row = recipientOf(context, to, circle);
  return isRefusal(row) ? row : { circle: row.circle, peer: row.peer, ...bounds };
};
