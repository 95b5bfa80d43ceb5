// Runs the session machine: sockets and timers happen here, what to do is decided there.
import type { Encoding } from '../../schemas/frame.js';
import { limits } from '../../schemas/limits.js';
import type { CommandName, MethodName, Result } from '../../schemas/method.js';
import type { CallParams, Notice } from './api.js';
import type { Brokers } from './brokers.js';
import { type CallRequest, Calls } from './calls.js';
import { notVoid, RefusalError } from './errors.js';
import { type CallFields, Followers, type SessionFollower } from './followers.js';
import { FIRST_CALL, type Greeter, Handshake, type Introduction } from './handshake.js';
import { BrokerTime } from './identity.js';
import type { Effect, Input, Pace, State, Stop } from './life.js';
import { Line } from './line.js';
import { begin, step } from './session.js';
import { errorOf } from './stopped.js';
import { Vigil } from './vigil.js';
import type { Dial, Heard } from './wire.js';

/** What a session needs to know. */
export interface LinkOptions extends Greeter {
  brokers: Brokers;
  encoding: Encoding;
  dial: Dial;
  /** How long the first connection may take, in ms. */
  wait_ms: number;
  onNotice(notice: Notice): void;
}

const alone: Pace = {
  dial_ms: limits.dial_ms,
  first_ms: limits.reconnect_first_ms,
  max_ms: limits.reconnect_max_ms,
  steady_ms: limits.steady_ms,
};

/** Where there are others, one that does not answer is not waited for so long. */
const among: Pace = { ...alone, dial_ms: limits.dial_next_ms };

