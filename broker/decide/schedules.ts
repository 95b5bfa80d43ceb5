// Proposals of the noun schedule.
import { refuse } from '../../schemas/refusal.js';
import type { Propose } from './context.js';

export const proposeOnce: Propose<'schedule.create', 'schedule.created'> = () =>
  refuse('method_unknown', 'Not there yet.');

export const proposeCron: Propose<'schedule.cron', 'schedule.created'> = () =>
  refuse('method_unknown', 'Not there yet.');

export const proposeSelf: Propose<'schedule.self', 'schedule.created'> = () =>
  refuse('method_unknown', 'Not there yet.');

export const proposePause: Propose<'schedule.pause', 'schedule.paused'> = () =>
  refuse('method_unknown', 'Not there yet.');

export const proposeResume: Propose<'schedule.resume', 'schedule.resumed'> = () =>
  refuse('method_unknown', 'Not there yet.');

export const proposeCancelSchedule: Propose<'schedule.cancel', 'schedule.cancelled'> = () =>
  refuse('method_unknown', 'Not there yet.');
