// Reading the inbox of one peer: it is taken anew on every socket, and each item is shown once.
import type { Outcome } from '../../schemas/ask.js';
import type { InboxItem } from '../../schemas/message.js';
import type { Result } from '../../schemas/method.js';
import type { Inbox, Received, ReceivedMessage } from './api.js';
import { ClientError, RefusalError, voided } from './errors.js';
import type { CallFields, SessionFollower } from './followers.js';
import type { Link } from './link.js';
import { Stream } from './stream.js';

/** The consumer of the inbox: at-least-once on the wire, each item once to the program. */
export class InboxReader implements Inbox, SessionFollower {
  readonly #link: Link;
  readonly #onEnd: () => void;
  readonly #stream = new Stream<InboxItem>();
  /** What was shown or waits here, by item: the broker repeats what is not acknowledged yet. */
  readonly #held = new Map<string, number>();
  /** Absent while the inbox is being taken. */
  #generation: number | undefined;
  #waiting: (() => void)[] = [];
  #isOver = false;

  constructor(link: Link, onEnd: () => void) {
    this.#link = link;
    this.#onEnd = onEnd;
    link.follow(this);
  }

  begin(): void {
    // A generation that is not ours any more: another consumer came while we were away.
    if (this.#generation !== undefined && this.#link.welcome.generation !== this.#generation) {
      this.#end(taken());
      return;
    }
    this.#generation = undefined;
    this.#link.call({
      method: 'inbox.subscribe',
      params: {},
      scope: 'socket',
      wait_ms: Infinity,
      done: outcome => {
        if ('result' in outcome) this.#took(outcome.result as Result<'inbox.subscribe'>);
        else if (!isLost(outcome.error)) this.#end(outcome.error);
      },
    });
  }

  heard(method: string, params: CallFields): void {
    switch (method) {
      case 'inbox.item':
        this.#arrived(params as unknown as InboxItem);
        return;
      case 'inbox.gone':
        this.#gone(keyOf(params as unknown as InboxItem));
        return;
      case 'inbox.taken':
        if (Number(params.generation) > (this.#generation ?? Infinity)) this.#end(taken());
        return;
    }
  }

  ended(error?: Error): void {
    this.#isOver = true;
    this.#stream.finish(error);
    this.#open();
    this.#onEnd();
  }

  async next(): Promise<IteratorResult<Received>> {
    const { value, done } = await this.#stream.next();
    return done ? { value: undefined, done } : { value: this.#received(value), done: false };
  }

  return(): Promise<IteratorResult<Received>> {
    this.#end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async ackUpTo(position: number): Promise<void> {
    await this.#ack({ up_to: position });
    for (const [key, at] of this.#held) if (at <= position) this.#held.delete(key);
  }

  #took(result: Result<'inbox.subscribe'>): void {
    const no = voided(result);
    if (no) this.#end(new RefusalError(no));
    this.#generation = result.generation;
    this.#open();
  }

  /** Lets the acknowledgements go that waited for the generation. */
  #open(): void {
    for (const go of this.#waiting.splice(0)) go();
  }

  #arrived(item: InboxItem): void {
    const key = keyOf(item);
    if (this.#held.has(key)) return;
    this.#held.set(key, item.position);
    this.#stream.push(item);
  }

  #gone(key: string): void {
    this.#held.delete(key);
    this.#stream.drop(item => keyOf(item) === key);
  }

  #received(item: InboxItem): Received {
    const ack = async () => {
      await this.#ack({ refs: [item.ref] });
      this.#held.delete(keyOf(item));
    };
    if (item.kind !== 'ask') return { ...item, ack } as ReceivedMessage;
    const close = async (outcome: Outcome, text?: string, option?: string) => {
      const result = await closeAsk(this.#link, item.ref, outcome, text, option);
      this.#held.delete(keyOf(item));
      return result;
    };
    return {
      ...item,
      kind: 'ask',
      ack,
      reply: text => close('replied', text),
      decline: text => close('declined', text),
      acknowledge: () => close('acknowledged'),
      choose: (option, text) => close('replied', text, option),
      deny: text => close('denied', text),
    };
  }

  async #ack(which: CallFields): Promise<void> {
    const generation = await this.#currentGeneration();
    try {
      await this.#link.command('inbox.ack', { ...which, generation });
    } catch (error) {
      // Only we have moved on, by a reconnect between the call and its retry: once more.
      if (!isStale(error) || this.#isOver || this.#generation === generation) throw error;
      await this.#ack(which);
    }
  }

  async #currentGeneration(): Promise<number | undefined> {
    if (this.#generation === undefined && !this.#isOver) {
      await new Promise<void>(go => this.#waiting.push(go));
    }
    return this.#generation;
  }

  #end(error?: Error): void {
    this.#link.unfollow(this);
    this.ended(error);
  }
}

/** Closes an ask made to this peer; its inbox item is acknowledged with it. */
export function closeAsk(
  link: Link,
  ask: string,
  outcome: Outcome,
  text?: string,
  option?: string,
): Promise<Result<'ask.close'>> {
  return link.command('ask.close', { ask, outcome, text, option });
}

function keyOf({ position, ref }: { position: number; ref: string }): string {
  return `${position} ${ref}`;
}

function taken(): ClientError {
  const help = 'another consumer reads this inbox now; open it again to take it back';
  return new ClientError('inbox_taken', help);
}

function isLost(error: Error): boolean {
  return error instanceof ClientError && error.code === 'lost';
}

function isStale(error: unknown): boolean {
  return error instanceof RefusalError && error.refusal === 'generation_stale';
}
