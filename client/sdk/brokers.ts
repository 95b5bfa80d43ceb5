// The brokers of one mesh that calls may go to: the one that answered last, then the next of them.
import { ClientError } from './errors.js';

/**
 * Several addresses of one mesh, and how far each side is known to be. Whoever shares one goes on
 * with the broker that the others have found to answer.
 */
export class Brokers {
  /** In the order in which they are tried; the first again after the last. */
  readonly urls: readonly string[];
  #at = 0;
  /** The newest position that a broker told, and which one did. */
  #told: { position: number; url: string } | undefined;

  /** A text may hold several, with commas. Throws ClientError `misuse` when there is none. */
  constructor(url: string | readonly string[]) {
    this.urls = [url].flat().flatMap(text => splitUrls(text));
    if (this.urls.length === 0) throw new ClientError('misuse', 'give the URL of a broker');
  }

  /** The one that answered last, or the first. */
  get url(): string {
    return this.urls[this.#at] as string;
  }

  /** This one does not serve: the next is tried, unless another caller has found one. */
  leave(url: string): void {
    if (this.url === url) this.#at = (this.#at + 1) % this.urls.length;
  }

  /** What a broker said of its log: an answer's `position`, or that of what it delivered. */
  learn(url: string, position: unknown): void {
    if (typeof position !== 'number' || position <= (this.#told?.position ?? -1)) return;
    this.#told = { position, url };
  }

  /** The log ends before what was told: it was cut, and the broker says where. */
  forget(head: unknown): void {
    if (typeof head === 'number') this.#told = undefined;
  }

  /** What this broker must have folded, so that nobody reads less than before; absent: anything. */
  floor(url: string): number | undefined {
    return this.#told?.url === url ? undefined : this.#told?.position;
  }
}

/** A comma may stand within an address too: only before another one does it separate. */
function splitUrls(text: string): string[] {
  return text
    .split(/,(?=\s*(?:https?|wss?):)/)
    .map(url => url.trim().replace(/,$/, ''))
    .filter(url => url !== '');
}