/** One session with a mesh. `close` ends it; so does a refusal that no retry will cure. */
export class Link {
  readonly #options: LinkOptions;
  readonly #pace: Pace;
  /** Absent where there is no other broker to go to. */
  readonly #vigil: Vigil | undefined;
  readonly #line: Line;
  readonly #handshake: Handshake;
  readonly #calls: Calls;
  readonly #followers = new Followers();
  readonly #inputs: Input[] = [];
  #isTaking = false;
  #state: State;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #opening: { resolve(): void; reject(error: Error): void } | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    const others = options.brokers.urls.length - 1;
    this.#pace = others > 0 ? among : alone;
    this.#state = begin(others + 1, performance.now() + options.wait_ms);
    // A timer that ends while it is ready: the machine hangs up, and dials the next.
    const onDead = () => this.#take({ kind: 'timer' });
    this.#vigil = others > 0 ? new Vigil({ call: this.call.bind(this), onDead }) : undefined;
    this.#line = new Line(options.dial, options.encoding, {
      opened: socket => this.#take({ kind: 'opened', socket }),
      lost: (socket, why) => this.#take({ kind: 'lost', socket, why }),
      heard: (socket, message) => this.#heard(socket, message),
    });
    const time = new BrokerTime();
    const send = this.#line.send.bind(this.#line);
    this.#handshake = new Handshake(options, time, send);
    const again = (call: number) => this.#take({ kind: 'call', call });
    this.#calls = new Calls(FIRST_CALL, time, { send, again });
  }

  /** What the broker last said of this connection. */
  get welcome(): Readonly<CallFields> {
    return this.#handshake.welcome;
  }

  /** Dials; resolves at the first connection. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#opening = { resolve, reject };
      this.#take({ kind: 'dial' });
    });
  }

  /** Speaks for a peer from now on; resolves when the broker has agreed for the first time. */
  async join(introduction: Introduction): Promise<void> {
    const joined = this.#handshake.join(introduction);
    this.#take({ kind: 'join' });
    return joined;
  }

  /** Opens a call; `done` hears of it exactly once. */
  call(request: CallRequest): void {
    const call = this.#calls.open(request);
    if (call !== undefined) this.#take({ kind: 'call', call });
  }

  /** `call` as a promise, repeated on every socket until it is answered or `wait_ms` are over. */
  ask<M extends MethodName>(
    method: M,
    params: CallParams<M>,
    wait_ms: number = limits.call_wait_ms,
  ): Promise<Result<M>> {
    return new Promise((resolve, reject) => {
      const done: CallRequest['done'] = outcome =>
        'error' in outcome ? reject(outcome.error) : resolve(outcome.result as Result<M>);
      this.call({ method, params: params as CallFields, scope: 'session', wait_ms, done });
    });
  }

  /** `ask` for a command: rejects with the refusal too when it reached the log but lost there. */
  async command<M extends CommandName>(method: M, params: CallParams<M>): Promise<Result<M>> {
    return notVoid(await this.ask(method, params));
  }

  /** Begins the follower on this socket and on every later one, until it leaves. */
  follow(follower: SessionFollower): void {
    this.#followers.add(follower);
    if (this.#state.at === 'ready') this.#followers.begin(this.#socket);
    if (this.#state.at === 'stopped') follower.ended(this.#errorOf(this.#state.why));
  }

  unfollow(follower: SessionFollower): void {
    this.#followers.delete(follower);
  }

  close(): void {
    this.#take({ kind: 'close' });
  }

  /** Inputs that arise while one is being carried out wait for their turn. */
  #take(input: Input): void {
    this.#inputs.push(input);
    if (this.#isTaking) return;
    this.#isTaking = true;
    try {
      for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) this.#step(next);
    } finally {
      this.#isTaking = false;
    }
  }

  #step(input: Input): void {
    const moment = { now: performance.now(), random: Math.random() };
    const { state, effects } = step(this.#state, input, moment, this.#pace);
    this.#state = state;
    for (const effect of effects) this.#carryOut[effect.do](effect as never);
  }

  // One line an effect: the compiler counts them.
  readonly #carryOut: { [K in Effect['do']]: (effect: Extract<Effect, { do: K }>) => void } = {
    dial: ({ socket }) => this.#line.dial(socket, this.#url),
    hangUp: () => this.#line.hangUp(),
    greet: () => this.#handshake.greet(this.#options.brokers.floor(this.#url)),
    introduce: ({ as }) => this.#introduce(as),
    admit: ({ refused }) => this.#handshake.admit(refused),
    send: ({ call }) => this.#calls.send(call, this.#socket),
    replay: () => this.#replay(),
    settle: ({ call, answer }) => this.#calls.answer(call, answer, Math.random()),
    suspend: () => this.#suspend(),
    limit: ({ ms }) => this.#startTimer(ms),
    wait: ({ ms, message }) => this.#wait(ms, message),
    unlimit: () => clearTimeout(this.#timer),
    stop: ({ why }) => this.#stop(why),
  };

  get #socket(): number {
    return this.#state.at === 'stopped' ? 0 : this.#state.life.socket;
  }

  get #url(): string {
    const index = this.#state.at === 'stopped' ? 0 : this.#state.life.url;
    return this.#options.brokers.urls[index] ?? '';
  }

  #startTimer(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#take({ kind: 'timer' }), ms);
  }

  #wait(ms: number, reason: string): void {
    this.#startTimer(ms);
    this.#options.onNotice({ kind: 'waiting', url: this.#url, retry_ms: ms, reason });
  }

  #heard(socket: number, message: Heard): void {
    if (socket !== this.#socket) return;
    this.#learn(message);
    if (message.kind === 'notice') this.#followers.tell(message);
    else if (message.call >= FIRST_CALL) {
      this.#take({ kind: 'answered', socket, call: message.call, answer: message.answer });
    } else this.#take({ ...this.#handshake.answered(message.call, message.answer), socket });
  }

  /** What this broker has said, the next one must know before it is asked. */
  #learn(message: Heard): void {
    const { brokers } = this.#options;
    if (message.kind === 'notice') {
      if (message.method === 'inbox.item') brokers.learn(this.#url, message.params.position);
    } else if ('error' in message.answer) brokers.forget(message.answer.error.data.head);
    else {
      const { verdict, position } = message.answer.result as CallFields;
      if (verdict !== undefined) brokers.learn(this.#url, position);
    }
  }

  #suspend(): void {
    this.#vigil?.end();
    this.#calls.suspend();
  }

  #introduce(as: 'new' | 'known'): void {
    try {
      this.#handshake.introduce(as);
    } catch (error) {
      if (!(error instanceof RefusalError)) throw error;
      this.#take({ kind: 'refused', socket: this.#socket, refused: error });
    }
  }

  #replay(): void {
    this.#calls.sendAll(this.#socket);
    this.#opening?.resolve();
    this.#opening = undefined;
    this.#followers.begin(this.#socket);
    this.#vigil?.begin();
    this.#options.onNotice({ kind: 'ready', url: this.#url });
  }

  #stop(why: Stop): void {
    const error = this.#errorOf(why);
    this.#opening?.reject(error);
    this.#opening = undefined;
    this.#handshake.stop(error);
    this.#calls.failAll(error);
    if (why.kind === 'closed') this.#followers.end();
    else {
      this.#followers.end(error);
      this.#options.onNotice({ kind: 'stopped', error });
    }
  }

  #errorOf(why: Stop): Error {
    return errorOf(why, this.#options.brokers.urls);
  }
}
