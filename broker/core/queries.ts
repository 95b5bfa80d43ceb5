// All queries as one: a reading method, from the table to its answer or to what it needs beside it.
import type { MethodName } from '../../schemas/method.js';
import { isRefusal } from '../../schemas/refusal.js';
import { findThread, listAsks, rollup } from './asks/queries.js';
import { reminders } from './inbox/queries.js';
import { getJob, listJobs } from './jobs/queries.js';
import { meshInfo, meshStats } from './mesh/queries.js';
import { trace } from './messages/queries.js';
import { orchestratorStatus } from './peers/orchestrator.js';
import { attach, listPeers, whoami } from './peers/queries.js';
import { reviewQueue } from './reviews/queries.js';
import { standingOf } from './rows/standing.js';
import { getSchedule, listSchedules } from './schedules/queries.js';
import type { Query, QueryContext, Reading } from './shared/query-context.js';
import { listTokens } from './tokens/queries.js';
import { listUsage } from './usage/queries.js';

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

/** Answers a reading method, or says what it needs; undefined when the method is none of these. */
export function query(
  method: MethodName,
  context: Omit<QueryContext, 'held'>,
  params: unknown,
): Reading<MethodName> | undefined {
  const answer = queries[method] as Query<MethodName> | undefined;
  if (answer === undefined) return undefined;
  const held = standingOf(context.table, context.author, context.now);
  return isRefusal(held) ? held : answer({ ...context, held }, params as never);
}
