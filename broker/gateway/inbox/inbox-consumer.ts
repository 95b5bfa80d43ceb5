// The delivery state of one peer's inbox at this gateway: consumer, items shown, claims of readers.
import type { InboxItem } from '../../../schemas/message.js';
import { type Item, toldItem } from '../../core/rows/inbox.js';
import type { Outlet } from '../shared/outlet.js';

/** The connection that took the inbox. */
export interface Consumer {
  outlet: Outlet;
  generation: number;
  /** True while nothing of what comes is held back: what is new may be sent at once. */
  isAbreast: boolean;
}

interface Showing {
  position: number;
  /** Of the newest consumer that was sent it; 0 while only readers were. */
  generation: number;
}

/** What is known of an inbox beside its items; lost with the gateway. */
export interface DeliveryState {
  consumer: Consumer | undefined;
  /** By ref, the items that somebody was shown and that are still there. */
  shown: Map<string, Showing>;
  /** By ref, until when a reader has it for itself, in ms UTC. */
  claims: Map<string, number>;
}

/** Of an inbox that nobody has taken or read yet. */
export function newDeliveryState(): DeliveryState {
  return { consumer: undefined, shown: new Map(), claims: new Map() };
}

/** True when there is nothing to remember. */
export function isBare(state: DeliveryState): boolean {
  return state.consumer === undefined && state.shown.size === 0 && state.claims.size === 0;
}

/** True while a reader has the item for itself; `now` in ms UTC. */
export function isClaimed(state: DeliveryState, ref: string, now: number): boolean {
  const until = state.claims.get(ref);
  if (until === undefined) return false;
  if (until > now) return true;
  state.claims.delete(ref);
  return false;
}

/**
 * The item as it is told, and noted as told. It is `repeated` when somebody may have been shown it:
 * here, or by a gateway that its peer was connected to before `bornAt` (a position).
 */
export function show(
  state: DeliveryState,
  item: Item,
  generation: number,
  bornAt: number,
): InboxItem {
  const told = toldItem(item);
  const before = state.shown.get(item.ref);
  const wasTold = before !== undefined || item.handed !== undefined;
  if (wasTold || (item.offered && item.position < bornAt)) told.repeated = true;
  state.shown.set(item.ref, {
    position: item.position,
    generation: Math.max(generation, before?.generation ?? 0),
  });
  return told;
}

/** Forgets an item that is gone; its position when the consumer had been sent it. */
export function forget(state: DeliveryState, ref: string): number | undefined {
  const showing = state.shown.get(ref);
  state.shown.delete(ref);
  state.claims.delete(ref);
  return wasSent(state, showing) ? showing?.position : undefined;
}

/** True when the consumer of now has yet to be sent the item. */
export function isUnsent(state: DeliveryState, ref: string): boolean {
  return !wasSent(state, state.shown.get(ref));
}

function wasSent({ consumer }: DeliveryState, showing: Showing | undefined): boolean {
  return consumer !== undefined && showing?.generation === consumer.generation;
}
