// Query of the tokens: a list of those that reach no further than the caller's own.
import { compact } from '../../../schemas/codec.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import { covers } from '../rows/rights.js';
import type { TokenState } from '../rows/tokens.js';
import { withNames } from '../shared/names.js';
import { paged, type Queries, type QueryContext } from '../shared/query-context.js';

function listTokens(
  context: QueryContext,
  { max, after }: Parsed<'token.list'>,
): Result<'token.list'> {
  const { table, held } = context;
  // A token bound to circles sees only those that reach no further than it does.
  const isShown = ({ token, circles }: TokenState) =>
    (after === undefined || token > after) && circles.every(circle => covers(held, circle));
  const rows = [...table.tokens.rows.values()].filter(isShown);
  rows.sort((a, b) => (a.token < b.token ? -1 : 1));
  const show = ({ parent: _, ...row }: TokenState) => compact(withNames(context, row));
  return paged(rows, max, row => row.token, show);
}

export const tokenQueries = {
  'token.list': listTokens,
} satisfies Queries;
