// Tries every cell of the session's table: what each input does in each state, said in one word.
import t from 'tap';
import type { CallAnswer, Refused } from '../../client/sdk/errors.js';
import type { Effect, Input, Life, Moment, Pace, State } from '../../client/sdk/life.js';
import { begin, step } from '../../client/sdk/session.js';

const pace: Pace = { dial_ms: 1_000, first_ms: 100, max_ms: 1_600, steady_ms: 5_000 };
const moment: Moment = { now: 50_000, random: 0.5 };
const life: Life = { urls: 2, url: 0, socket: 3, failures: 0, speaker: 'none' };

const states: { [S in State['at']]: Extract<State, { at: S }> } = {
  idle: { at: 'idle', life },
  dialing: { at: 'dialing', life },
  greeting: { at: 'greeting', life },
  joining: { at: 'joining', life: { ...life, speaker: 'known' } },
  ready: { at: 'ready', life, since: 49_000 },
  waiting: { at: 'waiting', life },
  stopped: { at: 'stopped', why: { kind: 'closed' } },
};

const no: Refused = { message: 'no', data: { refusal: 'peer_retired', retry: false } };
const later: Refused = { message: 'later', data: { refusal: 'unavailable', retry: true } };
const answer: CallAnswer = { result: 1 };
const inputs: { [K in Input['kind']]: Extract<Input, { kind: K }> } = {
  dial: { kind: 'dial' },
  opened: { kind: 'opened', socket: 3 },
  greeted: { kind: 'greeted', socket: 3 },
  joined: { kind: 'joined', socket: 3 },
  refused: { kind: 'refused', socket: 3, refused: no },
  answered: { kind: 'answered', socket: 3, call: 9, answer },
  lost: { kind: 'lost', socket: 3, why: { how: 'closed', code: 1006, message: 'gone' } },
  timer: { kind: 'timer' },
  call: { kind: 'call', call: 9 },
  join: { kind: 'join' },
  close: { kind: 'close' },
};

const nothing = '';
const stop = 'stopped: unlimit suspend stop';
const again = 'waiting: suspend wait';
const hangUpAndStop = 'stopped: hangUp unlimit suspend stop';
const hangUpAndWait = 'waiting: hangUp suspend wait';

// The next state, then the effects in their order.
const table: { [S in State['at']]: { [K in Input['kind']]: string } } = {
  idle: {
    dial: 'dialing: dial limit',
    opened: nothing,
    greeted: nothing,
    joined: nothing,
    refused: nothing,
    answered: nothing,
    lost: nothing,
    timer: nothing,
    call: nothing,
    join: nothing,
    close: stop,
  },
  dialing: {
    dial: nothing,
    opened: 'greeting: greet',
    greeted: nothing,
    joined: nothing,
    refused: nothing,
    answered: nothing,
    lost: again,
    timer: hangUpAndWait,
    call: nothing,
    join: nothing,
    close: hangUpAndStop,
  },
  greeting: {
    dial: nothing,
    opened: nothing,
    greeted: 'ready: unlimit replay',
    joined: nothing,
    refused: hangUpAndStop,
    answered: nothing,
    lost: again,
    timer: hangUpAndWait,
    call: nothing,
    join: nothing,
    close: hangUpAndStop,
  },
  joining: {
    dial: nothing,
    opened: nothing,
    greeted: nothing,
    joined: 'ready: unlimit admit replay',
    refused: hangUpAndStop,
    answered: 'joining: settle',
    lost: again,
    timer: hangUpAndWait,
    call: nothing,
    join: nothing,
    close: hangUpAndStop,
  },
  ready: {
    dial: nothing,
    opened: nothing,
    greeted: nothing,
    joined: nothing,
    refused: nothing,
    answered: 'ready: settle',
    lost: again,
    timer: hangUpAndWait,
    call: 'ready: send',
    join: 'joining: introduce limit',
    close: hangUpAndStop,
  },
  waiting: {
    dial: nothing,
    opened: nothing,
    greeted: nothing,
    joined: nothing,
    refused: nothing,
    answered: nothing,
    lost: nothing,
    timer: 'dialing: dial limit',
    call: nothing,
    join: nothing,
    close: stop,
  },
  stopped: {
    dial: nothing,
    opened: nothing,
    greeted: nothing,
    joined: nothing,
    refused: nothing,
    answered: nothing,
    lost: nothing,
    timer: nothing,
    call: 'stopped: stop',
    join: 'stopped: stop',
    close: nothing,
  },
};

function said(before: State, { state, effects }: { state: State; effects: readonly Effect[] }) {
  if (state.at === before.at && effects.length === 0) return nothing;
  return `${state.at}: ${effects.map(effect => effect.do).join(' ')}`;
}

