// The life of a connection: one state, one table of what each input does in it, nothing else.
//
//                                      greeted, speaks for no peer
//                              ┌───────────────────────────────────────┐
//          dial        opened  │         greeted           joined      ▼
//   idle ───────▶ dialing ──▶ greeting ─────────▶ joining ─────────▶ ready
//                   ▲             │                  │   ◀───────── │  │
//                   │ timer       │ lost             │ lost    join    │ lost
//                   └───── waiting ◀─────────────────┴─────────────────┘
//
//   lost = the socket went, a step took too long, the broker said "later", or the vigil found
//          that it serves no more (a timer that ends while it is ready): wait a random
//          time below a growing bound, then dial the next address of the list.
//   any state ── close, or a refusal that trying again will not cure ──▶ stopped
//
// Calls live beside this machine (`calls.ts`), in order, until each is settled once. Only `ready`
// sends; every way into `ready` sends what the new socket has not carried yet, the same command
// under the same id. So offline calls are held, and unanswered ones are repeated.
import { fullJitter } from './backoff.js';
import { type Refused, refused, revokedHelp } from './errors.js';
import type { Effect, Input, Life, Moment, Pace, SessionStep, State, Stop } from './life.js';

type In<S extends State['at']> = Extract<State, { at: S }>;
type On<K extends Input['kind']> = Extract<Input, { kind: K }>;
type Cell<S extends State['at'], K extends Input['kind']> = (
  state: In<S>,
  input: On<K>,
  moment: Moment,
  pace: Pace,
) => SessionStep;
type Table = { [S in State['at']]: { [K in Input['kind']]: Cell<S, K> } };
type Alive = Exclude<State, { at: 'stopped' }>;

const REVOKED = 4001;

// One row a state, one cell an input: the compiler counts them.
const table: Table = {
  idle: {
    dial: (state, _, __, pace) => dial(state.life, pace),
    opened: stay,
    greeted: stay,
    joined: stay,
    refused: stay,
    answered: stay,
    lost: stay,
    timer: stay,
    call: hold,
    join: remember,
    close,
  },
  dialing: {
    dial: stay,
    opened: state => to({ at: 'greeting', life: state.life }, { do: 'greet' }),
    greeted: stay,
    joined: stay,
    refused: stay,
    answered: stay,
    lost: lose,
    timer: tooSlow,
    call: hold,
    join: remember,
    close: hangUp,
  },
  greeting: {
    dial: stay,
    opened: stay,
    greeted: admitted,
    joined: stay,
    refused: (state, input, moment, pace) =>
      input.refused.data.retry ? later(state, input, moment, pace) : refuse(state, input.refused),
    answered: stay,
    lost: lose,
    timer: tooSlow,
    call: hold,
    join: remember,
    close: hangUp,
  },
  joining: {
    dial: stay,
    opened: stay,
    greeted: stay,
    joined: (state, _, moment) =>
      ready({ ...state.life, speaker: 'known' }, moment, { do: 'admit' }),
    refused: notAdmitted,
    answered: settle,
    lost: lose,
    timer: tooSlow,
    call: hold,
    join: stay,
    close: hangUp,
  },
  ready: {
    dial: stay,
    opened: stay,
    greeted: stay,
    joined: stay,
    refused: stay,
    answered: settle,
    lost: lose,
    timer: tooSlow,
    call: (state, input) => to(state, { do: 'send', call: input.call }),
    join: (state, _, __, pace) =>
      join({ ...state.life, speaker: 'new' }, 'new', { do: 'limit', ms: pace.dial_ms }),
    close: hangUp,
  },
  waiting: {
    dial: stay,
    opened: stay,
    greeted: stay,
    joined: stay,
    refused: stay,
    answered: stay,
    lost: stay,
    timer: (state, _, __, pace) => dial(state.life, pace),
    call: hold,
    join: remember,
    close,
  },
  stopped: {
    dial: stay,
    opened: stay,
    greeted: stay,
    joined: stay,
    refused: stay,
    answered: stay,
    lost: stay,
    timer: stay,
    call: state => to(state, { do: 'stop', why: state.why }),
    join: state => to(state, { do: 'stop', why: state.why }),
    close: stay,
  },
};

/** A session that has not dialled yet; `until` bounds the wait for its first connection. */
export function begin(urls: number, until: number): State {
  return { at: 'idle', life: { urls, url: 0, socket: 0, failures: 0, speaker: 'none', until } };
}

