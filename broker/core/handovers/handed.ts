// What a peer is told that speaks of a thing which somebody has taken over from it.
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import type { Table } from '../rows/table.js';

/**
 * `not_yours`, with who has it now, for a peer from which the thing was taken over, be it by way of
 * others; undefined for anybody else. `holders` are who may do it, of whom only a successor is
 * named; `what` begins a sentence: "This ask".
 */
export function handedObjection(
  { peers }: Table,
  by: string,
  thing: { handed_from?: string | undefined } | undefined,
  holders: readonly (string | undefined)[],
  what: string,
): Refusal | undefined {
  if (thing?.handed_from === undefined) return undefined;
  let isFormer = false;
  // Who takes over has no successor from then on, so the chain has an end.
  for (let at: string | undefined = by; at !== undefined; at = peers.rows.get(at)?.handed?.to) {
    if (at === thing.handed_from) isFormer = true;
    else if (isFormer && holders.includes(at)) {
      const { name = at } = peers.rows.get(at) ?? {};
      const message = `${what} is with ${name}, who took over from you; ask ${name} to do it.`;
      return refuse('not_yours', message, { peer: at });
    }
  }
  return undefined;
}

/** Who has now what was a peer's: the last in the chain of those who took over, or itself. */
export function holderAfter({ peers }: Table, peer: string): string {
  let at = peer;
  for (;;) {
    const next = peers.rows.get(at)?.handed?.to;
    if (next === undefined) return at;
    at = next;
  }
}
