// The peers this shell may see, all pages, and their names.
import type { Thread } from '../../../schemas/ask.js';
import { limits } from '../../../schemas/limits.js';
import type { PeerRow } from '../../../schemas/peer.js';
import type { CallParams } from '../../api.js';
import { createNames, type Names } from '../show/names.js';
import type { Reach } from './reach.js';

/** Every page of a list. */
export async function allRows<Row>(
  page: (at: {
    max: number;
    after?: string;
  }) => Promise<{ rows: Row[]; next?: string | undefined }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let after: string | undefined;
  do {
    const answer = await page({ max: limits.list_items, ...(after && { after }) });
    rows.push(...answer.rows);
    after = answer.next;
  } while (after !== undefined);
  return rows;
}

/** Peers of the circle given, or of every circle this shell may see; offline ones too. */
export function allPeers(reach: Reach, circle = '*'): Promise<PeerRow[]> {
  return allRows(at => reach.read('peer.list', { circle, offline: true, self: true, ...at }));
}

/** Names for what is shown; without them ids are shown, which is no reason to fail. */
export async function peerNames(reach: Reach): Promise<Names> {
  return createNames(await allPeers(reach).catch(() => []));
}

/** The threads of this shell's peer. */
export function allAsks(reach: Reach, filter: CallParams<'ask.list'>): Promise<Thread[]> {
  return allRows(at => reach.speak('ask.list', { ...filter, ...at }));
}
