// Authorization: what a token allows its holder, by circle, role and verb.
import type { Role, Verb } from '../../../schemas/common.js';
import { OPERATOR } from '../../../schemas/uuid.js';
import type { TokenRows } from './tokens.js';

export interface Rights {
  token: string;
  circles: readonly string[];
  roles: readonly Role[];
  verbs: readonly Verb[];
  expires_at?: number | undefined;
}

const operator: Rights = {
  token: OPERATOR,
  circles: ['*'],
  roles: ['agent', 'orchestrator', 'service', 'human'],
  verbs: ['observe', 'speak', 'operate'],
};

/**
 * What a token allows at a time in ms UTC; undefined when unknown, revoked or expired, which
 * callers refuse alike (`unauthorized`).
 */
export function rights(
  table: { tokens: TokenRows },
  token: string,
  time: number,
): Rights | undefined {
  if (token === OPERATOR) return operator;
  const row = table.tokens.rows.get(token);
  if (row === undefined || row.revoked_at !== undefined) return undefined;
  if (row.expires_at !== undefined && time >= row.expires_at) return undefined;
  return row;
}

/** True when the rights reach into a circle; what belongs to no circle (`*`) needs all of them. */
export function covers({ circles }: Rights, circle: string): boolean {
  return circles.includes('*') || circles.includes(circle);
}
