// The caller of JSON-RPC methods: one socket or one POST, its author, and its calls in order.
import type { MethodName } from '../../../schemas/method.js';
import { isRefusal, type Refusal } from '../../../schemas/refusal.js';
import type { Author } from '../../core/words.js';
import type { Door } from '../../runtime/door.js';
import { causeOf, internal } from '../../system/fault.js';
import type { Counters } from '../shared/counters.js';
import { type Encoded, Listed } from '../shared/listed.js';
import type { Logger } from '../shared/logger.js';
import type { Outlet } from '../shared/outlet.js';
import { type CallId, failure, type Reply } from './call-id.js';
import { CallQueue } from './call-queue.js';
import { FlawedCall } from './incoming.js';
import type { Turns } from './write-buffer.js';

/** What stands behind a caller: a connection or a POST. */
export interface Channel {
  /** Where notifications go; a POST has none. */
  readonly outlet?: Outlet;
  /** Every call ends here once; a notification without a response. */
  reply(response: Reply | Listed | undefined, isAlone: boolean): void;
  isOpen(): boolean;
  whenOpen(resume: () => void): void;
  /** All that was read has been started: read on. */
  eased(): void;
  /** It is known who speaks: a page has proved it, or a bare token began to speak for a peer. */
  identified(author: Author): void;
  /** Of a POST: calls back once nobody reads its answer; returns what takes that back. */
  whenGone?(release: () => void): () => void;
  /** The caller has no business here: end it after what was answered. */
  dismiss(reason: string): void;
}

/** An answer, or one whose last value is a list that is encoded already. */
export type Said = Refusal | { result: Record<string, unknown>; list?: Encoded };

/** Carries out one call. */
export type Run = (call: Call) => void;

export interface CallerParts {
  door: Door;
  run: Run;
  turns: Turns;
  counters: Counters;
  log: Logger;
}

/** One who calls: whom its calls are made for, and what it has under way. */
export class Caller {
  readonly channel: Channel;
  /** Undefined while a page has not shown its code. */
  author: Author | undefined;
  /** Long waits and slow reads under way, which do not hold up what follows. */
  waits = 0;
  reads = 0;
  readonly counters: Counters;
  readonly log: Logger;
  readonly #door: Door;
  readonly #queue: CallQueue<Call>;
  #attached: string | undefined;
  #isClosed = false;

  constructor(channel: Channel, author: Author | undefined, parts: CallerParts) {
    const { door, run, turns, counters, log } = parts;
    this.channel = channel;
    this.author = author;
    this.#door = door;
    this.counters = counters;
    this.log = log;
    this.#queue = new CallQueue<Call>({
      run,
      isOpen: () => channel.isOpen(),
      whenOpen: resume => channel.whenOpen(resume),
      eased: () => channel.eased(),
      turn: () => turns.number(),
      now: () => door.now(),
    });
    if (author?.peer !== undefined) this.#attach(author.peer);
  }

  get isBacklogged(): boolean {
    return this.#queue.isBacklogged;
  }

  /** Takes one decoded frame or body: a call, or a batch of at least one. */
  receive(items: readonly unknown[], bytes: number): void {
    const share = bytes / items.length;
    this.#queue.push(items.map(item => new Call(this, this.#queue, item, share)));
  }

  /** A page acts for who offered its code. It is not that peer's presence: nobody reads there. */
  identify(author: Author): void {
    this.author = author;
    this.channel.identified(author);
  }

  /** From now on calls are the peer's; on a socket its presence follows. */
  speakFor(peer: string): void {
    if (this.author === undefined || this.author.peer === peer) return;
    // Its rights are those of the token that made it, whoever's connection this was.
    const token = this.#door.table.peers.rows.get(peer)?.token ?? this.author.token;
    this.author = { token, peer };
    this.channel.identified(this.author);
    this.#attach(peer);
    // The join was under way when the socket closed: the peer is here no longer.
    if (this.#isClosed) this.#detach();
  }

  close(): void {
    this.#isClosed = true;
    this.#queue.stop();
    this.#detach();
  }

  #attach(peer: string): void {
    if (this.channel.outlet === undefined) return;
    this.#attached = peer;
    this.#door.attach(peer);
  }

  #detach(): void {
    if (this.#attached === undefined) return;
    this.#door.detach(this.#attached);
    this.#attached = undefined;
  }
}

/** One call on its way: parsed, carried out, answered once. */
export class Call {
  readonly caller: Caller;
  /** As it came; nothing of it is trusted. */
  readonly item: unknown;
  readonly bytes: number;
  /** Undefined on a notification, which gets no answer. */
  id: CallId | undefined;
  method: MethodName | undefined;
  params: unknown;
  readonly #queue: CallQueue<Call>;
  #hasPassed = false;
  #isAnswered = false;

  constructor(caller: Caller, queue: CallQueue<Call>, item: unknown, bytes: number) {
    this.caller = caller;
    this.#queue = queue;
    this.item = item;
    this.bytes = bytes;
  }

  /** Lets the next call of this caller follow. */
  readonly pass = (): void => {
    if (this.#hasPassed) return;
    this.#hasPassed = true;
    this.#queue.pass();
  };

  /**
   * Does a part of the call: what it throws ends here, as a logged cause and as the answer unless
   * there was one already.
   */
  guard(part: () => void): void {
    try {
      part();
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error: unknown): void {
    const facts = { method: this.method, cause: causeOf(error) };
    this.caller.log.error(facts, 'a call failed inside the broker');
    this.answer(internal());
  }

  /** A second answer is none: the call has ended. */
  answer(answer: Said): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.caller.counters.answered(this.method, isRefusal(answer) ? answer.refusal : 'ok');
    const response = this.id === undefined ? undefined : responseOf(this.id, answer);
    const isAlone = this.item instanceof FlawedCall && this.item.isAlone;
    this.caller.channel.reply(response, isAlone);
    this.pass();
    this.#queue.settle(this);
  }
}

function responseOf(id: CallId, answer: Said): Reply | Listed {
  if (isRefusal(answer)) return failure(id, answer);
  const { result, list } = answer;
  const reply: Reply = { jsonrpc: '2.0', id, result };
  return list === undefined ? reply : new Listed(reply, list);
}
