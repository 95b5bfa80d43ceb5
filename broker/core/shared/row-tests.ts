// Row predicates as plain data: what a list wants, and what of it its caller may see.
import type { ColdColumn, RowTest } from '../archive.js';
import type { QueryContext } from './query-context.js';

/** All of those that are wanted at all. */
export function allOf(...tests: readonly (RowTest | false)[]): RowTest {
  return { all: tests.filter(test => test !== false) };
}

/** A row in which the peer has one of these parts; none when nobody speaks. */
export function partIn(peer: string | undefined, columns: readonly ColdColumn[]): RowTest {
  return { any: peer === undefined ? [] : columns.map(column => ({ column, is: [peer] })) };
}

/** What `mayRead` lets through: the caller takes part, or its token reaches the circle. */
export function readable(
  { author, held }: Pick<QueryContext, 'author' | 'held'>,
  parts: readonly ColdColumn[] = ['from', 'to'],
): RowTest {
  if (held.circles.includes('*')) return { all: [] };
  return { any: [partIn(author.peer, parts), { column: 'circle', is: held.circles }] };
}
