// Runs the session machine: sockets, timers and calls happen here, what to do is decided there.
import type { Encoding } from '../../schemas/frame.js';
import { limits } from '../../schemas/limits.js';
import type { CommandName, MethodName } from '../../schemas/method.js';
import type { Notice } from './api.js';
import { Calls, type OpenCall, type Request } from './calls.js';
import { type Answer, brokerTimeIn, ClientError, RefusalError, voided } from './errors.js';
import { type Fields, type Follower, Followers } from './followers.js';
import { BrokerTime } from './identity.js';
import type { Effect, Input, Pace, State, Stop } from './life.js';
import { Line } from './line.js';
import { begin, step } from './session.js';
import { errorOf } from './stopped.js';
import type { Dial, Heard } from './wire.js';

export interface Words {
  method: MethodName;
  params: Fields;
}

export interface LinkOptions {
  urls: readonly string[];
  encoding: Encoding;
  dial: Dial;
  wait_ms: number;
  /** The first frame on every socket; its answer tells the broker's time. */
  greeting(): Words;
  greeted(result: Fields): void;
  onNotice(notice: Notice): void;
}

/** How to become the peer, the first time and on every later socket. */
export interface Introduction {
  new: Words;
  known: Words;
}

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

const GREETING = 1;
const JOIN = 2;
const FIRST_CALL = 3;
const pace: Pace = {
  dial_ms: limits.dial_ms,
  first_ms: limits.reconnect_first_ms,
  max_ms: limits.reconnect_max_ms,
  steady_ms: limits.steady_ms,
};

