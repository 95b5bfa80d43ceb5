// The rows of the tokens, by id, by the hash of their secret, and by who made them.
import type { TokenRow } from '../../../schemas/token.js';

/** Never changed in place: each change makes a new row, so a row that was handed out stands. */
export interface TokenState extends TokenRow {
  /** The token it was made with; none below level 3, where a token lived on its own. */
  parent?: string | undefined;
}

/** A row with the hash of its secret, as a snapshot has it. */
export interface KeptToken extends TokenState {
  secret_hash: string;
}

/**
 * All tokens there ever were, revoked ones too. Secrets are known by their hash alone, which no row
 * that is handed out holds.
 */
export class TokenRows {
  readonly rows = new Map<string, TokenState>();
  /** From the SHA-256 of a secret to its token, and back: no row says it, so no reader is told. */
  readonly #byHash = new Map<string, string>();
  readonly #hashes = new Map<string, string>();
  /** From a token or peer to the tokens made with or by it. */
  readonly #made = new Map<string, Set<string>>();

  /** The token that a secret is of, by the secret's SHA-256. */
  withHash(hash: string): string | undefined {
    return this.#byHash.get(hash);
  }

  /** Puts a new row, or one from a snapshot. */
  add({ secret_hash, ...row }: KeptToken): TokenState {
    this.#byHash.set(secret_hash, row.token);
    this.#hashes.set(row.token, secret_hash);
    this.put(row);
    return row;
  }

  /** Puts a row in place of the one before it. */
  put(row: TokenState): void {
    this.rows.set(row.token, row);
    if (row.parent === undefined) return;
    for (const maker of new Set([row.parent, row.made_by ?? row.parent])) {
      const known = this.#made.get(maker);
      if (known) known.add(row.token);
      else this.#made.set(maker, new Set([row.token]));
    }
  }

  /** What ends with a token or peer: what it made, what that made, and so on; not itself. */
  heirs(maker: string): TokenState[] {
    const heirs = new Map<string, TokenState>();
    const open = [maker];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const token of this.#made.get(next) ?? []) {
        const row = this.rows.get(token);
        if (row === undefined || heirs.has(token)) continue;
        heirs.set(token, row);
        open.push(token);
      }
    }
    return [...heirs.values()];
  }

  /** By token, as rows of a snapshot. */
  toSnapshot(): KeptToken[] {
    const rows = [...this.rows.values()].sort((a, b) => (a.token < b.token ? -1 : 1));
    return rows.map(({ token, name, circles, roles, verbs, ...more }) => {
      const secret_hash = this.#hashes.get(token) ?? '';
      return { token, name, circles, roles, verbs, secret_hash, ...more };
    });
  }

  static fromSnapshot(rows: readonly KeptToken[]): TokenRows {
    const tokens = new TokenRows();
    for (const row of rows) tokens.add(row);
    return tokens;
  }
}
