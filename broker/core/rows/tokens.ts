// The rows of the tokens, by id, by the hash of their secret, and by who made them.
import type { TokenRow } from '../../../schemas/token.js';

export interface TokenState extends TokenRow {
  secret_hash: string;
  /** The token it was made with; none below level 3, where a token lived on its own. */
  parent?: string | undefined;
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
