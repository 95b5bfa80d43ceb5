// The delivery to one webhook: record by record in order, retried; the log is told how far.
import type { WebhookFault } from '../../../schemas/events/webhook.js';
import { limits } from '../../../schemas/limits.js';
import type { DeadLetter, WebhookState } from '../../core/rows/webhooks.js';
import type { TimedEvent } from '../../core/shared/timed.js';
import { interestOf, type RecordHead } from '../../core/webhooks/interest.js';
import { waitAfter } from './backoff.js';
import { type PageSource, pageAfter, recordAt, type ToldRecord } from './page.js';
import type { Poster, PostOutcome } from './post.js';
import { signedMessage } from './signature.js';

export interface DeliveryConfig extends PageSource {
  /** The row, while this broker holds the webhook. */
  held(): WebhookState | undefined;
  /** The same, while it is to be delivered, too: it may be paused, or the log away. */
  row(): WebhookState | undefined;
  /** The next dead letter of it that is to be tried again. */
  letter(): DeadLetter | undefined;
  secrets(): Promise<string[] | undefined>;
  poster: Poster;
  /** Hands the event to the log; true once it took effect. */
  say(event: TimedEvent): Promise<boolean>;
  /** Mesh time and wall time in ms UTC, monotonic ms. */
  now(): number;
  wall(): number;
  elapsed(): number;
  /** From 0 to 1. */
  random(): number;
  version: string;
  /** What an attempt came to, for the figures. */
  tried(outcome: PostOutcome): void;
  /** Told of a fault of ours. */
  failed(error: unknown): void;
}

/**
 * A cursor into the log, at least once: what was delivered since progress was last told to the log
 * is delivered again after a kill. One attempt is under way at a time, so the order is kept.
 */
export class HookDelivery {
  readonly #config: DeliveryConfig;
  readonly #wants: (record: RecordHead) => boolean;
  readonly #gone = new AbortController();
  #running: Promise<void> | undefined;
  #telling: Promise<void> | undefined;
  /** Delivered up to here, whether or not the log knows. */
  #done: number;
  #page: ToldRecord[] = [];
  /** Where the page that follows begins. */
  #after: number;
  #sent = 0;
  #sentAt = 0;
  /** Monotonic ms before which nothing is tried, as the log did not take what was to be said. */
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor(config: DeliveryConfig, row: WebhookState) {
    this.#config = config;
    this.#wants = interestOf(row);
    this.#done = row.up_to;
    this.#after = row.up_to;
  }

  wants(record: RecordHead): boolean {
    return this.#wants(record);
  }