/** What the input makes of the state, and what is to be done about it. */
export function step(state: State, input: Input, moment: Moment, pace: Pace): SessionStep {
  if ('socket' in input && (state.at === 'stopped' || input.socket !== state.life.socket)) {
    return stay(state);
  }
  const cell = table[state.at][input.kind] as Cell<State['at'], Input['kind']>;
  return cell(state as never, input as never, moment, pace);
}

function to(state: State, ...effects: Effect[]): SessionStep {
  return { state, effects };
}

function stay(state: State): SessionStep {
  return to(state);
}

/** The call stays open beside the machine until `ready` sends it. */
function hold(state: State): SessionStep {
  return to(state);
}

function remember(state: Alive): SessionStep {
  if (state.life.speaker !== 'none') return stay(state);
  return to({ ...state, life: { ...state.life, speaker: 'new' } });
}

function dial(life: Life, pace: Pace): SessionStep {
  const socket = life.socket + 1;
  return to(
    { at: 'dialing', life: { ...life, socket } },
    { do: 'dial', socket, url: life.url },
    { do: 'limit', ms: pace.dial_ms },
  );
}

function admitted({ life }: In<'greeting'>, _: Input, moment: Moment): SessionStep {
  return life.speaker === 'none' ? ready(life, moment) : join(life, life.speaker);
}

function join(life: Life, as: 'new' | 'known', ...effects: Effect[]): SessionStep {
  return to({ at: 'joining', life }, { do: 'introduce', as }, ...effects);
}

function ready(life: Life, { now }: Moment, ...effects: Effect[]): SessionStep {
  const { until: _, ...lasting } = life;
  const state: State = { at: 'ready', life: lasting, since: now };
  return to(state, { do: 'unlimit' }, ...effects, { do: 'replay' });
}

function settle(state: State, input: On<'answered'>): SessionStep {
  return to(state, { do: 'settle', call: input.call, answer: input.answer });
}

/** A first join that is refused leaves the connection as it was; a peer that is gone ends it. */
function notAdmitted(
  state: In<'joining'>,
  input: On<'refused'>,
  moment: Moment,
  pace: Pace,
): SessionStep {
  const no = input.refused;
  if (no.data.retry) return later(state, input, moment, pace);
  if (state.life.speaker === 'known') return refuse(state, no);
  return ready({ ...state.life, speaker: 'none' }, moment, { do: 'admit', refused: no });
}

function lose(state: Alive, { why }: On<'lost'>, moment: Moment, pace: Pace): SessionStep {
  switch (why.how) {
    case 'refused':
      return stop({ kind: 'refused', refused: why.refused });
    case 'unreachable':
      return retry(state, why.message, moment, pace);
    case 'closed':
      if (why.code !== REVOKED) return retry(state, why.message, moment, pace);
      return stop({ kind: 'refused', refused: refused('unauthorized', revokedHelp) });
  }
}

function tooSlow(state: Alive, _: Input, moment: Moment, pace: Pace): SessionStep {
  return hungUp(state, retry(state, 'the broker did not answer in time', moment, pace));
}

function later(state: Alive, input: On<'refused'>, moment: Moment, pace: Pace): SessionStep {
  return hungUp(state, retry(state, input.refused.message, moment, pace));
}

function refuse(state: Alive, no: Refused): SessionStep {
  return hungUp(state, stop({ kind: 'refused', refused: no }));
}

function hangUp(state: Alive): SessionStep {
  return hungUp(state, close());
}

function close(): SessionStep {
  return stop({ kind: 'closed' });
}

function hungUp({ life }: Alive, after: SessionStep): SessionStep {
  return to(after.state, { do: 'hangUp', socket: life.socket }, ...after.effects);
}

function stop(why: Stop): SessionStep {
  return to({ at: 'stopped', why }, { do: 'unlimit' }, { do: 'suspend' }, { do: 'stop', why });
}

/** Rests below a bound that grows, then dials the next address. */
function retry(state: Alive, message: string, { now, random }: Moment, pace: Pace): SessionStep {
  const { life } = state;
  const steady = state.at === 'ready' && now - state.since >= pace.steady_ms;
  const failures = steady ? 0 : life.failures;
  if (life.until !== undefined && now >= life.until && failures + 1 >= life.urls) {
    return stop({ kind: 'unreachable', message });
  }
  // Another address is no second knock at the same door.
  const rounds = Math.floor(failures / life.urls);
  const ms = Math.floor(fullJitter(rounds, pace, random));
  const next = { ...life, url: (life.url + 1) % life.urls, failures: failures + 1 };
  return to({ at: 'waiting', life: next }, { do: 'suspend' }, { do: 'wait', ms, message });
}
