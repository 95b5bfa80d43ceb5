// The vote on a state: whether more keys claim one other state than claim ours.
import { STATE } from '../../core/audit/checkpoint.js';
import type { CheckpointRow } from '../../core/rows/checkpoints.js';

/** True when the same version of the fold made both: others have other hashes of one state. */
export function isComparable(state: string | undefined, own: string): boolean {
  return STATE.exec(state ?? '')?.[1] === STATE.exec(own)?.[1];
}

type Claim = Pick<CheckpointRow, 'key' | 'state'>;

/**
 * True when more keys claim one other state than claim ours. One key alone, whatever it claims, is
 * never more than ours; of two that differ neither is in the minority.
 */
export function majorityAgainst(claims: readonly Claim[], own: string): boolean {
  const keys = new Map<string, Set<string>>();
  for (const { key, state = '' } of claims) {
    const said = keys.get(state) ?? new Set();
    keys.set(state, said.add(key));
  }
  const ours = keys.get(own)?.size ?? 0;
  return [...keys].some(([state, said]) => state !== own && said.size > Math.max(ours, 1));
}
