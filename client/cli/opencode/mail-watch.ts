// A watch for mail: a WebSocket by which a session's peer is online and hears that mail has come.
import { SUBPROTOCOLS } from '../../../schemas/frame.js';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { socketUrl } from '../../sdk/address.js';
import type { SessionPeer } from '../hook/session-peer.js';

/** The part of a WebSocket that is used; Bun and Node from 22 on send headers with theirs. */
export interface WatchSocket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onerror: (() => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}
export type WatchSocketClass = new (
  url: string,
  options: { protocols: string[]; headers: Record<string, string> },
) => WatchSocket;

/** What a watch is made of. */
export interface MailWatchParts {
  Socket: WatchSocketClass;
  /** Whose mail, and where. Rejects while there is no broker; undefined for who has left. */
  seat(): Promise<SessionPeer | undefined>;
  onMail(): void;
}

/**
 * Keeps a connection that asks for mail again and again and takes none; made anew when it ends,
 * with longer and longer rests. Nothing of it keeps the process alive or throws.
 */
export class MailWatch {
  readonly #parts: MailWatchParts;
  #socket: WatchSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;
  #tries = 0;
  /** The newest item that was told of. */
  #after = 0;
  #asked = 0;

  constructor(parts: MailWatchParts) {
    this.#parts = parts;
    void this.#dial();
  }

  /** The peer is offline then. */
  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  async #dial(): Promise<void> {
    try {
      const seat = await this.#parts.seat();
      if (this.#isEnded || seat === undefined) return;
      this.#open(seat);
    } catch {
      this.#rest();
    }
  }

  #open({ site, credential }: SessionPeer): void {
    const { url } = site.brokers;
    const socket = new this.#parts.Socket(socketUrl(url), {
      protocols: [SUBPROTOCOLS.json],
      headers: { authorization: `Bearer ${credential}` },
    });
    this.#socket = socket;
    // One that opens in silence, or falls silent, is no connection.
    this.#within(limits.dial_ms);
    socket.onopen = () => this.#ask();
    socket.onmessage = ({ data }) => this.#heard(data);
    socket.onerror = () => {};
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      site.brokers.leave(url);
      this.#lost();
    };
  }

  #ask(): void {
    const wait_s = limits.plugin_wait_s;
    const params = { after: this.#after, wait_s, claim_s: 0, max: limits.hook_items };
    this.#asked += 1;
    const request = { jsonrpc: '2.0', id: this.#asked, method: 'inbox.read', params };
    this.#within(wait_s * 1_000 + limits.call_wait_ms);
    this.#socket?.send(JSON.stringify(request));
  }

  #heard(data: unknown): void {
    const answer = parsed(data);
    if (answer.id !== this.#asked) return;
    const { items } = Object(answer.result) as { items?: { position: number }[] };
    if (!Array.isArray(items)) {
      // Refused: the broker has a reason that passes, or this peer is none any more.
      this.#socket?.close();
      return;
    }
    this.#tries = 0;
    this.#after = Math.max(this.#after, ...items.map(({ position }) => position));
    if (items.length > 0) this.#parts.onMail();
    this.#ask();
  }

  #lost(): void {
    this.#socket = undefined;
    this.#rest();
  }

  #within(ms: number): void {
    const socket = this.#socket;
    this.#later(ms, () => {
      if (this.#socket !== socket) return;
      this.#lost();
      socket?.close();
    });
  }

  #rest(): void {
    const { reconnect_first_ms, reconnect_max_ms } = limits;
    const ms = Math.min(reconnect_max_ms, reconnect_first_ms * 2 ** this.#tries++);
    this.#later(ms, () => void this.#dial());
  }

  #later(ms: number, run: () => void): void {
    clearTimeout(this.#timer);
    if (!this.#isEnded) this.#timer = setTimeout(run, ms).unref();
  }
}

function parsed(data: unknown): { id?: unknown; result?: unknown } {
  try {
    return Object(JSON.parse(String(data)));
  } catch {
    return {};
  }
}
