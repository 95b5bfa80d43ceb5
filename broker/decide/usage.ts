// Proposals of the noun usage.
import { refuse } from '../../schemas/refusal.js';
import type { Propose } from './context.js';

export const proposeBudget: Propose<'usage.budget', 'usage.budgeted'> = () =>
  refuse('method_unknown', 'Not there yet.');
