// The rows of the webhooks: who is told, how far that has come, and the dead letters of each.

import { limits } from '../../../schemas/limits.js';
import type { LetterRow, WebhookRow } from '../../../schemas/webhook.js';

/** One secret, by the id of the event that brought it; only a hash of it is kept, and not here. */
export interface WebhookKey {
  key: string;
  /** Until when it signs, in ms UTC of log time; the newest has no end. */
  until?: number;
}

/** Never changed in place: each change makes a new row, so a row that was handed out stands. */
export interface WebhookState
  extends Omit<WebhookRow, 'state' | 'boot' | 'dead' | 'rotating_until' | 'by_name'> {
  state: 'active' | 'paused' | 'disabled';
  /** The token that it was made with, and ends with. */
  token: string;
  /** The boot that delivers; it may have ended since. */
  holder?: string | undefined;
  /** Letters that died since something was delivered last. */
  dead_in_row: number;
  /** The newest first. */
  keys: readonly WebhookKey[];
}

export type DeadLetter = Readonly<LetterRow>;

export interface WebhooksSnapshot {
  rows: WebhookState[];
  /** By the id of the key. */
  hashes: [string, string][];
  letters: DeadLetter[];
}

/**
 * At most `limits.webhooks_rows` webhooks, and of each the newest `limits.dead_letters_rows` dead
 * letters; what falls off stands in the log.
 */
export class WebhookRows {
  readonly rows = new Map<string, WebhookState>();
  /** Oldest first. */
  readonly letters = new Map<string, DeadLetter>();
  readonly #lettersOf = new Map<string, Set<string>>();
  readonly #hashes = new Map<string, string>();

  /** Puts a row in place of the one before it. */
  put(row: WebhookState): void {
    this.rows.set(row.webhook, row);
  }

  /** The SHA-256 of a secret, hex. */
  hashOf(key: string): string | undefined {
    return this.#hashes.get(key);
  }

  /** A new secret signs from now on, and those before it until `until` at most (ms UTC). */
  sign(row: WebhookState, key: string, hash: string, until: number): WebhookState {
    this.#hashes.set(key, hash);
    const old = row.keys.map(each => ({ ...each, until: Math.min(each.until ?? until, until) }));
    const all: WebhookKey[] = [{ key }, ...old];
    for (const { key: gone } of all.splice(limits.webhook_keys_items)) this.#hashes.delete(gone);
    return { ...row, keys: all };
  }

  /** Forgets a webhook and its letters. */
  remove(row: WebhookState): void {
    this.rows.delete(row.webhook);
    for (const { key } of row.keys) this.#hashes.delete(key);
    for (const letter of this.lettersOf(row.webhook)) this.letters.delete(letter);
    this.#lettersOf.delete(row.webhook);
  }

  /** The ids of its dead letters, oldest first. */
  lettersOf(webhook: string): readonly string[] {
    return [...(this.#lettersOf.get(webhook) ?? [])];
  }

  /** How many dead letters it has. */
  deadOf(webhook: string): number {
    return this.#lettersOf.get(webhook)?.size ?? 0;
  }

  /** Puts a letter, a new one behind all others. */
  keep(letter: DeadLetter): void {
    this.letters.set(letter.letter, letter);
    const own = this.#lettersOf.get(letter.webhook) ?? new Set();
    this.#lettersOf.set(letter.webhook, own.add(letter.letter));
    const [oldest] = own;
    if (own.size > limits.dead_letters_rows && oldest !== undefined) this.drop(oldest);
  }

  drop(letter: string): void {
    const row = this.letters.get(letter);
    this.letters.delete(letter);
    if (row !== undefined) this.#lettersOf.get(row.webhook)?.delete(letter);
  }

  toSnapshot(): WebhooksSnapshot {
    const { rows, letters } = this;
    return { rows: [...rows.values()], hashes: [...this.#hashes], letters: [...letters.values()] };
  }

  static fromSnapshot({ rows, hashes, letters }: WebhooksSnapshot): WebhookRows {
    const webhooks = new WebhookRows();
    for (const row of rows) webhooks.put(row);
    for (const [key, hash] of hashes) webhooks.#hashes.set(key, hash);
    for (const letter of letters) webhooks.keep(letter);
    return webhooks;
  }
}
