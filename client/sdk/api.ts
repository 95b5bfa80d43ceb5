// What programs may do with Signalbox through the SDK: the whole surface, shapes only.
import type { Thread } from '../../schemas/ask.js';
import type { Encoding } from '../../schemas/frame.js';
import type { JobRow } from '../../schemas/job.js';
import type { InboxItem } from '../../schemas/message.js';
import type { CommandName, MethodName, Params, Result } from '../../schemas/method.js';
import type { PeerRow, SeenWhen } from '../../schemas/peer.js';
import type { LiveView } from '../../schemas/view.js';
import type { LiveRows } from './live-rows.js';
import type { LogReading, Observation } from './log-api.js';
import type {
  AskManyOptions,
  AskOptions,
  JobNews,
  JobOptions,
  JobOutcome,
  JoinParams,
  NotifyOptions,
  ObserveOptions,
  Once,
  ReadOptions,
  Recurring,
  TouchOptions,
  WatchOptions,
} from './options.js';

/** What a caller gives: the command id may be left out, the SDK mints it on the broker's time. */
export type CallParams<M extends MethodName> = M extends CommandName
  ? Omit<Params<M>, 'id'> & { id?: string }
  : Params<M>;

/** The arguments of a call; parameters may be left out where none is needed. */
export type CallArguments<M extends MethodName> =
  Record<never, never> extends CallParams<M>
    ? [params?: CallParams<M>, options?: CallOptions]
    : [params: CallParams<M>, options?: CallOptions];

/** How a call is made. */
export interface CallOptions {
  /**
   * How long the answer may take, offline time and retries included, in ms; `Infinity` = for ever.
   * Default: 30000.
   */
  wait_ms?: number;
}

/** What proves that one is a peer: keep it (file mode 0600) to come back as the same peer. */
export interface Identity {
  peer: string;
  secret: string;
}

/** What happens to the connection, for a status line or a log. */
export type Notice =
  | { kind: 'ready'; url: string }
  | { kind: 'waiting'; url: string; retry_ms: number; reason: string }
  | { kind: 'stopped'; error: Error };

/** How to connect. */
export interface ConnectOptions {
  /**
   * `http://127.0.0.1:7117`, or the same as `ws://…/ws`; several brokers of one mesh as a list, or
   * in one text with commas. The first that answers is kept until it does not serve any more.
   */
  url: string | readonly string[];
  /** What the frames are written in. Default: `msgpack`. */
  encoding?: Encoding;
  /** Joins as part of connecting; `client.peer` is then set. Default: no peer. */
  join?: JoinParams;
  /** Speaks for a known peer on one more connection; sets `client.peer`. Default: no peer. */
  attach?: Identity;
  /** How long the first connection may take, in ms; 0 = each address once. Default: 10000. */
  wait_ms?: number;
  /** Told of what happens to the connection. Default: nobody. */
  onNotice?(notice: Notice): void;
}

/**
 * A connection to the mesh. It reconnects by itself, holds calls while offline and repeats
 * unanswered ones under the same command id, so a call takes effect at most once.
 */
export interface Client {
  /** The peer this connection speaks for. Throws when it has neither joined nor attached. */
  readonly peer: Peer;
  /**
   * Calls any method of the protocol. Rejects with RefusalError when the broker refuses (those
   * marked `retry` are tried again until `wait_ms`, 30 s by default), and with ClientError when
   * no answer came: code `timeout` or `closed`; the outcome is then unknown, and a call with the
   * error's `id` settles it.
   */
  call<M extends MethodName>(method: M, ...args: CallArguments<M>): Promise<Result<M>>;
  /** Joins as a new peer, or as a known one when `peer` and `secret` are given. Once per client. */
  join(params: JoinParams): Promise<Peer>;
  /** Speaks for a known peer on this connection too. Once per client. */
  attach(identity: Identity): Promise<Peer>;
  /** Who this connection speaks for and what it may do. */
  whoami(): Promise<Result<'peer.whoami'>>;
  /** The peers this caller may see, all pages. */
  peers(params?: CallParams<'peer.list'>): Promise<PeerRow[]>;
  /**
   * Follows the log: every batch once, in order, across reconnects. A slow reader is served
   * later, never dropped. Ends with an error when a cursor is refused or a gap shows.
   * One observation per filter and client.
   */
  observe(options?: ObserveOptions): Observation;
  /**
   * Reads what happened, page by page, and ends; a page may be empty before the end. Rejects with
   * RefusalError when a place is refused; the next page can be asked for again.
   */
  read(options?: ReadOptions): LogReading;
  /**
   * Holds a view as it is: `rows` are kept true, across reconnects and brokers, and each turn of
   * the iterator says what changed. Ends with an error when a gap shows or the broker refuses.
   */
  watch<V extends LiveView>(view: V, options?: WatchOptions): LiveRows<V>;
  /** Ends the connection; open calls reject with code `closed`, iterators are done. */
  close(): Promise<void>;
}

