// What a decision is made from: who asks, when, and the table as it is now.
import type { EventOf, EventType } from '../../../schemas/event.js';
import type { CommandName, Parsed } from '../../../schemas/method.js';
import { resolveMoment } from '../../../schemas/moment.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import type { AskRow } from '../rows/asks.js';
import { type Chain, NO_CHAIN } from '../rows/chains.js';
import type { PeerState } from '../rows/peers.js';
import { covers, type Rights } from '../rows/rights.js';
import type { Table } from '../rows/table.js';
import type { Author } from '../words.js';
import { resolvePeer } from './address.js';

export interface Context {
  table: Table;
  author: Author;
  /** What the author's token allows. */
  held: Rights;
  /** Mesh time, in ms UTC. */
  now: number;
  /** The latest a client may go by when it makes an id; mesh time when absent. */
  latest?: number;
  /** Set when a join should also connect through this gateway's boot. */
  boot?: string | undefined;
  /** The secret the broker makes for what a command creates: the same for every repeat of it. */
  secretFor(id: string): string;
  hashSecret(secret: string): string;
  /** True while a claim of the job made here is on its way through the log. */
  isBeingClaimed(job: string): boolean;
}

/** What a noun adds to the envelope. */
export type Data<T extends EventType> = Omit<EventOf<T>, 'v' | 'id' | 'type' | 'by' | 'token'>;

/** From a command's parameters to its event's data, or the reason why not. */
export type Propose<M extends CommandName, T extends EventType> = (
  context: Context,
  params: Parsed<M> & { id: string },
) => Data<T> | Refusal;

/** A noun's part: what makes an event of each of its commands. */
export type Commands = {
  readonly [M in CommandName]?: (
    context: Context,
    params: Parsed<M> & { id: string },
  ) => Data<EventType> | Refusal;
};

/** The one peer that `to` means to who speaks; refuses as `resolvePeer` does. */
export function recipientOf(context: Context, to: string, circle?: string): PeerState | Refusal {
  return resolvePeer(context, to, circle);
}

/**
 * Whom a message for `to` goes to: while the peer it means is away, to who took over from it, if
 * the caller's token reaches that one; a successor itself still reaches its predecessor.
 */
export function addresseeOf(context: Context, to: string, circle?: string): PeerState | Refusal {
  const { table, held, author, now } = context;
  const meant = recipientOf(context, to, circle);
  if (isRefusal(meant)) return meant;
  let at = meant;
  while (table.peers.statusAt(at, now) === 'offline') {
    const next = table.peers.rows.get(at.handed?.to ?? '');
    if (next === undefined || next.retired !== undefined || !covers(held, next.circle)) break;
    at = next;
  }
  return at.peer === author.peer ? meant : at;
}

/**
 * The moment a parameter names, in ms UTC; nothing when it was left out. `invalid` when it is no
 * moment, or not later than `now`.
 */
export function future(
  name: string,
  moment: number | string | undefined,
  now: number,
): { at?: number | undefined } | Refusal {
  if (moment === undefined) return {};
  const at = resolveMoment(moment, now);
  if (at === undefined) {
    return refuse('invalid', `${name} must be ISO 8601, epoch ms, or like 90s, 10m, 2h, 3d.`);
  }
  return at > now ? { at } : refuse('invalid', `${name} has passed already; give a later time.`);
}

interface Links {
  caused_by?: string | undefined;
  reply_to?: string | undefined;
}

/**
 * How far along a chain something stands that is said because of others; without keys at its begin,
 * as nearly all is, so that the event holds none.
 */
export function chainAfter({ table }: Context, { caused_by, reply_to }: Links): Partial<Chain> {
  if (caused_by === undefined && reply_to === undefined) return {};
  const { chains } = table;
  const cause = caused_by === undefined ? NO_CHAIN : chains.of(caused_by);
  const earlier = reply_to === undefined ? NO_CHAIN : chains.of(reply_to);
  // Each step makes one of the two longer and keeps the other, so a mixed chain has an end too.
  const hops = Math.max(earlier.hops, caused_by === undefined ? 0 : cause.hops + 1);
  const replies = Math.max(cause.replies, reply_to === undefined ? 0 : earlier.replies + 1);
  return { ...(hops > 0 && { hops }), ...(replies > 0 && { replies }) };
}

/**
 * The thread, when the peer that speaks takes part in it or its token reaches there; undefined
 * otherwise, to be refused by `unknownAsk`.
 */
export function visibleAsk({ table, author, held }: Context, ask: string): AskRow | undefined {
  const row = table.asks.get(ask);
  if (row === undefined || row.from === author.peer || row.to === author.peer) return row;
  return covers(held, row.circle) ? row : undefined;
}

/** The row of the peer that speaks. The rights check has made sure there is one. */
export function self({ table, author }: Context): PeerState {
  const row = table.peers.rows.get(author.peer ?? '');
  if (row === undefined) throw new Error('a peer method was let through without a peer');
  return row;
}
