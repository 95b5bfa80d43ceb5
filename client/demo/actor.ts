// One who plays: a peer on a connection of its own, with its inbox.
import type { MethodName, Result } from '../../schemas/method.js';
import { connect } from '../index.js';
import type { CallArguments, Client, Identity, Inbox, Received } from '../sdk/api.js';
import { notVoid } from '../sdk/errors.js';
import type { JoinParams } from '../sdk/options.js';

/** Where the play takes place. */
export interface PlayPlace {
  url: string | readonly string[];
  credential: string;
  circle: string;
}

export interface CastPart extends Omit<JoinParams, 'name' | 'circle' | 'id'> {
  name: string;
}

/** What a turn of a model used. */
export interface Tokens {
  input_tokens: number;
  output_tokens: number;
  cost_usd: number;
}

export class Actor {
  readonly identity: Identity;
  readonly part: CastPart;
  readonly place: PlayPlace;
  /** Where the newest of its commands stands in the log. */
  position = 0;
  #client: Client | undefined;
  #inbox: Inbox | undefined;
  /** Read from the inbox, but not what was waited for. */
  #unheard: Received[] = [];
  #isInvolved = false;

  constructor(place: PlayPlace, part: CastPart, identity: Identity) {
    this.place = place;
    this.part = part;
    this.identity = identity;
  }

  get id(): string {
    return this.identity.peer;
  }

  /** Joins the circle, and reads the inbox from now on. */
  async enter(): Promise<void> {
    const { url, credential, circle } = this.place;
    const client = await connect({ url, credential });
    this.#client = client;
    // Whether the join has taken effect is unknown until it is answered.
    this.#isInvolved = true;
    this.#inbox = (await client.join({ ...this.part, ...this.identity, circle })).inbox();
  }

  /** The process is gone from one moment to the next: no word of farewell, the socket just ends. */
  async crash(): Promise<void> {
    const client = this.#client;
    this.#client = this.#inbox = undefined;
    this.#unheard = [];
    await client?.close();
  }

  /** Back as the same peer, on a new connection. */
  async comeBack(): Promise<void> {
    const { url, credential } = this.place;
    const client = await connect({ url, credential });
    this.#client = client;
    this.#inbox = (await client.attach(this.identity)).inbox();
  }

  /** Calls as this peer. Rejects with RefusalError, also for what lost in the log. */
  async call<M extends MethodName>(method: M, ...args: CallArguments<M>): Promise<Result<M>> {
    if (this.#client === undefined) throw new Error(`${this.part.name} is not connected`);
    const result = notVoid(await this.#client.call(method, ...args));
    if ('position' in result) this.position = Math.max(this.position, result.position);
    return result;
  }

  /** The item about a thing, once the inbox holds it. */
  async hears(ref: string): Promise<Received> {
    const heard = this.#unheard.findIndex(item => item.ref === ref);
    if (heard !== -1) return this.#unheard.splice(heard, 1)[0] as Received;
    for (;;) {
      const { value, done } = (await this.#inbox?.next()) ?? { done: true };
      if (done) throw new Error(`the inbox of ${this.part.name} ended before it held ${ref}`);
      // An ask is acknowledged by its answer; everything else by being seen.
      if (value.kind !== 'ask') await value.ack();
      if (value.ref === ref) return value;
      this.#unheard.push(value);
    }
  }

  /** Answers an ask once it is in the inbox, in words, by an option, or both. */
  async answers(ask: string, answer: { text?: string; option?: string }): Promise<void> {
    await this.hears(ask);
    await this.call('ask.close', { ask, outcome: 'replied', ...answer });
  }

  /** A turn of its model, with what that used. */
  async turns(state: 'idle' | 'working', tokens: Tokens): Promise<void> {
    const usage = { model: this.part.model ?? 'unknown', ...tokens };
    await this.call('peer.turn', { state, role: 'assistant', usage });
  }

  /** Retires the peer. */
  async leave(): Promise<void> {
    await this.call('peer.leave');
    this.#isInvolved = false;
  }

  /** Somebody else has retired the peer. */
  wasRetired(): void {
    this.#isInvolved = false;
  }

  /** True for one who may have joined and has not left. */
  get isInvolved(): boolean {
    return this.#isInvolved;
  }

  /** Closes the connection; the peer stays. */
  async close(): Promise<void> {
    await this.#client?.close();
  }
}
