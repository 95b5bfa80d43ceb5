// Tries the session and its calls with random lives: no call is lost, none is doubled, one socket.
import { deepStrictEqual, ok } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { Calls } from '../../client/sdk/calls.js';
import type { CallAnswer } from '../../client/sdk/errors.js';
import { BrokerTime } from '../../client/sdk/identity.js';
import type { Effect, Input, Pace, State } from '../../client/sdk/life.js';
import { begin, step } from '../../client/sdk/session.js';

const pace: Pace = { dial_ms: 1_000, first_ms: 100, max_ms: 1_000, steady_ms: 5_000 };
const answer: CallAnswer = { result: 'done' };
const no = { message: 'no', data: { refusal: 'forbidden' as const, retry: false } };
const later = { message: 'later', data: { refusal: 'unavailable' as const, retry: true } };

/** A client without a network: it carries effects out by the books and checks each of them. */
class World {
  state: State = begin(3, 0);
  sockets = new Set<number>();
  timers = 0;
  opened = 0;
  /** What each socket carried, and how often each call was settled. */
  readonly carried = new Map<number, number[]>();
  readonly settled = new Map<number, number>();
  readonly calls = new Calls(1, new BrokerTime(), { send: id => this.send(id), again() {} });

  take(input: Input, now: number, random: number): void {
    const { state, effects } = step(this.state, input, { now, random }, pace);
    this.state = state;
    for (const effect of effects) this.carryOut(effect);
    if (input.kind === 'lost') this.sockets.delete(input.socket);
    ok(this.sockets.size <= 1, 'two sockets at once');
  }

  open(): void {
    this.opened++;
    const id = this.calls.open({
      method: 'mesh.info',
      params: {},
      scope: 'session',
      wait_ms: Infinity,
      done: () => this.settled.set(number, (this.settled.get(number) ?? 0) + 1),
    });
    const number = id ?? -1;
    this.take({ kind: 'call', call: number }, 0, 0);
  }

  unsettled(): number[] {
    const all = Array.from({ length: this.opened }, (_, n) => n + 1);
    return all.filter(id => !this.settled.has(id));
  }

  private carryOut(effect: Effect): void {
    switch (effect.do) {
      case 'dial':
        this.sockets.add(effect.socket);
        return;
      case 'hangUp':
        ok(this.sockets.delete(effect.socket), 'hung up what was not open');
        return;
      case 'send':
        this.calls.send(effect.call, this.socket);
        return;
      case 'replay':
        this.calls.sendAll(this.socket);
        return;
      case 'settle':
        this.calls.answer(effect.call, effect.answer, 0);
        return;
      case 'suspend':
        this.calls.suspend();
        return;
      case 'stop':
        this.calls.failAll(new Error('stopped'));
        return;
      case 'limit':
      case 'wait':
        this.timers = 1;
        return;
      case 'unlimit':
        this.timers = 0;
        return;
      case 'greet':
      case 'introduce':
      case 'admit':
        return;
    }
  }

  get socket(): number {
    return this.state.at === 'stopped' ? 0 : this.state.life.socket;
  }

  private send(id: number): void {
    const carried = this.carried.get(this.socket) ?? [];
    ok(!carried.includes(id), 'one socket carried a call twice');
    ok(this.sockets.has(this.socket), 'sent without a socket');
    this.carried.set(this.socket, [...carried, id]);
  }
}

type Move = Input['kind'] | 'open' | 'late';
const move = fc.constantFrom<Move>(
  ...([
    'open',
    'open',
    'open',
    'opened',
    'opened',
    'greeted',
    'greeted',
    'joined',
    'late',
  ] as const),
  ...(['answered', 'answered', 'lost', 'timer', 'timer', 'join', 'refused', 'dial'] as const),
);
const life = fc.array(
  fc.record({ move, pick: fc.nat(), random: fc.double({ min: 0, max: 1, noNaN: true }) }),
  { maxLength: 200 },
);

const greetFirst = (['opened', 'greeted'] as const).map(move => ({ move, pick: 0, random: 0 }));

function play(world: World, steps: { move: Move; pick: number; random: number }[]): void {
  world.take({ kind: 'dial' }, 0, 0);
  for (const [at, { move, pick, random }] of steps.entries()) {
    const socket = world.socket;
    if (move === 'open') world.open();
    else if (move === 'late') world.take({ kind: 'opened', socket: socket - 1 }, at, random);
    else world.take(inputOf(move, socket, world.carried.get(socket) ?? [], pick), at, random);
  }
}

function inputOf(kind: Input['kind'], socket: number, carried: number[], pick: number): Input {
  switch (kind) {
    case 'answered':
      return { kind, socket, call: carried[pick % (carried.length || 1)] ?? -1, answer };
    case 'refused':
      return { kind, socket, refused: pick % 4 === 0 ? no : later };
    case 'lost':
      return { kind, socket, why: { how: 'closed', code: 1006, message: 'cut' } };
    case 'opened':
    case 'greeted':
    case 'joined':
      return { kind, socket };
    case 'call':
      return { kind, call: -1 };
    case 'dial':
    case 'timer':
    case 'join':
    case 'close':
      return { kind };
  }
}

/** Brings the session to an open connection, if it still lives. */
function heal(world: World): void {
  for (let i = 0; i < 10 && world.state.at !== 'ready' && world.state.at !== 'stopped'; i++) {
    const { socket } = world;
    world.take({ kind: 'timer' }, 1e9, 0);
    for (const kind of ['opened', 'greeted', 'joined'] as const) {
      world.take({ kind, socket: world.socket }, 1e9, 0);
    }
    if (world.state.at === 'waiting') ok(socket > 0);
  }
}

t.test('whatever happens, every call is settled exactly once in the end', async () => {
  fc.assert(
    fc.property(life, steps => {
      const world = new World();
      // A first connection, so that only a refusal may end the session.
      play(world, [...greetFirst, ...steps]);
      heal(world);
      if (world.state.at === 'ready') {
        const open = world.unsettled();
        const carried = world.carried.get(world.socket) ?? [];
        for (const id of open) ok(carried.includes(id), 'an open call was not sent again');
        for (const call of open) {
          world.take({ kind: 'answered', socket: world.socket, call, answer }, 1e9, 0);
        }
      }
      deepStrictEqual(world.settled.size, world.opened, 'a call was lost');
      ok(
        [...world.settled.values()].every(times => times === 1),
        'a call was settled twice',
      );
    }),
    { numRuns: 500 },
  );
});

t.test('calls are sent in the order in which they were made, on every socket', async () => {
  fc.assert(
    fc.property(life, steps => {
      const world = new World();
      play(world, [...greetFirst, ...steps]);
      for (const carried of world.carried.values()) {
        deepStrictEqual(
          carried,
          [...carried].sort((a, b) => a - b),
        );
      }
    }),
  );
});

t.test('whoever is not ready, idle or stopped has a timer running', async () => {
  fc.assert(
    fc.property(life, steps => {
      const world = new World();
      play(world, steps);
      const rests = ['ready', 'idle', 'stopped'].includes(world.state.at);
      deepStrictEqual(world.timers, rests ? 0 : 1);
    }),
  );
});
