// A desk: what this gateway knows of one peer's inbox beside its items; lost with the gateway.
import type { InboxItem } from '../../../schemas/message.js';
import type { Item } from '../../core/rows/inbox.js';
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

export interface Desk {
  consumer: Consumer | undefined;
  /** By ref, the items that somebody was shown and that are still there. */
  shown: Map<string, Showing>;
  /** By ref, until when a reader has it for itself, in ms UTC. */
  claims: Map<string, number>;
}

export function openDesk(): Desk {
  return { consumer: undefined, shown: new Map(), claims: new Map() };
}

export function isBare(desk: Desk): boolean {
  return desk.consumer === undefined && desk.shown.size === 0 && desk.claims.size === 0;
}

/** True for what is not to be shown as current any more, though the log has yet to say so. */
export function isExpired({ kind, expires_at, deadline_at }: Item, now: number): boolean {
  if (expires_at !== undefined && expires_at <= now) return true;
  return kind === 'ask' && deadline_at !== undefined && deadline_at <= now;
}

export function isClaimed(desk: Desk, ref: string, now: number): boolean {
  const until = desk.claims.get(ref);
  if (until === undefined) return false;
  if (until > now) return true;
  desk.claims.delete(ref);
  return false;
}

/**
 * The item as it is told, and noted as told. It is `repeated` when somebody may have been shown it:
 * here, or by a gateway that its peer was connected to before `bornAt` (a position).
 */
export function show(desk: Desk, item: Item, generation: number, bornAt: number): InboxItem {
  const { offered, expires_at, ...told }: Item = item;
  const before = desk.shown.get(item.ref);
  if (before !== undefined || (offered && item.position < bornAt)) told.repeated = true;
  desk.shown.set(item.ref, {
    position: item.position,
    generation: Math.max(generation, before?.generation ?? 0),
  });
  return expires_at === undefined ? told : { ...told, expires_at };
}

/** Forgets an item that is gone; its position when the consumer had been sent it. */
export function forget(desk: Desk, ref: string): number | undefined {
  const showing = desk.shown.get(ref);
  desk.shown.delete(ref);
  desk.claims.delete(ref);
  return wasSent(desk, showing) ? showing?.position : undefined;
}

/** True when the consumer of now has yet to be sent the item. */
export function isUnsent(desk: Desk, ref: string): boolean {
  return !wasSent(desk, desk.shown.get(ref));
}

function wasSent({ consumer }: Desk, showing: Showing | undefined): boolean {
  return consumer !== undefined && showing?.generation === consumer.generation;
}
