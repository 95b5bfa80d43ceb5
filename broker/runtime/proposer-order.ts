// Proposer order: in which order the living boots propose what is due, so that one does.
import type { GatewayState } from '../core/rows/gateways.js';

/** The newest commit of a boot, and when (monotonic ms) it was noticed here. */
interface HeardBoot {
  commit: number;
  at: number;
}

/** A courtesy by rank, no leader election: the fold takes the first, whoever it was. */
export class ProposerOrder {
  #heard = new Map<string, HeardBoot>();
  /** Boots that let their turn pass, by the commit they were last heard with. */
  #silent = new Map<string, number>();

  /** Notes which boots there are and which have spoken since the last time. */
  listen(rows: ReadonlyMap<string, GatewayState>, moment: number): void {
    const heard = new Map<string, HeardBoot>();
    for (const [boot, { commit }] of rows) {
      const known = this.#heard.get(boot);
      heard.set(boot, known?.commit === commit ? known : { commit, at: moment });
      if (this.#silent.get(boot) !== commit) this.#silent.delete(boot);
    }
    for (const boot of this.#silent.keys()) if (!rows.has(boot)) this.#silent.delete(boot);
    this.#heard = heard;
  }

  /** How many boots are asked before this one. */
  of(boot: string): number {
    let rank = 0;
    for (const other of this.#heard.keys()) if (other < boot && !this.#silent.has(other)) rank++;
    return rank;
  }

  /** Those before this one let a turn pass: who was not heard since it came is asked no more. */
  passOver(boot: string, since: number): void {
    for (const [other, { commit, at }] of this.#heard) {
      if (other < boot && at <= since) this.#silent.set(other, commit);
    }
  }
}