for (const [at, row] of Object.entries(table) as [State['at'], Record<Input['kind'], string>][]) {
  t.test(`in ${at}, every input does what its cell says`, async t => {
    for (const [kind, expected] of Object.entries(row) as [Input['kind'], string][]) {
      t.equal(said(states[at], step(states[at], inputs[kind], moment, pace)), expected, kind);
    }
  });
}

t.test('what a former socket still says is not heard', async t => {
  for (const state of Object.values(states)) {
    for (const input of Object.values(inputs)) {
      if (!('socket' in input)) continue;
      const old = { ...input, socket: 2 };
      t.same(step(state, old, moment, pace), { state, effects: [] }, `${state.at} ${input.kind}`);
    }
  }
});

t.test('a refusal to be tried later ends the socket, not the session', async t => {
  for (const at of ['greeting', 'joining'] as const) {
    const input: Input = { kind: 'refused', socket: 3, refused: later };
    t.equal(said(states[at], step(states[at], input, moment, pace)), hangUpAndWait);
  }
});

t.test('a first join that is refused leaves the connection as it was', async t => {
  const state: State = { at: 'joining', life: { ...life, speaker: 'new' } };
  const next = step(state, inputs.refused, moment, pace);
  t.equal(said(state, next), 'ready: unlimit admit replay');
  t.match(next.state, { life: { speaker: 'none' } });
  t.match(next.effects[1], { do: 'admit', refused: no });
});

t.test('a join asked for while offline is said after the greeting, then only attached', async t => {
  const asked = step(states.waiting, inputs.join, moment, pace).state;
  t.match(asked, { life: { speaker: 'new' } });
  const greeting: State = { ...states.greeting, life: { ...life, speaker: 'new' } };
  const joining = step(greeting, inputs.greeted, moment, pace);
  t.same(joining.effects, [{ do: 'introduce', as: 'new' }]);
  const ready = step(joining.state, inputs.joined, moment, pace).state;
  t.match(ready, { at: 'ready', life: { speaker: 'known' }, since: 50_000 });
});

t.test('a revoked credential and a refused upgrade stop the session with the reason', async t => {
  const revoked: Input = {
    kind: 'lost',
    socket: 3,
    why: { how: 'closed', code: 4001, message: 'revoked' },
  };
  t.match(step(states.ready, revoked, moment, pace).state, {
    at: 'stopped',
    why: { kind: 'refused', refused: { data: { refusal: 'unauthorized' } } },
  });
  const refused: Input = { kind: 'lost', socket: 3, why: { how: 'refused', refused: no } };
  t.match(step(states.dialing, refused, moment, pace).state, { why: { refused: no } });
});

t.test('each round of losses doubles the bound of the wait; each moves to the next address', t => {
  const waits: number[] = [];
  const urls: number[] = [];
  let state: State = states.dialing;
  for (let i = 0; i < 11; i++) {
    const { state: waiting, effects } = step(
      { ...state, at: 'dialing' } as State,
      inputs.lost,
      moment,
      pace,
    );
    for (const effect of effects) if (effect.do === 'wait') waits.push(effect.ms);
    state = waiting;
    if (state.at !== 'stopped') urls.push(state.life.url);
  }
  const halves = [50, 50, 100, 100, 200, 200, 400, 400, 800, 800, 800];
  t.same(waits, halves, 'half of the bound, for a chance of 0.5');
  t.same(urls, [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
  t.end();
});

t.test('a connection that was steady starts the waits anew', async t => {
  const failed = { ...life, failures: 5 };
  const steady = step({ at: 'ready', life: failed, since: 0 }, inputs.lost, moment, pace);
  t.match(steady.state, { life: { failures: 1 } });
  const brief = step({ at: 'ready', life: failed, since: 49_999 }, inputs.lost, moment, pace);
  t.match(brief.state, { life: { failures: 6 } });
});

t.test(
  'a first connection is given up when its time is over and each address was tried',
  async t => {
    const first = begin(2, 0);
    const dialing = step(first, inputs.dial, moment, pace).state;
    const lost: Input = { kind: 'lost', socket: 1, why: { how: 'unreachable', message: 'nobody' } };
    const once = step(dialing, lost, moment, pace);
    t.match(once.state, { at: 'waiting' }, 'the second address is not tried yet');
    const again = step(once.state, inputs.timer, moment, pace).state;
    const twice = step(again, { ...lost, socket: 2 }, moment, pace);
    t.match(twice.state, { at: 'stopped', why: { kind: 'unreachable', message: 'nobody' } });
  },
);
