// The rows of the messages: who sent what kind, how long its chain of causes is, who must see it.
import { limits } from '../../schemas/limits.js';

export interface MessageRow {
  message: string;
  kind: 'notify' | 'broadcast';
  from: string;
  circle: string;
  position: number;
  hops: number;
  /** How many inboxes still hold it. */
  waiting: number;
}

export class MessageRows {
  /** Held by at least one inbox. */
  readonly live = new Map<string, MessageRow>();
  /** Seen, expired or retracted everywhere; oldest first, kept a while for its hops. */
  readonly ended = new Map<string, MessageRow>();

  /** Notes a message just sent; `settle` then says how many inboxes hold it. */
  add(row: MessageRow): void {
    this.live.set(row.message, row);
  }

  get(message: string): MessageRow | undefined {
    return this.live.get(message) ?? this.ended.get(message);
  }

  /** Notes how many inboxes hold the message now. */
  settle(row: MessageRow, waiting: number): void {
    row.waiting = waiting;
    if (waiting > 0) return;
    this.live.delete(row.message);
    this.ended.set(row.message, row);
    for (const old of this.ended.keys()) {
      if (this.ended.size <= limits.messages_ended_rows) break;
      this.ended.delete(old);
    }
  }
}
