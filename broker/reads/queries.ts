// The methods that only read: answered from the table, or from the log where rows have left it.
import type { MethodName } from '../../schemas/method.js';
import { isRefusal, type Refusal } from '../../schemas/refusal.js';
import { standingOf } from '../core/rows/standing.js';
import type { Answer } from '../core/words.js';
import { findThread, listAsks, rollup } from './asks.js';
import type { Query, QueryContext } from './context.js';
import { reminders, trace } from './inbox.js';
import { getJob, listJobs } from './jobs.js';
import { listTokens, meshInfo, meshStats } from './mesh.js';
import { orchestratorStatus } from './orchestrator.js';
import { attach, listPeers, whoami } from './peers.js';
import { reviewQueue } from './reviews.js';
import { getSchedule, listSchedules } from './schedules.js';
import { listUsage } from './usage.js';

const queries: { [M in MethodName]?: Query<M> } = {
  'peer.whoami': whoami,
  'peer.list': listPeers,
  'peer.attach': attach,
  'orchestrator.status': orchestratorStatus,
  'ask.get': findThread,
  'ask.list': listAsks,
  'ask.rollup': rollup,
  'message.trace': trace,
  'inbox.reminders': reminders,
  'job.get': getJob,
  'job.list': listJobs,
  'schedule.get': getSchedule,
  'schedule.list': listSchedules,
  'review.queue': reviewQueue,
  'usage.list': listUsage,
  'token.list': listTokens,
  'mesh.info': meshInfo,
  'mesh.stats': meshStats,
};

/** Undefined when the method is not one that the table answers. */
export function answerQuery(
  method: MethodName,
  context: Omit<QueryContext, 'held'>,
  params: unknown,
): Answer | Promise<Answer> | undefined {
  const query = queries[method] as Query<MethodName> | undefined;
  if (query === undefined) return undefined;
  const held = standingOf(context.table, context.author, context.now);
  if (isRefusal(held)) return held;
  const result = query({ ...context, held }, params as never);
  return result instanceof Promise ? result.then(asAnswer) : asAnswer(result);
}

function asAnswer(result: Refusal | object): Answer {
  return isRefusal(result) ? result : { result: result as Record<string, unknown> };
}
