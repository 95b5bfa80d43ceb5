// Reading of the mesh itself: what it is, how much of everything there is, and its tokens.
import { compact } from '../../schemas/codec.js';
import { PROTOCOL } from '../../schemas/frame.js';
import { limits } from '../../schemas/limits.js';
import type { Parsed, Result } from '../../schemas/method.js';
import { covers } from '../core/rows/rights.js';
import type { TokenState } from '../core/rows/tokens.js';
import { paged, type QueryContext } from './context.js';
import { countsOf } from './counts.js';
import { withNames } from './names.js';

export function meshInfo({ table, info, cursor, now, held }: QueryContext): Result<'mesh.info'> {
  const isUnbound = held.circles.includes('*');
  const brokers = [...table.gateways.rows.values()].map(({ gateway, boot, last_seen }) => ({
    gateway,
    boot,
    last_seen,
  }));
  return {
    mesh: info.mesh,
    log: info.log,
    head: cursor,
    time: now,
    protocol: PROTOCOL,
    version: info.version,
    brokers: isUnbound ? brokers : [],
    durability: info.durability,
    limits,
  };
}

export function listTokens(
  context: QueryContext,
  { max, after }: Parsed<'token.list'>,
): Result<'token.list'> {
  const { table, held } = context;
  // A token bound to circles sees only those that reach no further than it does.
  const isShown = ({ token, circles }: TokenState) =>
    (after === undefined || token > after) && circles.every(circle => covers(held, circle));
  const rows = [...table.tokens.rows.values()].filter(isShown);
  rows.sort((a, b) => (a.token < b.token ? -1 : 1));
  const show = ({ parent: _, ...row }: (typeof rows)[number]) => compact(withNames(context, row));
  return paged(rows, max, row => row.token, show);
}

export function meshStats(context: QueryContext): Result<'mesh.stats'> {
  const { table, held, author, now, sequence, malformed } = context;
  const isSeen = (circle: string) => covers(held, circle);
  // What belongs to the mesh, and to none of its circles, is for who may see all of them.
  const isUnbound = isSeen('*');
  return {
    time: now,
    commits: sequence,
    malformed: isUnbound ? malformed : 0,
    brokers: isUnbound ? table.gateways.rows.size : 0,
    ...countsOf(table, isSeen, now, author.peer),
  };
}