/**
 * What a client does as the peer it speaks for. A command that reaches the log but loses there
 * (two close one ask) rejects with RefusalError too; `client.call` answers its verdict instead.
 */
export interface Peer {
  readonly identity: Identity;
  /** The name the mesh gave: a taken one gets `-2`. */
  readonly name: string;
  /** The answer of the join or attach. */
  readonly joined: Joined;
  readonly client: Client;
  /** Asks one peer; resolves as soon as the ask is durable, not when it is answered. */
  ask(to: string, text: string, options?: AskOptions): Promise<OpenAsk>;
  /** An ask opened earlier (by this or an earlier process), to wait for or to cancel. */
  asked(ask: string): Pick<OpenAsk, 'id' | 'reply' | 'cancel'>;
  /** Tells one peer something that needs no answer. */
  notify(to: string, text: string, options?: NotifyOptions): Promise<Result<'notify.send'>>;
  /** Tells every peer of a circle (default: this peer's own). */
  broadcast(text: string, options?: { circle?: string }): Promise<Result<'broadcast.send'>>;
  /** Takes a message back from those who have not yet acknowledged it. */
  retract(message: string): Promise<Result<'message.retract'>>;
  /** Asks many peers the same, in one event. */
  askMany(to: readonly string[], text: string, options?: AskManyOptions): Promise<AskedMany>;
  /** Closes an ask made to this peer, by its id; `option` is one of its question's. */
  answer(
    ask: string,
    outcome: 'acknowledged' | 'replied' | 'declined' | 'denied',
    text?: string,
    option?: string,
  ): Promise<Result<'ask.close'>>;
  /** Hands over work that outlives this process: `to` one peer, or to whoever claims its kind. */
  createJob(title: string, options?: JobOptions): Promise<Result<'job.create'>>;
  /** Takes a job, or the next one of a kind; undefined when none waits for this peer. */
  claim(which?: { job?: string; kind?: string }): Promise<ClaimedJob | undefined>;
  /** Does every job of a kind that comes, one after another, until it is stopped. */
  work(kind: string, handler: JobHandler, options?: WorkOptions): Worker;
  /** Says something to a peer later: once at `fire_at`, or again and again by `cron`. */
  schedule(to: string, text: string, when: Once | Recurring): Promise<Result<'schedule.create'>>;
  /** Says that this peer opened a pull request or pushed to it. */
  touch(pr_url: string, options?: TouchOptions): Promise<Result<'review.touch'>>;
  /** Asks a peer to look at a pull request. */
  requestReview(
    pr_url: string,
    of: string,
    options?: { circle?: string },
  ): Promise<Result<'review.request'>>;
  /** Says that this peer has reviewed a pull request, up to a commit or the newest known. */
  markReview(pr_url: string, sha?: string): Promise<Result<'review.mark'>>;
  /** Takes a pull request out of every queue; a later touch begins anew. */
  forgetReview(pr_url: string): Promise<Result<'review.forget'>>;
  /**
   * Takes the inbox and yields what waits and what comes, each item once for this iterator.
   * Throws ClientError `inbox_taken` when another consumer takes it. One at a time.
   */
  inbox(): Inbox;
  /** Retires the peer for good; its name is free again. */
  leave(): Promise<void>;
}

/** What the broker answers to who joins or attaches. */
export type Joined = Result<'peer.attach'>;

