// All queries as one: a reading method, from the table to its answer or to what it needs beside it.
import type { MethodName } from '../../schemas/method.js';
import { isRefusal } from '../../schemas/refusal.js';
import { nouns } from './nouns.js';
import { standingOf } from './rows/standing.js';
import {
  isLater,
  type Queries,
  type Query,
  type QueryAnswer,
  type QueryContext,
  type Reading,
} from './shared/query-context.js';

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
  if (isRefusal(held)) return held;
  const reading = answer({ ...context, held }, params as never);
  return lists.has(method) ? stamped(reading, context.cursor) : reading;
}

/** The methods whose rows a reader may hold, and go on from with view.watch. */
const lists: ReadonlySet<MethodName> = new Set<MethodName>([
  'peer.list',
  'peer.get',
  'ask.list',
  'job.list',
  'schedule.list',
  'review.queue',
  'token.list',
  'usage.list',
]);

/** Says where in the log the answer stands; one that is told later shows that moment or a newer. */
function stamped(reading: Reading<MethodName>, at: string): Reading<MethodName> {
  if (isRefusal(reading)) return reading;
  if (!isLater(reading)) return { ...reading, at } as Reading<MethodName>;
  if (!('told' in reading)) return reading;
  const told = (...found: never[]) => {
    const answer = (reading.told as (...found: never[]) => QueryAnswer<MethodName>)(...found);
    return isRefusal(answer) ? answer : { ...answer, at };
  };
  return { ...reading, told } as Reading<MethodName>;
}