  /** There may be something to do. */
  wake(): void {
    this.#running ??= this.#run()
      .catch(error => this.#config.failed(error))
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Ends the attempt that is under way; nothing more is tried. */
  stop(): void {
    this.#gone.abort();
    this.#config.poster.close();
  }

  /** Resolves when what is under way has come to its end. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Tells the log how far it is, once enough has come up or `isLast`; once at a time. */
  async progress(isLast: boolean): Promise<void> {
    if (this.#telling !== undefined && !isLast) return;
    await this.#telling;
    this.#telling = this.#tell(isLast).finally(() => {
      this.#telling = undefined;
    });
    await this.#telling;
  }

  async #tell(isLast: boolean): Promise<void> {
    const { held, say, elapsed } = this.#config;
    const before = held();
    if (before === undefined || this.#done <= before.up_to) return;
    const scanned = (this.#done - before.up_to) / limits.commit_positions;
    const isOld = this.#sent > 0 && elapsed() - this.#sentAt >= limits.outgoing_progress_ms;
    const isMuch =
      this.#sent >= limits.outgoing_progress_items || scanned >= limits.outgoing_scan_commits;
    const isHealed = this.#sent > 0 && before.failing !== undefined;
    if (!isLast && !isOld && !isMuch && !isHealed) return;
    const sent = this.#sent;
    this.#sentAt = elapsed();
    const { webhook, circle } = before;
    const up_to = this.#done;
    if (await say({ type: 'webhook.advanced', webhook, circle, up_to, sent })) this.#sent -= sent;
  }

  async #run(): Promise<void> {
    while (await this.#step()) await this.progress(false);
    await this.progress(false);
  }

  /** One attempt, or one page read; false when there is nothing to do for now. */
  async #step(): Promise<boolean> {
    const { row, letter, now } = this.#config;
    const here = this.#gone.signal.aborted ? undefined : row();
    if (here === undefined || this.#config.elapsed() < this.#notBefore) return false;
    // Somebody has set it further on.
    if (here.up_to > this.#done) this.#skipTo(here.up_to);
    const dead = letter();
    if (dead !== undefined) return this.#retry(here, dead);
    if (here.failing !== undefined && now() < here.failing.next_at) return false;
    const next = this.#page[0];
    if (next === undefined) return this.#read();
    const outcome = await this.#attempt(next);
    if (outcome === undefined) return false;
    if (!outcome.ok) return this.#fell(next, outcome);
    this.#page.shift();
    this.#done = this.#page.length > 0 ? next.position : Math.max(next.position, this.#after);
    if (this.#sent++ === 0) this.#sentAt = this.#config.elapsed();
    return true;
  }

  #skipTo(position: number): void {
    this.#done = position;
    this.#page = this.#page.filter(record => record.position > position);
    this.#after = Math.max(this.#after, position);
  }

  /** Reads the next page; false when it reached the end of the log and has nothing. */
  async #read(): Promise<boolean> {
    const before = this.#after;
    const { records, up_to } = await pageAfter(this.#config, this.#after, this.#wants);
    this.#page = records;
    this.#after = up_to;
    if (records.length > 0) return true;
    this.#done = Math.max(this.#done, up_to);
    // A stretch without anything for it was read, and the log goes on behind it.
    return up_to > before && up_to / limits.commit_positions < this.#config.fold.sequence;
  }

  /** Undefined when it is not to be delivered from here after all. */
  async #attempt({ event, body }: ToldRecord): Promise<PostOutcome | undefined> {
    const { secrets, row, poster, wall, version, tried } = this.#config;
    const signing = await secrets();
    if (signing === undefined || row() === undefined) return undefined;
    const message = signedMessage(event, body, { secrets: signing, at: wall(), version });
    const outcome = await poster.post(message, this.#gone.signal);
    // What we broke off ourselves says nothing of the receiver.
    if (this.#gone.signal.aborted && !outcome.ok) return undefined;
    tried(outcome);
    return outcome;
  }

  /** It is tried again later, or given up; nothing is passed over before the log says so. */
  async #fell(record: ToldRecord, outcome: PostOutcome & { ok: false }): Promise<boolean> {
    const { row, say, now, random } = this.#config;
    const here = row();
    if (here === undefined) return false;
    const { webhook, circle, failing } = here;
    // Read again when it is due: meanwhile nothing of it is held in memory.
    this.#page = [];
    this.#after = this.#done;
    const { reason, status, retry_after_s } = outcome;
    if (status === 410) {
      await this.progress(true);
      await say({ type: 'webhook.disabled', webhook, circle, reason: 'gone' });
      return false;
    }
    const attempt = 1 + (failing?.record === record.position ? failing.attempt : 0);
    const wait = waitAfter(attempt, random(), retry_after_s);
    const sent = this.#sent;
    const said = { webhook, circle, record: record.position, sent, ...faultOf(reason, status) };
    const isSaid = await say(
      wait === undefined
        ? { ...said, ...letterOf(record), type: 'deadletter.made', attempts: attempt }
        : { ...said, type: 'webhook.failed', attempt, next_at: now() + wait },
    );
    if (!isSaid) this.#notBefore = this.#config.elapsed() + (wait ?? limits.outgoing_retry_ms);
    if (!isSaid) return false;
    this.#sent -= sent;
    if (wait === undefined) this.#skipTo(record.position);
    return wait === undefined;
  }

  /** A dead letter gets one more attempt, whatever is due besides. */
  async #retry({ webhook, circle }: WebhookState, dead: DeadLetter): Promise<boolean> {
    const { say } = this.#config;
    const record = await recordAt(this.#config, dead.position);
    const lost: PostOutcome = { ok: false, reason: 'record_lost' };
    const outcome = record === undefined ? lost : await this.#attempt(record);
    if (outcome === undefined) return false;
    const said = { webhook, circle, letter: dead.letter };
    if (outcome.ok) return say({ ...said, type: 'deadletter.delivered' });
    const { reason, status } = outcome;
    return say({ ...said, type: 'deadletter.failed', ...faultOf(reason, status) });
  }
}

function faultOf(reason: WebhookFault, status: number | undefined) {
  return { reason, ...(status !== undefined && { status }) };
}

function letterOf({ event, type, time }: ToldRecord) {
  return { event, what: type, said_at: time };
}
