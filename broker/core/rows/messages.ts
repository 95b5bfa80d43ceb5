// The rows of the messages: who sent what kind, how long its chain of causes is, who must see it.
import { limits } from '../../../schemas/limits.js';
import { rowsByKey } from './key-order.js';

/** What the ids of messages begin with, as a code unit. */
const FIRST = 'm'.charCodeAt(0);

/** How many inboxes hold it changes in place. */
export interface MessageRow {
  message: string;
  kind: 'notify' | 'broadcast';
  from: string;
  circle: string;
  position: number;
  hops: number;
  /** How many inboxes still hold it. */
  waiting: number;
  /** The first of the messages that one after the other replaced, when it replaces one. */
  chain?: string | undefined;
}

interface MessagesSnapshot {
  live: MessageRow[];
  /** Oldest first. */
  ended: MessageRow[];
}

/**
 * Messages that some inbox still holds, and of the others the newest `limits.messages_ended_rows`,
 * which are kept for their hops.
 */
export class MessageRows {
  /** Held by at least one inbox. */
  readonly live = new Map<string, MessageRow>();
  /** Seen, expired or retracted everywhere; oldest first, kept a while for its hops. */
  readonly ended = new Map<string, MessageRow>();

  /** By author and first message, the replacements that wait; one, once their event is folded. */
  readonly #chains = new Map<string, Set<string>>();
  /** No door lets an id in that does not begin as theirs do, but a log may hold anything. */
  #hasOdd = false;

  /** Notes a message just sent; `settle` then says how many inboxes hold it. */
  add(row: MessageRow): void {
    this.#noteId(row);
    this.live.set(row.message, row);
    if (row.chain === undefined) return;
    const key = `${row.from} ${row.chain}`;
    const known = this.#chains.get(key);
    if (known) known.add(row.message);
    else this.#chains.set(key, new Set([row.message]));
  }

  /** The first of the chain that a message is of; itself when it replaced none. */
  chainOf(message: string): string {
    return this.get(message)?.chain ?? message;
  }

  /** The replacements that wait in the chain of an author's message. */
  waitingWith(author: string, message: string): Iterable<string> {
    return this.#chains.get(`${author} ${this.chainOf(message)}`) ?? [];
  }

  get(message: string): MessageRow | undefined {
    // Asked of all that leaves an inbox, asks and replies too.
    if (!this.#hasOdd && message.charCodeAt(0) !== FIRST) return undefined;
    return this.live.get(message) ?? this.ended.get(message);
  }

  /** Notes how many inboxes hold the message now. */
  settle(row: MessageRow, waiting: number): void {
    row.waiting = waiting;
    if (waiting > 0) return;
    this.live.delete(row.message);
    this.#leave(row);
    this.ended.set(row.message, row);
    for (const old of this.ended.keys()) {
      if (this.ended.size <= limits.messages_ended_rows) break;
      this.ended.delete(old);
    }
  }

  toSnapshot(): MessagesSnapshot {
    const copied = (row: MessageRow) => ({ ...row });
    return { live: rowsByKey(this.live).map(copied), ended: [...this.ended.values()].map(copied) };
  }

  static fromSnapshot({ live, ended }: MessagesSnapshot): MessageRows {
    const messages = new MessageRows();
    for (const row of live) messages.add({ ...row });
    for (const row of ended) {
      messages.#noteId(row);
      messages.ended.set(row.message, { ...row });
    }
    return messages;
  }

  #noteId({ message }: MessageRow): void {
    if (message.charCodeAt(0) !== FIRST) this.#hasOdd = true;
  }

  #leave({ from, chain, message }: MessageRow): void {
    const key = `${from} ${chain}`;
    const known = this.#chains.get(key);
    known?.delete(message);
    if (known?.size === 0) this.#chains.delete(key);
  }
}
