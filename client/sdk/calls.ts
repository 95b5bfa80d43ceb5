// The open calls of a session, in order: each stays here, sent or held, until it is settled once.
import { limits } from '../../schemas/limits.js';
import type { MethodName } from '../../schemas/method.js';
import { type CallAnswer, ClientError, RefusalError, type Refused } from './errors.js';
import type { CallFields } from './followers.js';
import type { BrokerTime } from './identity.js';
import { Attempts } from './retry.js';

/** How a call ended. */
export type CallOutcome = { result: unknown } | { error: Error };

/** A call as it is asked for. */
export interface CallRequest {
  method: MethodName;
  params: Readonly<CallFields>;
  /** `session`: repeated on the next socket until answered; `socket`: ends with its socket. */
  scope: 'session' | 'socket';
  /** How long it may stay open, in ms; `Infinity` = for ever. */
  wait_ms: number;
  done(outcome: CallOutcome): void;
}

interface OpenCall extends CallRequest {
  readonly id: number;
  readonly attempts: Attempts;
  /** The socket that carried it last; 0 while it is held or rests before a retry. */
  socket: number;
  /** Why it rests, while it does. */
  later?: Refused | undefined;
  deadline?: ReturnType<typeof setTimeout>;
  rest?: ReturnType<typeof setTimeout>;
}

/** What carries the calls. */
export interface CallCarrier {
  /** Puts one request on the socket of now. Throws when no broker would take it. */
  send(id: number, method: MethodName, params: CallFields): void;
  /** A call that rested may be sent again. */
  again(id: number): void;
}

/** Keeps the calls, their deadlines, and the rest of those that the broker said to try again. */
export class Calls {
  readonly #open = new Map<number, OpenCall>();
  readonly #carrier: CallCarrier;
  readonly #time: BrokerTime;
  #last: number;

  /** `first` numbers the first call; ids of commands are of `time`. */
  constructor(first: number, time: BrokerTime, carrier: CallCarrier) {
    this.#last = first - 1;
    this.#time = time;
    this.#carrier = carrier;
  }

  /** Opens a call and gives its number; undefined when it was settled at once. */
  open(request: CallRequest): number | undefined {
    if (this.#open.size >= limits.open_calls) {
      const help = `${limits.open_calls} calls are unanswered; wait for some before calling again`;
      request.done({ error: new ClientError('busy', help) });
      return undefined;
    }
    const id = ++this.#last;
    const attempts = new Attempts(request.method, request.params, this.#time);
    const call: OpenCall = { ...request, id, attempts, socket: 0 };
    if (request.wait_ms <= limits.timer_max_ms) {
      call.deadline = setTimeout(() => this.#settle(call, overdue(call)), request.wait_ms);
    }
    this.#open.set(id, call);
    return id;
  }

  /** Sends the call, unless this socket has carried it. */
  send(id: number, socket: number): void {
    const call = this.#open.get(id);
    if (call !== undefined && call.socket !== socket) this.#send(call, socket);
  }

  /** Sends every call that this socket has yet to carry, oldest first. */
  sendAll(socket: number): void {
    for (const id of [...this.#open.keys()]) this.send(id, socket);
  }

  /** Settles the call, or lets it rest when the refusal says that it may succeed later. */
  answer(id: number, answer: CallAnswer, random: number): void {
    const call = this.#open.get(id);
    if (call === undefined) return;
    if ('result' in answer) {
      this.#settle(call, answer);
      return;
    }
    const rest_ms = call.attempts.restAfter(answer.error, random);
    if (rest_ms === undefined) this.#settle(call, { error: new RefusalError(answer.error) });
    else this.#rest(call, answer.error, rest_ms);
  }

  /** The socket is gone: what belonged to it alone ends, the rest waits for the next. */
  suspend(): void {
    const error = new ClientError('lost', 'the connection was lost before the broker answered');
    for (const call of [...this.#open.values()]) {
      if (call.scope === 'socket') this.#settle(call, { error });
    }
  }

  /** The session is over; of a command that was sent the error says under which id. */
  failAll(error: Error): void {
    for (const call of [...this.#open.values()]) {
      const { sentId } = call.attempts;
      const isUnknown = error instanceof ClientError && sentId !== undefined;
      const own = isUnknown ? new ClientError(error.code, error.message, sentId) : error;
      this.#settle(call, { error: own });
    }
  }

  #send(call: OpenCall, socket: number): void {
    call.socket = socket;
    call.later = undefined;
    try {
      this.#carrier.send(call.id, call.method, call.attempts.next());
    } catch (error) {
      this.#settle(call, { error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  #rest(call: OpenCall, refused: Refused, rest_ms: number): void {
    call.socket = 0;
    call.later = refused;
    clearTimeout(call.rest);
    call.rest = setTimeout(() => this.#carrier.again(call.id), rest_ms);
  }

  #settle(call: OpenCall, outcome: CallOutcome): void {
    this.#open.delete(call.id);
    clearTimeout(call.deadline);
    clearTimeout(call.rest);
    call.done(outcome);
  }
}

function overdue({ method, attempts, later }: OpenCall): { error: Error } {
  if (later) return { error: new RefusalError(later) };
  const help = attempts.wasSent
    ? `${method} was not answered in time; its outcome is unknown until it is called again`
    : `${method} was not sent: no broker could be reached in time`;
  return { error: new ClientError('timeout', help, attempts.sentId) };
}
