// The words of a connection's life: its states, what may happen to it, what it asks to be done.
import type { CallAnswer, Refused } from './errors.js';

/** What lasts over all sockets of a session. */
export interface Life {
  /** How many addresses the list has, and which one is dialled now. */
  urls: number;
  url: number;
  /** Numbers the sockets, so that nothing a former one still says is heard. */
  socket: number;
  /** Attempts in a row that did not lead to a steady connection. */
  failures: number;
  /** `new`: a join is asked for, never answered yet; `known`: it was, so attach from now on. */
  speaker: 'none' | 'new' | 'known';
  /** Until when a first connection may be tried, in monotonic ms; absent once there was one. */
  until?: number;
}

/** Why a session is over. */
export type Stop =
  | { kind: 'closed' }
  | { kind: 'unreachable'; message: string }
  | { kind: 'refused'; refused: Refused };

/** Where a session is in its life. */
export type State =
  | { at: 'idle'; life: Life }
  | { at: 'dialing'; life: Life }
  | { at: 'greeting'; life: Life }
  | { at: 'joining'; life: Life }
  | { at: 'ready'; life: Life; since: number }
  | { at: 'waiting'; life: Life }
  | { at: 'stopped'; why: Stop };

/** How a socket was lost. */
export type Lost =
  | { how: 'unreachable'; message: string }
  | { how: 'refused'; refused: Refused }
  | { how: 'closed'; code: number; message: string };

/** What may happen to a session. */
export type Input =
  | { kind: 'dial' }
  | { kind: 'opened'; socket: number }
  | { kind: 'greeted'; socket: number }
  | { kind: 'joined'; socket: number }
  /** The broker refused the greeting or the join. */
  | { kind: 'refused'; socket: number; refused: Refused }
  | { kind: 'answered'; socket: number; call: number; answer: CallAnswer }
  | { kind: 'lost'; socket: number; why: Lost }
  | { kind: 'timer' }
  | { kind: 'call'; call: number }
  | { kind: 'join' }
  | { kind: 'close' };

/** What is to be done about an input. */
export type Effect =
  | { do: 'dial'; socket: number; url: number }
  | { do: 'hangUp'; socket: number }
  | { do: 'greet' }
  | { do: 'introduce'; as: 'new' | 'known' }
  /** The join is answered: its caller may go on, with a peer or with the refusal. */
  | { do: 'admit'; refused?: Refused }
  | { do: 'send'; call: number }
  /** Send every open call that this socket has not carried yet, in order; resume subscriptions. */
  | { do: 'replay' }
  | { do: 'settle'; call: number; answer: CallAnswer }
  /** The socket is gone: what belonged to it alone ends. */
  | { do: 'suspend' }
  /** One timer: starting it ends the former. */
  | { do: 'limit'; ms: number }
  | { do: 'wait'; ms: number; message: string }
  | { do: 'unlimit' }
  /** Every open call fails with this, now and later. */
  | { do: 'stop'; why: Stop };

/** Monotonic time in ms and a random number in [0, 1), from outside: this file knows neither. */
export interface Moment {
  now: number;
  random: number;
}

/** Bounds of the session in ms. */
export interface Pace {
  dial_ms: number;
  first_ms: number;
  max_ms: number;
  steady_ms: number;
}

/** The outcome of one input. */
export interface SessionStep {
  state: State;
  effects: readonly Effect[];
}
