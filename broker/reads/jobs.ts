// Reading jobs: from the table, or from the log where they have left it.
import { compact } from '../../schemas/codec.js';
import type { Parsed, Result } from '../../schemas/method.js';
import { isRefusal, type Refusal, refuse } from '../../schemas/refusal.js';
import { unknownJob } from '../core/jobs/rules.js';
import { endStates, type Job, shownJob, takesPart } from '../core/rows/jobs.js';
import { covers } from '../core/rows/rights.js';
import { resolvePeer } from '../core/shared/address.js';
import { paged, type QueryContext } from './context.js';
import { partsWithNames, withNames } from './names.js';

export function getJob(context: QueryContext, { job }: Parsed<'job.get'>) {
  const shown = (row: Job | undefined) =>
    row !== undefined && maySee(context, row) ? wholeJob(context, row) : unknownJob(job);
  const { jobs } = context.table;
  const row = jobs.get(job);
  if (row !== undefined || jobs.dropped.jobs === 0) return shown(row);
  return context.archive.find(
    { find: 'row', view: 'jobs', key: job, told: shown },
    context.sequence,
  );
}

export async function listJobs(
  context: QueryContext,
  params: Parsed<'job.list'>,
): Promise<Result<'job.list'> | Refusal> {
  const { state, max, after } = params;
  const { jobs } = context.table;
  const isWanted = filterOf(context, params);
  if (isRefusal(isWanted)) return isWanted;
  const before = after === undefined ? Number.POSITIVE_INFINITY : Number(after);
  const fits = (row: Job) =>
    row.number < before && (state === undefined || row.state === state) && isWanted(row);
  const rows: Job[] = [];
  for (const row of jobs.open.values()) if (fits(row)) rows.push(row);
  for (const row of jobs.ended.values()) if (fits(row)) rows.push(row);
  rows.sort(newestFirst);
  const isAll = state !== undefined && !endStates.has(state);
  const isEnough = isAll || (rows[max]?.number ?? 0) > jobs.dropped.newest;
  if (jobs.dropped.jobs > 0 && !isEnough) {
    const known = new Set(rows.map(row => row.job));
    const told = (old: Job[]) => rows.push(...old.filter(row => !known.has(row.job)));
    const read = { find: 'page', view: 'jobs', fits, max: max + 1, told } as const;
    await context.archive.find(read, context.sequence);
    rows.sort(newestFirst);
  }
  const show = (row: Job) => withNames(context, shownJob(row));
  return paged(rows, max, row => String(row.number), show);
}

const newestFirst = (a: Job, b: Job) => b.number - a.number;

/** What circle and names leave of the jobs that the caller may see. */
function filterOf(
  context: QueryContext,
  { owner, to, kind, circle }: Parsed<'job.list'>,
): ((row: Job) => boolean) | Refusal {
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
  return row =>
    (keeper === undefined || (row.owner ?? row.from) === keeper) &&
    (doer === undefined || row.to === doer) &&
    (kind === undefined || row.kind === kind) &&
    maySee(context, row) &&
    (near === '*' || row.circle === near || (circle === undefined && takesPart(row, author.peer)));
}

function maySee({ author, held }: QueryContext, row: Job): boolean {
  return takesPart(row, author.peer) || covers(held, row.circle);
}

function wholeJob(context: QueryContext, row: Job): Result<'job.get'> {
  const { result, artifacts } = row;
  const attempts = partsWithNames(context, row, row.attempts);
  return compact({ ...withNames(context, shownJob(row)), attempts, result, artifacts });
}
