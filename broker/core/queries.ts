// All queries as one: a reading method, from the table to its answer or to what it needs beside it.
import type { MethodName } from '../../schemas/method.js';
import { isRefusal } from '../../schemas/refusal.js';
import { nouns } from './nouns.js';
import { standingOf } from './rows/standing.js';
import type { Queries, Query, QueryContext, Reading } from './shared/query-context.js';

const queries: Queries = Object.assign({}, ...nouns.map(noun => noun.queries));

/**
 * Answers a reading method, or says what it needs; undefined when the method is none of these. Its
 * author's standing is looked at first: `unauthorized` or `peer_retired`.
 */
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
