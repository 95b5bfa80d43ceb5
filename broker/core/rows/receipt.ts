// The receipt of a command: what its answer needs of its fold, and how 32 bits remember it.

export type Receipt =
  | { kind: 'queued' | 'offered' | 'dropped' }
  /** How many inboxes took it, or how many items left one; how many things were handed over. */
  | { kind: 'count'; n: number }
  /** The generation of an inbox. */
  | { kind: 'generation'; n: number }
  /** The number of the job that was claimed. */
  | { kind: 'job'; n: number }
  /** When a rule's next time is, in ms UTC: on a whole minute. */
  | { kind: 'next'; at: number }
  /** No time of a rule is left. */
  | { kind: 'ended' };

/** What the answer to a sender says of the recipient: away, here, or away and not waited for. */
export const QUEUED: Receipt = { kind: 'queued' };
export const OFFERED: Receipt = { kind: 'offered' };
export const DROPPED: Receipt = { kind: 'dropped' };

/** By what they are packed as. */
const deliveries = [QUEUED, OFFERED, DROPPED];

export const ENDED: Receipt = { kind: 'ended' };

/** What ENDED is packed as. */
const NEVER = 0xffff_ffff;
const MINUTE = 60_000;

/**
 * The receipt of a rule's next time, in ms UTC, cut to the whole minute that 32 bits can hold;
 * undefined for 0.
 */
export function nextAt(at: number): Receipt | undefined {
  return nextFrom(Math.floor(at / MINUTE) >>> 0);
}

/** As 32 bits, for the memory of command ids; what has no receipt is 0, as is `queued`. */
export function packReceipt(receipt: Receipt | undefined): number {
  switch (receipt?.kind) {
    case undefined:
    case 'queued':
      return 0;
    case 'offered':
      return 1;
    case 'dropped':
      return 2;
    case 'count':
    case 'generation':
    case 'job':
      return receipt.n;
    case 'next':
      return receipt.at / MINUTE;
    case 'ended':
      return NEVER;
  }
}

/** What an event of this type was told: the inverse of `packReceipt`. */
export function unpackReceipt(type: string, packed: number): Receipt | undefined {
  switch (type) {
    case 'ask.opened':
    case 'message.notified':
      return deliveries[packed];
    case 'message.broadcast':
    case 'inbox.handed':
    case 'orchestrator.handed_over':
      return { kind: 'count', n: packed };
    case 'inbox.taken':
      return { kind: 'generation', n: packed };
    case 'job.claimed':
      return { kind: 'job', n: packed };
    case 'schedule.created':
    case 'schedule.resumed':
      return nextFrom(packed);
    default:
      return undefined;
  }
}

function nextFrom(minutes: number): Receipt | undefined {
  if (minutes === 0) return undefined;
  return minutes === NEVER ? ENDED : { kind: 'next', at: minutes * MINUTE };
}
