// Queries of the jobs: one, and a list of those that the caller may see.
import { compact } from '../../../schemas/codec.js';
import type { JobRow } from '../../../schemas/job.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import type { ColdColumn, RowTest } from '../archive.js';
import { endStates, type Job, shownJob, takesPart } from '../rows/jobs.js';
import { covers } from '../rows/rights.js';
import { resolvePeer } from '../shared/address.js';
import { pageOf, rowOf } from '../shared/hot-cold.js';
import { partsWithNames, withNames } from '../shared/names.js';
import type { Queries, QueryContext, Reading, Viewer } from '../shared/query-context.js';
import { allOf, partIn, readable } from '../shared/row-tests.js';
import { unknownJob } from './rules.js';

function getJob(context: QueryContext, { job }: Parsed<'job.get'>): Reading<'job.get'> {
  return rowOf(context.table, 'jobs', job, row =>
    row !== undefined && maySee(context, row) ? wholeJob(context, row) : unknownJob(job),
  );
}

function listJobs(context: QueryContext, params: Parsed<'job.list'>): Reading<'job.list'> {
  const { state, max, after } = params;
  const { table } = context;
  const isWanted = filterOf(context, params);
  if (isRefusal(isWanted)) return isWanted;
  const isLive = state !== undefined && !endStates.has(state);
  return pageOf(table, 'jobs', {
    fits: allOf(
      after !== undefined && { after },
      state !== undefined && { column: 'state', is: [state] },
      isWanted,
    ),
    max,
    mayBeCold: hot => !isLive && (hot[max]?.number ?? 0) <= table.jobs.dropped.newest,
    show: row => withNames(context, shownJob(row)),
  });
}

/** What circle and names leave of the jobs that the caller may see. */
function filterOf(
  context: QueryContext,
  { owner, to, kind, circle }: Parsed<'job.list'>,
): RowTest | Refusal {
  const { table, author, held } = context;
  if (circle !== undefined && circle !== '*' && !covers(held, circle)) {
    return refuse('circle_forbidden', `Your token does not cover circle "${circle}".`);
  }
  const named = (name: string | undefined) => {
    if (name === undefined) return undefined;
    const found = resolvePeer(context, name, circle);
    return isRefusal(found) ? found : found.peer;
  };
  const [keeper, doer] = [named(owner), named(to)];
  if (typeof keeper === 'object') return keeper;
  if (typeof doer === 'object') return doer;
  const me = table.peers.rows.get(author.peer ?? '');
  const isWide = me === undefined || me.role === 'orchestrator';
  const near = circle ?? (isWide ? '*' : me.circle);
  const isNear: RowTest = { column: 'circle', is: [near] };
  return allOf(
    keeper !== undefined && { column: 'owner', is: [keeper] },
    doer !== undefined && { column: 'to', is: [doer] },
    kind !== undefined && { column: 'kind', is: [kind] },
    readable(context, parts),
    near !== '*' && (circle !== undefined ? isNear : { any: [isNear, partIn(author.peer, parts)] }),
  );
}

/** Of `takesPart`, as columns: whoever made a job without an owner keeps it. */
const parts: readonly ColdColumn[] = ['from', 'owner', 'to', 'worker'];

function maySee({ author, held }: Viewer, row: Job): boolean {
  return takesPart(row, author.peer) || covers(held, row.circle);
}

/** A job as a list tells it; undefined when the viewer may not see it. */
export function jobRow(viewer: Viewer, row: Job): JobRow | undefined {
  return maySee(viewer, row) ? withNames(viewer, shownJob(row)) : undefined;
}

function wholeJob(context: QueryContext, row: Job): Result<'job.get'> {
  const { result, artifacts } = row;
  const attempts = partsWithNames(context, row, row.attempts);
  return compact({ ...withNames(context, shownJob(row)), attempts, result, artifacts });
}

export const jobQueries = {
  'job.get': getJob,
  'job.list': listJobs,
} satisfies Queries;
