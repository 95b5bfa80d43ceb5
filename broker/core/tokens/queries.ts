// Query of the tokens: a list of those that reach no further than the caller's own.
import { compact } from '../../../schemas/codec.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import type { TokenRow } from '../../../schemas/token.js';
import { covers } from '../rows/rights.js';
import type { TokenState } from '../rows/tokens.js';
import { withNames } from '../shared/names.js';
import { paged, type Queries, type QueryContext, type Viewer } from '../shared/query-context.js';

function listTokens(
  context: QueryContext,
  { max, after }: Parsed<'token.list'>,
): Result<'token.list'> {
  const { table } = context;
  const isShown = (row: TokenState) =>
    (after === undefined || row.token > after) && maySee(context, row);
  const rows = [...table.tokens.rows.values()].filter(isShown);
  rows.sort((a, b) => (a.token < b.token ? -1 : 1));
  return paged(
    rows,
    max,
    row => row.token,
    row => shown(context, row),
  );
}

/** A token bound to circles sees only those that reach no further than it does. */
function maySee({ held }: Viewer, { circles }: TokenState): boolean {
  return circles.every(circle => covers(held, circle));
}

function shown(viewer: Viewer, { parent: _, ...row }: TokenState): TokenRow {
  return compact(withNames(viewer, row));
}

/** A token as a list tells it; undefined when the viewer may not see it. */
export function tokenRow(viewer: Viewer, row: TokenState): TokenRow | undefined {
  return maySee(viewer, row) ? shown(viewer, row) : undefined;
}

export const tokenQueries = {
  'token.list': listTokens,
} satisfies Queries;
