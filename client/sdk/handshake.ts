// The handshake of every socket: the greeting, then the join or attach of the peer, if there is.
import type { MethodName } from '../../schemas/method.js';
import { withId } from './command-id.js';
import { type CallAnswer, ClientError, RefusalError, type Refused, voided } from './errors.js';
import type { CallFields } from './followers.js';
import type { BrokerTime } from './identity.js';

/** A call in the words of the protocol. */
export interface MethodCall {
  method: MethodName;
  params: CallFields;
}

/** How to become the peer, the first time and on every later socket. */
export interface Introduction {
  new: MethodCall;
  known: MethodCall;
}

/** What a connection says first, and who hears the answer. */
export interface Greeter {
  greeting(): MethodCall;
  greeted(result: CallFields): void;
}

/** What the answer to a step of the handshake is to the session. */
export type HandshakeStep =
  | { kind: 'greeted' }
  | { kind: 'joined' }
  | { kind: 'refused'; refused: Refused };

/** Numbers below this are the handshake's own. */
export const FIRST_CALL = 3;
const GREETING = 1;
const JOIN = 2;

/** Puts one request on the socket of now. Throws RefusalError when no broker would take it. */
type Send = (id: number, method: MethodName, params: CallFields) => void;

/** Who this session speaks for, and what the broker said when it let the session in. */
export class Handshake {
  /** What the broker last said of this connection: greeting and join, the newer field wins. */
  welcome: CallFields = {};
  readonly #greeter: Greeter;
  readonly #time: BrokerTime;
  readonly #send: Send;
  #introduction: Introduction | undefined;
  #joining: { resolve(): void; reject(error: Error): void } | undefined;

  constructor(greeter: Greeter, time: BrokerTime, send: Send) {
    this.#greeter = greeter;
    this.#time = time;
    this.#send = send;
  }

  /**
   * Speaks for a peer from now on; resolves when the broker has agreed for the first time. Throws
   * ClientError `misuse` when there is a peer already.
   */
  join(introduction: Introduction): Promise<void> {
    if (this.#introduction) {
      const help = 'this client speaks for a peer already; connect another one for a second peer';
      throw new ClientError('misuse', help);
    }
    this.#introduction = introduction;
    return new Promise((resolve, reject) => {
      this.#joining = { resolve, reject };
    });
  }

  /**
   * Sends the first frame of a socket, perhaps with what the broker must have folded first. A page
   * begins with its code, which only the broker that it was loaded from knows.
   */
  greet(min_position?: number): void {
    const { method, params } = this.#greeter.greeting();
    const isPlain = min_position === undefined || method !== 'peer.whoami';
    this.#send(GREETING, method, isPlain ? params : { ...params, min_position });
  }

  /** Sends the join, or for a peer that is known the attach. */
  introduce(as: 'new' | 'known'): void {
    const call = this.#introduction?.[as];
    if (call === undefined) return;
    // Kept, so that a join that was cut off is repeated as the same command.
    call.params = withId(call.method, call.params, this.#time);
    this.#send(JOIN, call.method, call.params);
  }

  /** Takes in the answer to a step. */
  answered(id: number, answer: CallAnswer): HandshakeStep {
    const no = 'error' in answer ? answer.error : voided(answer.result);
    if (no) return { kind: 'refused', refused: no };
    if ('result' in answer) this.#welcomed(answer.result as CallFields, id === GREETING);
    return { kind: id === GREETING ? 'greeted' : 'joined' };
  }

  /** The caller of `join` may go on, with a peer or with the refusal. */
  admit(refused?: Refused): void {
    if (refused) this.#introduction = undefined;
    this.#settle(refused && new RefusalError(refused));
  }

  /** The session is over: whoever still waits to join hears why. */
  stop(error: Error): void {
    this.#settle(error);
  }

  #settle(error?: Error): void {
    if (error) this.#joining?.reject(error);
    else this.#joining?.resolve();
    this.#joining = undefined;
  }

  #welcomed(result: CallFields, isGreeting: boolean): void {
    this.welcome = { ...this.welcome, ...result };
    if (typeof result.time === 'number') this.#time.learn(result.time);
    if (isGreeting) this.#greeter.greeted(result);
  }
}
