// The open calls of a session, in order: each stays here, sent or held, until it is settled once.

import { limits } from '../../schemas/limits.js';
import type { MethodName } from '../../schemas/method.js';
import { type Answer, ClientError, RefusalError, type Refused } from './errors.js';

export type Outcome = { result: unknown } | { error: Error };

export interface Request {
  method: MethodName;
  params: Readonly<Record<string, unknown>>;
  /** `session`: repeated on the next socket until answered; `socket`: ends with its socket. */
  scope: 'session' | 'socket';
  /** How long it may stay open; `Infinity` = for ever. */
  wait_ms: number;
  done(outcome: Outcome): void;
}

export interface OpenCall extends Request {
  readonly id: number;
  /** With the command id from the first send on: every retry is the same command. */
  params: Request['params'];
  /** The socket that carried it last; 0 while it is held or rests before a retry. */
  socket: number;
  wasSent: boolean;
  /** True while its id is of our own making, and may be made anew. */
  isMinted: boolean;
  tries: number;
  /** Why it rests, while it does. */
  later?: Refused | undefined;
  deadline?: ReturnType<typeof setTimeout>;
  rest?: ReturnType<typeof setTimeout>;
}

const LONGEST_TIMER_MS = 2_147_483_647;

/** Keeps the calls, their deadlines, and the rest of those that the broker said to try again. */
export class Calls {
  readonly #open = new Map<number, OpenCall>();
  readonly #again: (id: number) => void;
  #last: number;

  /** `first` numbers the first call; `again` is told when a resting call may be sent again. */
  constructor(first: number, again: (id: number) => void) {
    this.#last = first - 1;
    this.#again = again;
  }

  /** Opens a call and gives its number; undefined when it was settled at once. */
  open(request: Request): number | undefined {
    if (this.#open.size >= limits.open_calls) {
      const help = `${limits.open_calls} calls are unanswered; wait for some before calling again`;
      request.done({ error: new ClientError('busy', help) });
      return undefined;
    }
    const id = ++this.#last;
    const isMinted = request.params.id === undefined;
    const call: OpenCall = { ...request, id, socket: 0, wasSent: false, isMinted, tries: 0 };
    if (request.wait_ms <= LONGEST_TIMER_MS) {
      call.deadline = setTimeout(() => this.#settle(call, overdue(call)), request.wait_ms);
    }
    this.#open.set(id, call);
    return id;
  }

  /** The call, when this socket has yet to carry it. */
  toSend(id: number, socket: number): OpenCall | undefined {
    const call = this.#open.get(id);
    return call?.socket === socket ? undefined : call;
  }

  /** Every call that this socket has yet to carry, oldest first. */
  allToSend(socket: number): OpenCall[] {
    return [...this.#open.values()].filter(call => call.socket !== socket);
  }

  /**
   * Settles the call, or lets it rest when the refusal says that it may succeed later. Refused for
   * the time of an id that was minted here, it goes once more under a new one.
   */
  answer(id: number, answer: Answer, random: number, isOfTime = false): void {
    const call = this.#open.get(id);
    if (call === undefined) return;
    if (isOfTime && call.isMinted) this.#renew(call);
    else if ('result' in answer) this.#settle(call, answer);
    else if (answer.error.data.retry) this.#restThenAgain(call, answer.error, random);
    else this.#settle(call, { error: new RefusalError(answer.error) });
  }

  #renew(call: OpenCall): void {
    const { id: _, ...params } = call.params;
    Object.assign(call, { params, socket: 0, isMinted: false });
    this.#again(call.id);
  }

  #restThenAgain(call: OpenCall, refused: Refused, random: number): void {
    call.socket = 0;
    call.later = refused;
    const told = Number(refused.data.retry_after_s ?? 0) * 1_000;
    const bound = Math.min(limits.call_retry_max_ms, limits.call_retry_first_ms * 2 ** call.tries);
    call.tries += 1;
    clearTimeout(call.rest);
    call.rest = setTimeout(() => this.#again(call.id), told + random * bound);
  }

  fail(id: number, error: Error): void {
    const call = this.#open.get(id);
    if (call) this.#settle(call, { error });
  }

  /** The socket is gone: what belonged to it alone ends, the rest waits for the next. */
  suspend(): void {
    const error = new ClientError('lost', 'the connection was lost before the broker answered');
    for (const call of [...this.#open.values()]) {
      if (call.scope === 'socket') this.#settle(call, { error });
    }
  }

  failAll(error: Error): void {
    for (const call of [...this.#open.values()]) this.#settle(call, { error });
  }

  #settle(call: OpenCall, outcome: Outcome): void {
    this.#open.delete(call.id);
    clearTimeout(call.deadline);
    clearTimeout(call.rest);
    call.done(outcome);
  }
}

function idOf(call: OpenCall): string | undefined {
  return call.wasSent && typeof call.params.id === 'string' ? call.params.id : undefined;
}

function overdue(call: OpenCall): { error: Error } {
  if (call.later) return { error: new RefusalError(call.later) };
  const help = call.wasSent
    ? `${call.method} was not answered in time; its outcome is unknown until it is called again`
    : `${call.method} was not sent: no broker could be reached in time`;
  return { error: new ClientError('timeout', help, idOf(call)) };
}
