// Queries of the leases: who works on which files, as far as the caller may see.
import { compact } from '../../../schemas/codec.js';
import type { LeaseRow } from '../../../schemas/lease.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import { endOf, type LeaseState } from '../rows/leases.js';
import { covers } from '../rows/rights.js';
import { withNames } from '../shared/names.js';
import {
  mayRead,
  paged,
  type Queries,
  type QueryContext,
  type Viewer,
} from '../shared/query-context.js';
import { spelled } from './commands.js';

type Wanted = Parsed<'lease.list'>;

function listLeases(context: QueryContext, params: Wanted): Result<'lease.list'> | Refusal {
  const { table, author, held, now } = context;
  const { project, mine, max, after } = params;
  const me = table.peers.rows.get(author.peer ?? '');
  const isWide = me === undefined || me.role === 'orchestrator' || mine;
  const circle = params.circle ?? (isWide ? '*' : me.circle);
  if (circle !== '*' && !covers(held, circle)) {
    return refuse('circle_forbidden', `Your token does not cover circle "${circle}".`);
  }
  const paths = params.paths && spelled(params.paths);
  if (paths !== undefined && isRefusal(paths)) return paths;
  const isShown = (row: LeaseState) =>
    endOf(row) > now &&
    (circle === '*' || row.circle === circle) &&
    (!mine || row.by === author.peer) &&
    (project === undefined || row.project === project) &&
    (after === undefined || row.lease < after) &&
    (paths === undefined || overlaps(context, row, paths)) &&
    maySee(context, row);
  const rows = [...table.leases.rows.values()].filter(isShown);
  rows.sort((a, b) => (a.lease < b.lease ? 1 : -1));
  return paged(
    rows,
    max,
    row => row.lease,
    row => told(context, row),
  );
}

/** True where the lease holds any of the paths, what one lies in, or what lies below one. */
function overlaps({ table }: QueryContext, row: LeaseState, paths: readonly string[]): boolean {
  const index = table.leases.project(row.circle, row.project);
  return paths.some(path => {
    for (const hold of index?.overlapping(path) ?? []) if (hold.lease === row.lease) return true;
    return false;
  });
}

function maySee(viewer: Viewer, { by: from, circle }: LeaseState): boolean {
  return mayRead(viewer, { from, circle });
}

function told(viewer: Viewer, { attended: _, paths, ...row }: LeaseState): LeaseRow {
  return compact(withNames(viewer, { ...row, paths: [...paths] }));
}

export const leaseQueries = { 'lease.list': listLeases } satisfies Queries;
