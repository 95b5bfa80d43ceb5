// The command handler: each command is answered once, from the log, and its repeats alike.
import t from 'tap';
import { Refold } from '../../broker/archive/refold.js';
import type { Answer, Author, Command } from '../../broker/core/words.js';
import { memoryStore, openMemory } from '../../broker/log/memory.js';
import { Barrier } from '../../broker/runtime/barrier.js';
import { CommandHandler } from '../../broker/runtime/handlers/command-handler.js';
import { internal } from '../../broker/system/fault.js';
import { MeshTime } from '../../broker/system/mesh-time.js';
import type { SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import { type CommandName, methods, type Params } from '../../schemas/method.js';
import { type Refusal, refuse } from '../../schemas/refusal.js';
import { OPERATOR } from '../../schemas/uuid.js';
import * as p from '../dsl/events.js';
import { api, askNo, BOOT, type Draft, GATEWAY, joins, uuid, web } from '../dsl/events.js';
import { secretFor } from '../dsl/given.js';
import { Mesh } from '../dsl/test-log.js';

/** A command handler where web and api are here; what it proposes is folded when told. */
function handling({ commandIds = 1_000 } = {}) {
  const mesh = new Mesh(commandIds);
  mesh.say(p.opened(), p.started(GATEWAY, BOOT), joins(web), joins(api));
  let elapsed = 0;
  const clock = { now: () => mesh.now, elapsed: () => elapsed };
  const log = openMemory({ store: { ...memoryStore(), commits: mesh.log }, clock });
  const barrier = new Barrier(log, { proposed: 0 });
  const proposed: SignalEvent[] = [];
  const state = { isServing: true, refusal: undefined as Refusal | undefined };
  const handler = new CommandHandler({
    clock: new MeshTime(clock),
    barrier,
    archive: new Refold(log),
    newId: () => mesh.stamp({ type: 'peer.left', by: '' }).id,
    secretFor,
    boot: () => BOOT,
    cursor: () => 'a-cursor',
    table: () => mesh.table,
    sequence: () => mesh.fold.sequence,
    isServing: () => state.isServing,
    timeKnown: () => undefined,
    trouble: () => undefined,
    failed: internal,
    propose: event => state.refusal ?? void proposed.push(event),
  });
  const settled = (commit: ReturnType<Mesh['say']>) => {
    handler.folded(commit);
    barrier.folded(commit, undefined);
  };
  settled(mesh.say());
  const others = (...drafts: Draft[]) => settled(mesh.say(...drafts));
  return {
    mesh,
    log,
    handler,
    proposed,
    state,
    others,
    pass: (ms: number) => {
      elapsed += ms;
    },
    /** What was proposed comes back on the tail. */
    fold: () => others(...proposed.splice(0)),
    /** Stored by another broker, and on its way to this one. */
    store: (draft: Draft) => mesh.encode([mesh.stamp(draft)], { boot: 'boot_b' }),
    call<M extends CommandName>(who: p.Person | string, method: M, params: Params<M>) {
      const author: Author =
        typeof who === 'string' ? { token: who } : { token: who.token, peer: who.peer };
      return spoken(handler, {
        method,
        params: methods[method].params.parse(params),
        author,
      } as never);
    },
  };
}

/** Calls, and insists that `decided` and then `done` are called once each. */
function spoken(handler: CommandHandler, command: Omit<Command, 'connected'>) {
  const said: string[] = [];
  let tell: (answer: Answer) => void = () => {};
  const answer = new Promise<Answer>(resolve => {
    tell = resolve;
  });
  const done = (one: Answer) => {
    said.push('done');
    if (said.join() !== 'decided,done') throw new Error(said.join());
    tell(one);
  };
  handler.command({ ...command, connected: true } as Command, () => said.push('decided'), done);
  return { answer, isDecided: () => said.includes('decided'), isDone: () => said.includes('done') };
}

const ask = { id: uuid(1), to: 'api', text: 'may I?' };

t.test('a command is decided at once and answered when it is folded', async t => {
  const { call, fold, proposed } = handling();
  const { answer, isDecided, isDone } = call(web, 'ask.open', ask);
  t.match([isDecided(), isDone(), proposed.length], [true, false, 1]);
  fold();
  t.match(await answer, { result: { verdict: 'applied', ask: askNo(1), delivery: 'offered' } });
});

t.test('a repeat while the first is under way is one event and the same answer', async t => {
  const { call, fold, proposed } = handling();
  const [first, second] = [call(web, 'ask.open', ask), call(web, 'ask.open', ask)];
  t.equal(proposed.length, 1);
  fold();
  t.strictSame(await second.answer, await first.answer);
});

t.test('a repeat later gets the first answer, whatever has become of things since', async t => {
  const { call, fold, others } = handling();
  const first = call(web, 'ask.open', ask);
  fold();
  others(p.closes(api, 1, 'replied'), p.leaves(api));
  t.strictSame(await call(web, 'ask.open', ask).answer, await first.answer);
});

t.test('one id for another method or by another author is invalid', async t => {
  const { call, fold } = handling();
  const first = call(web, 'ask.open', ask);
  const wrong = { refusal: 'invalid', message: /another command/ };
  t.match(await call(web, 'notify.send', { ...ask }).answer, wrong);
  t.match(await call(api, 'ask.open', { ...ask, to: 'web' }).answer, wrong);
  fold();
  await first.answer;
  t.match(await call(web, 'notify.send', { ...ask }).answer, wrong);
  t.match(await call(api, 'ask.open', { ...ask, to: 'web' }).answer, wrong);
});

t.test('another’s use of the id, folded by way of another broker, settles nothing', async t => {
  const { call, fold, others } = handling();
  const mine = call(web, 'ask.open', ask);
  others({ ...p.turns(api, 'idle'), id: uuid(1) });
  const repeat = call(web, 'ask.open', ask);
  t.notOk(mine.isDone() || repeat.isDone(), 'nor what repeats it');
  fold();
  const answers = [await mine.answer, await repeat.answer];
  for (const answer of answers) t.match(answer, { refusal: 'invalid', message: /another/ });
});

t.test('the same command folded first by way of another broker gives its answer', async t => {
  const { call, fold, others } = handling();
  const mine = call(web, 'ask.open', ask);
  others(p.asks(1, web, api));
  t.match(await mine.answer, { result: { verdict: 'applied', ask: askNo(1) } });
  fold();
});

t.test('a close that came second says that it is void, and why', async t => {
  const { call, fold, others } = handling();
  others(p.asks(1, web, api));
  const mine = call(web, 'ask.close', { id: uuid(2), ask: askNo(1), outcome: 'cancelled' });
  others(p.closes(api, 1, 'replied'));
  fold();
  t.match(await mine.answer, { result: { verdict: 'void', reason: 'ask_closed' } });
});

t.test('before it refuses for a reason of state it has folded what was stored', async t => {
  const { call, store, mesh, proposed, log, others } = handling();
  const bytes = store(p.asks(1, web, api));
  const head = log.head;
  let asked = 0;
  log.head = async () => {
    asked++;
    return (await head()) + 1;
  };
  const mine = call(api, 'ask.close', { id: uuid(2), ask: askNo(1), outcome: 'declined' });
  t.notOk(mine.isDecided(), 'what follows on the connection must not overtake it');
  await new Promise(setImmediate);
  t.match([asked, mine.isDone()], [1, false]);
  mesh.store(bytes);
  log.head = head;
  others();
  await new Promise(setImmediate);
  t.match(proposed, [{ type: 'ask.closed' }]);
});

t.test('a refusal that no newer state could lift is given at once', async t => {
  const { call, log } = handling();
  log.head = () => Promise.reject(new Error('must not be asked'));
  t.match(await call(web, 'ask.open', { ...ask, to: 'web' }).answer, { refusal: 'invalid' });
});

t.test('when the log is away a reason of state is not given; try again', async t => {
  const { call, log } = handling();
  log.head = () => Promise.reject(new Error('away'));
  t.match(await call(web, 'ask.open', { ...ask, to: 'nobody' }).answer, { refusal: 'unavailable' });
});

t.test('nothing is taken while the broker does not serve', async t => {
  const { call, state, proposed } = handling();
  state.isServing = false;
  t.match(await call(web, 'ask.open', ask).answer, { refusal: 'unavailable' });
  t.equal(proposed.length, 0);
});

t.test('what cannot be proposed is refused and not remembered', async t => {
  const { call, state, fold } = handling();
  state.refusal = refuse('too_large', 'too much');
  t.match(await call(web, 'ask.open', ask).answer, { refusal: 'too_large' });
  state.refusal = undefined;
  const again = call(web, 'ask.open', ask);
  fold();
  t.match(await again.answer, { result: { verdict: 'applied' } });
});

t.test(
  'what the log did not take is refused as unavailable; the same id may try again',
  async t => {
    const { call, handler, proposed, fold } = handling();
    const mine = call(web, 'ask.open', ask);
    handler.refused(proposed.splice(0), 'the log is full');
    t.match(await mine.answer, { refusal: 'unavailable', message: /full/ });
    const again = call(web, 'ask.open', ask);
    fold();
    t.match(await again.answer, { result: { verdict: 'applied' } });
  },
);

t.test('who has waited too long is told so; the same id settles it', async t => {
  const { call, handler, pass, fold, proposed } = handling();
  const mine = call(web, 'ask.open', ask);
  pass(limits.answer_wait_ms);
  handler.tick();
  t.notOk(mine.isDone());
  pass(1);
  handler.tick();
  t.match(await mine.answer, { refusal: 'unavailable' });
  const again = call(web, 'ask.open', ask);
  t.equal(proposed.length, 2, 'the first may still be on its way');
  fold();
  t.match(await again.answer, { result: { verdict: 'applied', delivery: 'offered' } });
});

t.test('an id the memory has let go is answered from the log, or is stale', async t => {
  const { call, others } = handling({ commandIds: 4 });
  others(p.asks(1, web, api), { ...p.closes(api, 9, 'replied'), id: uuid(2) });
  for (let n = 10; n < 20; n++) others({ ...p.turns(web, 'idle'), id: uuid(n) });
  for (let n = 20; n < 30; n++) others({ ...p.turns(api, 'idle'), id: uuid(n) });
  others(p.leaves(api), joins(api));
  t.match(await call(web, 'ask.open', ask).answer, {
    result: { ask: askNo(1), delivery: 'offered' },
  });
  t.match(await call(web, 'notify.send', { ...ask }).answer, { refusal: 'invalid' });
  const closing = { ask: askNo(9), outcome: 'replied' } as const;
  t.match(await call(api, 'ask.close', { id: uuid(2), ...closing }).answer, {
    result: { verdict: 'void', reason: 'ask_unknown' },
  });
  t.match(await call(web, 'ask.open', { ...ask, id: uuid(3) }).answer, {
    refusal: 'command_stale',
    data: { time: p.T0 },
  });
});

t.test('an ask that fell off the tail is closed, not unknown', async t => {
  const { call, others, mesh } = handling();
  others(p.asks(1, web, api), p.closes(api, 1, 'declined'));
  mesh.table.asks.closed.clear();
  const closing = { id: uuid(2), ask: askNo(1), outcome: 'replied' } as const;
  t.match(await call(api, 'ask.close', closing).answer, { refusal: 'ask_unknown' });
  mesh.table.asks.dropped = 1;
  t.match(await call(api, 'ask.close', closing).answer, { refusal: 'ask_closed' });
  const never = { id: uuid(3), ask: askNo(9), outcome: 'replied' } as const;
  t.match(await call(api, 'ask.close', never).answer, { refusal: 'ask_unknown' });
});

t.test('an ask of another circle that fell off the tail is unknown as any other', async t => {
  const { call, others, mesh } = handling();
  const bound = p.person('bound', { circle: 'elsewhere', token: p.tokenNo(50) });
  others({ ...p.makesToken(50, { circles: ['elsewhere'] }) }, joins(bound));
  others(p.asks(1, web, api), p.closes(api, 1, 'declined'));
  mesh.table.asks.closed.clear();
  mesh.table.asks.dropped = 1;
  for (const n of [1, 9]) {
    const closing = { id: uuid(n + 1), ask: askNo(n), outcome: 'replied' } as const;
    t.match(await call(bound, 'ask.close', closing).answer, { refusal: 'ask_unknown' });
  }
  const third = { id: uuid(20), ask: askNo(1), outcome: 'replied' } as const;
  t.match(await call(web, 'ask.close', third).answer, { refusal: 'ask_closed' });
});

t.test('a joining peer that has seen more waits until the broker has, too', async t => {
  const { call, mesh, store, others, proposed } = handling();
  const min_position = (mesh.log.length + 1) * limits.commit_positions;
  const join = { id: uuid(1), name: 'web', peer: web.peer, secret: web.secret, min_position };
  t.match(await call(OPERATOR, 'peer.join', join).answer, { refusal: 'unavailable' });
  mesh.store(store(p.turns(api, 'idle')));
  others();
  call(OPERATOR, 'peer.join', join);
  t.match(proposed, [{ type: 'peer.joined', boot: BOOT }]);
});

t.test('a closing command handler leaves nobody without an answer', async t => {
  const { call, handler } = handling();
  const waiting = [call(web, 'ask.open', ask), call(api, 'peer.leave', {})];
  handler.close();
  for (const { answer } of waiting) t.match(await answer, { refusal: 'unavailable' });
});