/** An ask as its asker holds it. */
export interface OpenAsk {
  readonly id: string;
  /** `offered`: the recipient is connected; `queued`: it waits in the inbox. */
  readonly delivery: 'offered' | 'queued';
  /** When the recipient's session sees it, where that session has said what it can do. */
  readonly seen_when?: SeenWhen;
  /**
   * Resolves with the thread when it is closed (read `outcome` and `reply`). With `wait_ms`, at
   * that time with the thread still open. Survives reconnects.
   */
  reply(wait_ms?: number): Promise<Thread>;
  /** Takes the ask back. */
  cancel(): Promise<Result<'ask.close'>>;
}

/** The answers to an ask of many, one row a peer. */
export type Rollup = Result<'ask.rollup'>;

/** An ask of many as its asker holds it. */
export interface AskedMany {
  readonly group: string;
  /** One for each peer, in the order in which they were asked. */
  readonly asks: readonly string[];
  /** The answers so far. */
  rollup(): Promise<Rollup>;
  /**
   * Resolves with the answers when all have come, or as many as the quorum says. With `wait_ms`,
   * at that time as they then stand. Survives reconnects.
   */
  wait(wait_ms?: number): Promise<Rollup>;
}

/** A job that this peer has claimed: its own until it is finished or the lease ends. */
export interface ClaimedJob {
  /** The job as it stood when it was claimed. */
  readonly row: JobRow;
  readonly attempt: number;
  /** What is known of earlier attempts, when there were any. */
  readonly handoff: Result<'job.claim'>['handoff'];
  /**
   * Aborted when somebody wants it stopped, or when it is no longer this peer's: its `reason` is
   * a ClientError `job_cancelled`, or the refusal. Heard of with `update` or while kept alive.
   */
  readonly signal: AbortSignal;
  /** Says how it goes, which renews the lease. */
  update(news?: JobNews): Promise<Result<'job.update'>>;
  /** Renews the lease at each third of it until the job is finished, or until told to stop. */
  keepAlive(): () => void;
  /** Ends the job well. */
  finish(summary: string, more?: JobOutcome): Promise<Result<'job.finish'>>;
  /** Ends the job as failed; `error` is for whoever looks into it. */
  fail(summary: string, more?: JobOutcome & { error?: string }): Promise<Result<'job.finish'>>;
}

/** Does a job; what it resolves with is the summary. When it throws, the job has failed. */
export type JobHandler = (job: ClaimedJob) => Promise<string | (JobOutcome & { summary: string })>;

/** How a worker works. */
export interface WorkOptions {
  /** How often it is looked for a job while there is none, in ms. Default: 2000. */
  every_ms?: number;
  /** Told of what a handler threw, and of outcomes that came too late to count. Default: nobody. */
  onError?(error: Error, job: ClaimedJob): void;
}

/** A worker at work. */
export interface Worker {
  /** Claims no more; resolves once the job at hand is finished. */
  stop(): Promise<void>;
  /** Resolves when stopped; rejects when there can be no more work, as after a revoked token. */
  readonly done: Promise<void>;
}

interface Acknowledged {
  /** Says that the agent has seen the item; until then it comes again to the next consumer. */
  ack(): Promise<void>;
}

/** An ask in the inbox. Closing it acknowledges the item too. */
export interface ReceivedAsk extends InboxItem, Acknowledged {
  kind: 'ask';
  /** Answers in words. */
  reply(text: string): Promise<Result<'ask.close'>>;
  /** Gives no answer, and says so. */
  decline(text?: string): Promise<Result<'ask.close'>>;
  /** Says that it was seen and done. */
  acknowledge(): Promise<Result<'ask.close'>>;
  /** Answers with one of the question's options. */
  choose(option: string, text?: string): Promise<Result<'ask.close'>>;
  /** Refuses the permission it asks for. */
  deny(text?: string): Promise<Result<'ask.close'>>;
}

/** Anything else in the inbox. */
export interface ReceivedMessage extends InboxItem, Acknowledged {
  kind: Exclude<InboxItem['kind'], 'ask'>;
}

/** One item of the inbox. */
export type Received = ReceivedAsk | ReceivedMessage;

/** The inbox as its one consumer reads it. */
export interface Inbox extends AsyncIterableIterator<Received> {
  /** Acknowledges everything up to and with this position. */
  ackUpTo(position: number): Promise<void>;
  /** Ends the iterator; the inbox stays taken until another consumer takes it. */
  return(): Promise<IteratorResult<Received>>;
}
