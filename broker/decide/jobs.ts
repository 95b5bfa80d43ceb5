// Proposals of the noun job.
import { refuse } from '../../schemas/refusal.js';
import type { Propose } from './context.js';

export const proposeJob: Propose<'job.create', 'job.created'> = () =>
  refuse('method_unknown', 'Not there yet.');

export const proposeClaim: Propose<'job.claim', 'job.claimed'> = () =>
  refuse('method_unknown', 'Not there yet.');

export const proposeUpdate: Propose<'job.update', 'job.updated'> = () =>
  refuse('method_unknown', 'Not there yet.');

export const proposeFinish: Propose<'job.finish', 'job.finished'> = () =>
  refuse('method_unknown', 'Not there yet.');

export const proposeCancel: Propose<'job.cancel', 'job.cancelled'> = () =>
  refuse('method_unknown', 'Not there yet.');

export const proposeRetry: Propose<'job.retry', 'job.retried'> = () =>
  refuse('method_unknown', 'Not there yet.');