/** One session with a mesh. `close` ends it; so does a refusal that no retry will cure. */
export class Link {
  /** What the broker last said of this connection: greeting and join, the newer field wins. */
  welcome: Fields = {};
  readonly #options: LinkOptions;
  readonly #line: Line;
  readonly #calls = new Calls(FIRST_CALL, call => this.#take({ kind: 'call', call }));
  readonly #followers = new Followers();
  readonly #time = new BrokerTime();
  readonly #inputs: Input[] = [];
  #taking = false;
  #state: State;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #introduction: Introduction | undefined;
  #opening: Waiter | undefined;
  #joining: Waiter | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#state = begin(options.urls.length, performance.now() + options.wait_ms);
    this.#line = new Line(options.dial, options.encoding, {
      opened: socket => this.#take({ kind: 'opened', socket }),
      lost: (socket, why) => this.#take({ kind: 'lost', socket, why }),
      heard: (socket, message) => this.#heard(socket, message),
    });
  }

  /** Dials; resolves at the first connection. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#opening = { resolve, reject };
      this.#take({ kind: 'dial' });
    });
  }

  /** Speaks for a peer from now on; resolves when the broker has agreed for the first time. */
  join(introduction: Introduction): Promise<void> {
    if (this.#introduction) {
      const help = 'this client speaks for a peer already; connect another one for a second peer';
      return Promise.reject(new ClientError('misuse', help));
    }
    this.#introduction = introduction;
    return new Promise((resolve, reject) => {
      this.#joining = { resolve, reject };
      this.#take({ kind: 'join' });
    });
  }

  /** Opens a call; `done` hears of it exactly once. */
  call(request: Request): void {
    const call = this.#calls.open(request);
    if (call !== undefined) this.#take({ kind: 'call', call });
  }

  /** `call` as a promise, repeated on every socket until it is answered. */
  ask(method: MethodName, params: Fields, wait_ms: number = limits.call_wait_ms): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const done: Request['done'] = outcome =>
        'error' in outcome ? reject(outcome.error) : resolve(outcome.result);
      this.call({ method, params, scope: 'session', wait_ms, done });
    });
  }

  /** `ask` for a command: rejects with the refusal too when it reached the log but lost there. */
  async command(method: CommandName, params: Fields): Promise<unknown> {
    const result = await this.ask(method, params);
    const no = voided(result);
    if (no) throw new RefusalError(no);
    return result;
  }

  /** Begins the follower on this socket and on every later one, until it leaves. */
  follow(follower: Follower): void {
    this.#followers.add(follower);
    if (this.#state.at === 'ready') this.#followers.begin(this.#state.life.socket);
    if (this.#state.at === 'stopped') follower.ended(errorOf(this.#state.why, this.#options.urls));
  }

  unfollow(follower: Follower): void {
    this.#followers.delete(follower);
  }

  close(): void {
    this.#take({ kind: 'close' });
  }

  /** Inputs that arise while one is being carried out wait for their turn. */
  #take(input: Input): void {
    this.#inputs.push(input);
    if (this.#taking) return;
    this.#taking = true;
    try {
      for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) this.#step(next);
    } finally {
      this.#taking = false;
    }
  }

  #step(input: Input): void {
    const moment = { now: performance.now(), random: Math.random() };
    const { state, effects } = step(this.#state, input, moment, pace);
    this.#state = state;
    for (const effect of effects) this.#carryOut[effect.do](effect as never);
  }

  // One line an effect: the compiler counts them.
  readonly #carryOut: { [K in Effect['do']]: (effect: Extract<Effect, { do: K }>) => void } = {
    dial: ({ socket }) => this.#line.dial(socket, this.#url),
    hangUp: () => this.#line.hangUp(),
    greet: () => this.#greet(),
    introduce: ({ as }) => this.#introduce(as),
    admit: no => this.#admit(no.refused && new RefusalError(no.refused)),
    send: ({ call }) => this.#send(this.#calls.toSend(call, this.#socket)),
    replay: () => this.#replay(this.#socket),
    settle: ({ call, answer }) => this.#settle(call, answer),
    suspend: () => this.#calls.suspend(),
    limit: ({ ms }) => this.#startTimer(ms),
    wait: ({ ms, message }) => this.#wait(ms, message),
    unlimit: () => clearTimeout(this.#timer),
    stop: ({ why }) => this.#stop(why),
  };

  #settle(call: number, answer: Answer): void {
    const told = 'error' in answer ? brokerTimeIn(answer.error) : undefined;
    if (told !== undefined) this.#time.learn(told);
    this.#calls.answer(call, answer, Math.random(), told !== undefined);
  }

  get #socket(): number {
    return this.#state.at === 'stopped' ? 0 : this.#state.life.socket;
  }

  get #url(): string {
    const index = this.#state.at === 'stopped' ? 0 : this.#state.life.url;
    return this.#options.urls[index] ?? '';
  }

  #startTimer(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#take({ kind: 'timer' }), ms);
  }

  #wait(ms: number, reason: string): void {
    this.#startTimer(ms);
    this.#options.onNotice({ kind: 'waiting', url: this.#url, retry_ms: ms, reason });
  }

  #greet(): void {
    const { method, params } = this.#options.greeting();
    this.#line.send(GREETING, method, params);
  }

  #heard(socket: number, message: Heard): void {
    if (message.kind === 'answer') this.#answered(socket, message.call, message.answer);
    else if (socket === this.#socket) this.#followers.tell(message);
  }

  #answered(socket: number, call: number, answer: Answer): void {
    if (call >= FIRST_CALL) this.#take({ kind: 'answered', socket, call, answer });
    else this.#introduced(socket, call, answer);
  }

  #introduced(socket: number, call: number, answer: Answer): void {
    const no = 'error' in answer ? answer.error : voided(answer.result);
    if (no) {
      this.#take({ kind: 'refused', socket, refused: no });
      return;
    }
    if (socket === this.#socket && 'result' in answer) {
      this.#welcomed(answer.result as Fields, call === GREETING);
    }
    this.#take({ kind: call === GREETING ? 'greeted' : 'joined', socket });
  }

  #welcomed(result: Fields, isGreeting: boolean): void {
    this.welcome = { ...this.welcome, ...result };
    if (typeof result.time === 'number') this.#time.learn(result.time);
    if (isGreeting) this.#options.greeted(result);
  }

  #introduce(as: 'new' | 'known'): void {
    const words = this.#introduction?.[as];
    if (words === undefined) return;
    words.params = this.#time.withId(words.method, words.params);
    try {
      this.#line.send(JOIN, words.method, words.params);
    } catch (error) {
      if (!(error instanceof RefusalError)) throw error;
      this.#take({ kind: 'refused', socket: this.#socket, refused: error });
    }
  }

  #admit(refusal?: RefusalError): void {
    if (refusal) {
      this.#introduction = undefined;
      this.#joining?.reject(refusal);
    } else this.#joining?.resolve();
    this.#joining = undefined;
  }

  #send(call: OpenCall | undefined): void {
    if (call === undefined) return;
    // What a former socket carried may have taken effect: its id stays.
    if (call.wasSent) call.isMinted = false;
    call.params = this.#time.withId(call.method, call.params);
    call.socket = this.#socket;
    call.later = undefined;
    try {
      this.#line.send(call.id, call.method, call.params);
      call.wasSent = true;
    } catch (error) {
      this.#calls.fail(call.id, error instanceof Error ? error : new Error(String(error)));
    }
  }

  #replay(socket: number): void {
    for (const call of this.#calls.allToSend(socket)) this.#send(call);
    this.#opening?.resolve();
    this.#opening = undefined;
    this.#followers.begin(socket);
    this.#options.onNotice({ kind: 'ready', url: this.#url });
  }

  #stop(why: Stop): void {
    const error = errorOf(why, this.#options.urls);
    this.#opening?.reject(error);
    this.#joining?.reject(error);
    this.#opening = this.#joining = undefined;
    this.#calls.failAll(error);
    if (why.kind === 'closed') this.#followers.end();
    else {
      this.#followers.end(error);
      this.#options.onNotice({ kind: 'stopped', error });
    }
  }
}
