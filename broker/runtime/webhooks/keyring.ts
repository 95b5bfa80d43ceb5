// The secrets that this broker can sign with: those it makes itself, and those that were chosen.
import { limits } from '../../../schemas/limits.js';
import type { WebhookRows, WebhookState } from '../../core/rows/webhooks.js';
import { hashSecret } from '../../core/tokens/secret.js';
import { madeWebhookSecret } from '../../core/webhooks/commands.js';
import type { SecretStore } from '../../disk/webhook-secrets.js';

export interface KeyringConfig {
  /** Makes the secret of what a command creates; only a broker with the same key makes the same. */
  secretFor(id: string): string;
  store: SecretStore;
  /** Monotonic ms. */
  elapsed(): number;
}

/** A secret counts when its hash is the one in the log, wherever it was found. */
export class Keyring {
  readonly #config: KeyringConfig;
  readonly #found = new Map<string, string>();
  /** When it was last looked for in vain. */
  readonly #missed = new Map<string, number>();

  constructor(config: KeyringConfig) {
    this.#config = config;
  }

  /**
   * All that sign at `now` (ms UTC), the newest first; undefined when the newest is not here, as a
   * receiver may know no other.
   */
  async secretsOf(
    rows: WebhookRows,
    { keys }: Pick<WebhookState, 'keys'>,
    now: number,
  ): Promise<string[] | undefined> {
    const secrets: string[] = [];
    for (const [i, { key, until = Number.POSITIVE_INFINITY }] of keys.entries()) {
      if (until <= now) continue;
      const secret = await this.#find(key, rows.hashOf(key) ?? '');
      if (secret !== undefined) secrets.push(secret);
      else if (i === 0) return undefined;
    }
    return secrets.length > 0 ? secrets : undefined;
  }

  /** Resolves when the secret is on disk; whether it is the right one shows when it is used. */
  async keep(key: string, secret: string): Promise<void> {
    await this.#config.store.write(key, secret);
    this.#missed.delete(key);
  }

  async forget(key: string): Promise<void> {
    this.#found.delete(key);
    this.#missed.delete(key);
    await this.#config.store.remove(key);
  }

  async #find(key: string, hash: string): Promise<string | undefined> {
    const known = this.#found.get(key);
    if (known !== undefined && hashSecret(known) === hash) return known;
    const { store, secretFor, elapsed } = this.#config;
    const missedAt = this.#missed.get(key) ?? Number.NEGATIVE_INFINITY;
    if (elapsed() - missedAt < limits.outgoing_look_ms) return undefined;
    const made = madeWebhookSecret(secretFor, key);
    const secret = hashSecret(made) === hash ? made : await store.read(key).catch(() => undefined);
    if (secret !== undefined && hashSecret(secret) === hash) {
      this.#found.set(key, secret);
      return secret;
    }
    this.#missed.set(key, elapsed());
    return undefined;
  }
}
