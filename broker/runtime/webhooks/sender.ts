// The webhooks of this broker: takes those whose secret it holds, and has each delivered.
import { randomInt } from 'node:crypto';
import type { SignalEvent } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import type { Fold } from '../../core/fold.js';
import type { DeadLetter, WebhookState } from '../../core/rows/webhooks.js';
import { standingOfWebhook } from '../../core/webhooks/standing.js';
import type { FoldedCommit } from '../../core/words.js';
import type { SecretStore } from '../../disk/webhook-secrets.js';
import type { Log } from '../../log/log.js';
import { within } from '../../system/deadline.js';
import type { MeshTime } from '../../system/mesh-time.js';
import type { Part, PartContext } from '../part.js';
import { HookDelivery } from './delivery.js';
import { Keyring } from './keyring.js';
import { createPoster, targetOf } from './post.js';
import { RecentCommits } from './recent-commits.js';
import { Sayings } from './sayings.js';
import { tryOut, type WebhookTrial } from './trial.js';

export interface WebhookSenderConfig extends PartContext {
  fold: Fold;
  log: Log;
  clock: MeshTime;
  version: string;
  secretFor(id: string): string;
  /** Where chosen secrets are kept; absent: nothing is delivered from here. */
  webhookSecrets?: SecretStore | undefined;
  failed(error: unknown): void;
}

/** What is delivered from here, since the start. */
export interface WebhookFigures {
  delivered: number;
  failed: number;
  held: number;
}

/** Of one webhook as it is delivered with one address, filter and holder. */
interface Held {
  row: WebhookState;
  delivery: HookDelivery;
}

/**
 * A webhook is held by one boot at a time, as the log says: a lease that lasts as long as the boot.
 * All that a holder says of it is fenced by that. Its state is a cursor into the log, no queue, so
 * a receiver that is slow or dead costs one page of memory and delays nobody.
 */
export class WebhookSender implements Part {
  readonly #config: WebhookSenderConfig;
  readonly #keyring: Keyring | undefined;
  readonly #sayings: Sayings;
  readonly #recent: RecentCommits;
  readonly #held = new Map<string, Held>();
  /** Since when (monotonic ms) nobody is known to hold it. */
  readonly #free = new Map<string, number>();
  /** By the ids of the events that brought them: all secrets that were seen here to sign. */
  readonly #keys = new Set<string>();
  readonly #figures = { delivered: 0, failed: 0 };
  #timer: NodeJS.Timeout | undefined;
  #isResting = false;
  #isTaking = false;

  constructor(config: WebhookSenderConfig) {
    const { secretFor, webhookSecrets: store, clock, fold } = config;
    const { elapsed } = clock;
    this.#config = config;
    this.#keyring = store && new Keyring({ secretFor, store, elapsed });
    this.#sayings = new Sayings({ ...config, elapsed });
    this.#recent = new RecentCommits(fold, fold.sequence);
  }

