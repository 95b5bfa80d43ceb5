// Proposals of the noun review.
import { refuse } from '../../schemas/refusal.js';
import type { Propose } from './context.js';

export const proposeTouch: Propose<'review.touch', 'review.touched'> = () =>
  refuse('method_unknown', 'Not there yet.');

export const proposeRequest: Propose<'review.request', 'review.requested'> = () =>
  refuse('method_unknown', 'Not there yet.');

export const proposeMark: Propose<'review.mark', 'review.marked'> = () =>
  refuse('method_unknown', 'Not there yet.');
