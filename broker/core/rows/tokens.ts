// The rows of the tokens, and what a token's holder may do.
import type { Role, Verb } from '../../../schemas/common.js';
import type { TokenRow } from '../../../schemas/token.js';
import { OPERATOR } from '../../../schemas/uuid.js';

export interface TokenState extends TokenRow {
  secret_hash: string;
  /** The token it was made with; none below level 3, where a token lived on its own. */
  parent?: string | undefined;
}

export interface Rights {
  token: string;
  circles: readonly string[];
  roles: readonly Role[];
  verbs: readonly Verb[];
  expires_at?: number | undefined;
}

export class TokenRows {
  readonly rows = new Map<string, TokenState>();
  /** From the SHA-256 of a secret to its token. */
  readonly byHash = new Map<string, string>();
  /** From a token or peer to the tokens made with or by it. */
  private readonly made = new Map<string, Set<string>>();

  put(row: TokenState): void {
    this.rows.set(row.token, row);
    this.byHash.set(row.secret_hash, row.token);
    if (row.parent === undefined) return;
    for (const maker of new Set([row.parent, row.made_by ?? row.parent])) {
      const known = this.made.get(maker);
      if (known) known.add(row.token);
      else this.made.set(maker, new Set([row.token]));
    }
  }

  /** What ends with a token or peer: what it made, what that made, and so on; not itself. */
  heirs(maker: string): TokenState[] {
    const heirs = new Map<string, TokenState>();
    const open = [maker];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const token of this.made.get(next) ?? []) {
        const row = this.rows.get(token);
        if (row === undefined || heirs.has(token)) continue;
        heirs.set(token, row);
        open.push(token);
      }
    }
    return [...heirs.values()];
  }
}

const operator: Rights = {
  token: OPERATOR,
  circles: ['*'],
  roles: ['agent', 'orchestrator', 'service', 'human'],
  verbs: ['observe', 'speak', 'operate'],
};

/** What a token allows at a time in ms UTC; undefined when unknown, revoked or expired. */
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