  folded(commit: FoldedCommit): void {
    const { records } = commit;
    if (this.#config.fold.table.webhooks.rows.size === 0 && this.#held.size === 0) return;
    let isNews = false;
    let isWanted = false;
    for (const record of records) {
      const { type, event } = record;
      const isOwn = type.startsWith('webhook.') || type.startsWith('deadletter.');
      if (isOwn) {
        isNews = true;
        if (event && /[.](added|rotated)$/.test(type)) this.#keys.add(event.id);
        if (this.#sayings.size > 0) this.#sayings.folded(record);
      } else if (!isWanted) {
        for (const { delivery } of this.#held.values()) isWanted ||= delivery.wants(record);
      }
    }
    if (isWanted) this.#recent.note(commit);
    if (isNews || isWanted) this.#wakeSoon();
  }

  refused(events: readonly SignalEvent[]): void {
    this.#sayings.refused(events);
  }

  tick(): void {
    this.#sayings.tick();
    this.#look();
    for (const { row, delivery } of this.#held.values()) {
      const isPaused = this.#rowOf(row.webhook) === undefined;
      delivery.progress(isPaused).catch(this.#config.failed);
    }
  }

  close(): void {
    this.#isResting = true;
    clearTimeout(this.#timer);
    for (const { delivery } of this.#held.values()) delivery.stop();
    this.#held.clear();
    this.#sayings.close();
  }

  /**
   * Before the log is closed: says how far each is and gives it to whoever else can deliver it.
   * What is under way has half of `limits.close_ms` to come to its end.
   */
  async rest(): Promise<void> {
    if (this.#isResting) return;
    this.#isResting = true;
    const leave = async ({ row: { webhook, circle }, delivery }: Held) => {
      await within(delivery.idle(), limits.close_ms / 2, undefined);
      delivery.stop();
      await delivery.progress(true);
      await this.say({ type: 'webhook.released', webhook, circle });
    };
    await within(Promise.all([...this.#held.values()].map(leave)), limits.close_ms, undefined);
  }

  readonly say: Sayings['say'] = event => this.#sayings.say(event);

  /** Keeps the secret that the event `key` brings, before it is said. Rejects as the disk does. */
  async keep(key: string, secret: string): Promise<void> {
    await this.#keyring?.keep(key, secret);
  }

  /** Forgets a secret that no webhook has. */
  async forget(key: string): Promise<void> {
    if (this.#config.fold.table.webhooks.hashOf(key) !== undefined) return;
    await this.#keyring?.forget(key);
  }

  /** Looks for its secret and its holder again. */
  readonly look = (): void => this.#wakeSoon();

  /** Sends a made-up event now; undefined when this broker does not hold its secret. */
  async test(row: WebhookState): Promise<WebhookTrial | undefined> {
    const { clock, newId, boot, version } = this.#config;
    const secrets = await this.#secretsOf(row.webhook);
    if (secrets === undefined) return undefined;
    const signedBy = { secrets, at: clock.wall(), version };
    return tryOut(row, { id: newId(), by: boot(), time: clock.now() }, signedBy, clock.elapsed);
  }

  readonly figures = (): WebhookFigures => ({ ...this.#figures, held: this.#held.size });

  #wakeSoon(): void {
    if (this.#timer !== undefined || this.#isResting) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#look();
    }, limits.outgoing_gather_ms);
  }

  /** Takes what nobody holds, starts and stops deliveries as the table says, and wakes them. */
  #look(): void {
    if (this.#isResting || this.#keyring === undefined || !this.#config.isServing()) return;
    const { fold, boot } = this.#config;
    this.#dropKeys();
    for (const [webhook, held] of this.#held) {
      if (this.#isSame(held)) held.delivery.wake();
      else {
        held.delivery.stop();
        this.#held.delete(webhook);
      }
    }
    for (const row of fold.table.webhooks.rows.values()) {
      if (row.holder === boot() && !this.#held.has(row.webhook)) this.#begin(row);
    }
    if (this.#isTaking || fold.table.webhooks.rows.size === 0) return;
    this.#isTaking = true;
    this.#exchange()
      .catch(this.#config.failed)
      .finally(() => {
        this.#isTaking = false;
      });
  }

  #isSame(held: Held): boolean {
    const row = this.#heldRow(held.row.webhook);
    if (row !== undefined) held.row = row;
    return row !== undefined;
  }

  #begin(row: WebhookState): void {
    const { fold, clock, log, version, failed } = this.#config;
    const { webhook } = row;
    const delivery = new HookDelivery(
      {
        log,
        fold,
        recent: this.#recent,
        poster: createPoster(targetOf(row)),
        version,
        failed,
        held: () => this.#heldRow(webhook),
        row: () => this.#rowOf(webhook),
        letter: () => this.#letterOf(webhook),
        secrets: () => this.#secretsOf(webhook),
        say: this.say,
        now: clock.now,
        wall: clock.wall,
        elapsed: clock.elapsed,
        random: () => randomInt(1_000_000) / 1_000_000,
        tried: ({ ok }) => void this.#figures[ok ? 'delivered' : 'failed']++,
      },
      row,
    );
    // What this one wants was not looked for until now.
    this.#recent.restart(fold.sequence);
    this.#held.set(webhook, { row, delivery });
    delivery.wake();
  }

  #heldRow(webhook: string): WebhookState | undefined {
    const { fold, boot } = this.#config;
    const row = fold.table.webhooks.rows.get(webhook);
    return row?.holder === boot() ? row : undefined;
  }

  #rowOf(webhook: string): WebhookState | undefined {
    const { fold, clock, isServing } = this.#config;
    const row = this.#isResting || !isServing() ? undefined : this.#heldRow(webhook);
    if (row === undefined) return undefined;
    return standingOfWebhook(fold.table, row, clock.now()) === 'active' ? row : undefined;
  }

  #letterOf(webhook: string): DeadLetter | undefined {
    const { letters } = this.#config.fold.table.webhooks;
    for (const id of this.#config.fold.table.webhooks.lettersOf(webhook)) {
      const letter = letters.get(id);
      if (letter?.state === 'retrying') return letter;
    }
    return undefined;
  }

  async #secretsOf(webhook: string): Promise<string[] | undefined> {
    const { fold, clock } = this.#config;
    const row = fold.table.webhooks.rows.get(webhook);
    return row && this.#keyring?.secretsOf(fold.table.webhooks, row, clock.now());
  }

  /** Takes what is free and can be signed, and gives up what can be signed no longer. */
  async #exchange(): Promise<void> {
    const { fold, boot, clock } = this.#config;
    const { rows } = fold.table.gateways;
    for (const row of [...fold.table.webhooks.rows.values()]) {
      const { webhook, circle, holder, keys } = row;
      for (const { key } of keys) this.#keys.add(key);
      const isOurs = holder === boot();
      const isFree = holder === undefined || !rows.has(holder);
      if (!isFree) this.#free.delete(webhook);
      if (!isFree && !isOurs) continue;
      const canSign = (await this.#secretsOf(webhook)) !== undefined;
      if (this.#isResting) return;
      if (isOurs && !canSign) await this.#give(row);
      if (!isFree || !canSign || row.state !== 'active') continue;
      const since = this.#free.get(webhook) ?? clock.elapsed();
      this.#free.set(webhook, since);
      if (clock.elapsed() - since < this.#rank() * limits.due_rank_ms) continue;
      await this.say({ type: 'webhook.taken', webhook, circle });
    }
  }

  /** Another broker was given the new secret: it goes on from where this one ends. */
  async #give({ webhook, circle }: WebhookState): Promise<void> {
    const held = this.#held.get(webhook);
    await held?.delivery.idle();
    await held?.delivery.progress(true);
    await this.say({ type: 'webhook.released', webhook, circle });
  }

  /** How many living boots are before this one, so that one says what all would. */
  #rank(): number {
    const { fold, boot } = this.#config;
    let rank = 0;
    for (const other of fold.table.gateways.rows.keys()) if (other < boot()) rank++;
    return rank;
  }

  /** The files of secrets that sign no more, and of those whose event is void. */
  #dropKeys(): void {
    const { fold, failed } = this.#config;
    for (const key of this.#keys) {
      const isOver = fold.table.webhooks.hashOf(key) === undefined && this.#keys.delete(key);
      if (isOver) this.forget(key).catch(failed);
    }
  }
}
