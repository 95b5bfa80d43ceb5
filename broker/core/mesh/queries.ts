// Queries of the mesh itself: what it is, and how much of everything there is.
import { PROTOCOL } from '../../../schemas/frame.js';
import { limits } from '../../../schemas/limits.js';
import type { Result } from '../../../schemas/method.js';
import { covers } from '../rows/rights.js';
import type { Queries, QueryContext } from '../shared/query-context.js';
import { countsOf } from './counts.js';

function meshInfo({ table, info, cursor, now, held }: QueryContext): Result<'mesh.info'> {
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

function meshStats(context: QueryContext): Result<'mesh.stats'> {
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

export const meshQueries = {
  'mesh.info': meshInfo,
  'mesh.stats': meshStats,
} satisfies Queries;
