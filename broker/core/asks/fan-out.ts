// The rules of a fan-out (scatter-gather): one event asks many, each in a thread of its own.

import type { EventOf } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import { askIn } from '../../../schemas/uuid.js';
import type { GroupRow } from '../rows/asks.js';
import type { Table } from '../rows/table.js';
import { recipientObjection } from '../shared/recipient.js';
import type { Fact, Objection } from '../shared/view.js';

type FannedOut = EventOf<'ask.fanned_out'>;

/**
 * The asks of a fan-out in the order of `to`, each with an id that follows from the group's: the
 * event need not hold them.
 * https://www.enterpriseintegrationpatterns.com/patterns/messaging/BroadcastAggregate.html
 */
export function groupFrom({ group, by, circle, quorum, to }: FannedOut): GroupRow {
  const row: GroupRow = { group, from: by, circle, asks: [] };
  if (quorum !== undefined) row.quorum = quorum;
  for (const [n, peer] of to.entries()) row.asks.push({ ask: askIn(group, n), peer });
  return row;
}

/**
 * `invalid` when a fan-out asks nobody or over `limits.fan_out_items`, can never reach its quorum,
 * or has an id that is taken. Whom it asks is judged by `recipientsObjection`.
 */
export function groupObjection(table: Table, { group, to, quorum = 1 }: FannedOut): Objection {
  if (to.length === 0 || to.length > limits.fan_out_items) {
    return refuse('invalid', `A fan-out asks 1 to ${limits.fan_out_items} peers; give as many.`);
  }
  if (!(quorum >= 1 && quorum <= to.length)) {
    return refuse('invalid', `The quorum must be 1 to ${to.length}, as many as are asked.`);
  }
  const isTaken =
    table.asks.groups.has(group) ||
    table.asks.get(group) !== undefined ||
    to.some((_, n) => table.asks.get(askIn(group, n)) !== undefined);
  return isTaken
    ? refuse('invalid', `There is a ${group} already; make a new uuid v7.`)
    : undefined;
}

interface Crowd {
  by: string;
  /** Peer ids. */
  to: readonly string[];
  text: string;
  hops?: number | undefined;
  /** Characters beside the text. */
  weight: number;
}

/**
 * What stands against the first, in their order, who cannot be asked; `names` says how each was
 * called. `invalid` for oneself and for a peer named twice, else what `recipientObjection` says.
 */
export function recipientsObjection(
  table: Table,
  { by, to, text, hops, weight }: Crowd,
  names: readonly string[] = to,
): Refusal | undefined {
  const seen = new Set<string>();
  for (const [n, peer] of to.entries()) {
    const name = names[n] ?? peer;
    if (peer === by)
      return about(name, refuse('invalid', `You cannot ask yourself; drop "${name}".`));
    if (seen.has(peer)) {
      return about(name, refuse('invalid', `"${name}" is there twice; name each peer once.`));
    }
    seen.add(peer);
    const objection = recipientObjection(table, peer, text, hops, weight);
    if (objection !== undefined) return about(name, objection);
  }
  return undefined;
}

/** The refusal with the recipient it is about, as `to` in its data: a fan-out is refused whole. */
export function about(to: string, { refusal, message, data }: Refusal): Refusal {
  return refuse(refusal, message, { ...data, to });
}

/**
 * Opens the threads in the order of the recipients: `open` is given each with the circle of who is
 * asked, which may be another than the event's.
 */
export function fanOut(
  table: Table,
  { event }: Fact<'ask.fanned_out'>,
  open: (ask: string, to: string, circle: string) => void,
): void {
  const row = groupFrom(event);
  table.asks.addGroup(row);
  for (const { ask, peer } of row.asks) {
    // The event may belong to all circles, but who is asked must be able to answer from its own.
    open(ask, peer, table.peers.rows.get(peer)?.circle ?? event.circle);
  }
}
