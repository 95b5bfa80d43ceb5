// Hop counts: how far along a chain each thing stands, by causes and by answers that ask back.
import { limits } from '../../../schemas/limits.js';

export interface Chain {
  /** Things that were caused, one by the other, before it. */
  hops: number;
  /** Asks that were answered by asking back before it. */
  replies: number;
}

export const NO_CHAIN: Chain = { hops: 0, replies: 0 };

/**
 * Keeps `limits.chains_rows` chains; what is forgotten counts as a beginning. The count bounds a
 * loop like the hop limit of a packet. https://en.wikipedia.org/wiki/Time_to_live
 */
export class ChainRows {
  /** Only of what stands further along than at the beginning; the longest not named goes first. */
  readonly rows = new Map<string, Chain>();

  of(ref: string): Chain {
    return this.rows.get(ref) ?? NO_CHAIN;
  }

  note(ref: string, { hops, replies }: Chain): void {
    if (hops <= 0 && replies <= 0) return;
    this.rows.delete(ref);
    this.rows.set(ref, { hops, replies });
    if (this.rows.size <= limits.chains_rows) return;
    const [oldest = ''] = this.rows.keys();
    this.rows.delete(oldest);
  }

  toSnapshot(): [string, Chain][] {
    return [...this.rows];
  }

  static fromSnapshot(rows: readonly [string, Chain][]): ChainRows {
    const chains = new ChainRows();
    for (const [ref, chain] of rows) chains.note(ref, chain);
    return chains;
  }
}
