// From a command to its event: what decide lets through the fold applies, what it refuses is void.
import fc from 'fast-check';
import t from 'tap';
import { decide } from '../../broker/core/decide.js';
import { rights } from '../../broker/core/rows/rights.js';
import { hashSecret } from '../../broker/core/secret.js';
import type { SignalEvent } from '../../schemas/event.js';
import { type CommandName, methods } from '../../schemas/method.js';
import { isRefusal, type Refusal } from '../../schemas/refusal.js';
import { makeUuid, OPERATOR } from '../../schemas/uuid.js';
import * as p from '../dsl/events.js';
import {
  api,
  askNo,
  BOOT,
  db,
  GATEWAY,
  joins,
  msgNo,
  orch,
  person,
  T0,
  uuid,
  web,
} from '../dsl/events.js';
import { given, secretFor } from '../dsl/given.js';
import { runs } from '../dsl/histories.js';
import { Mesh } from '../dsl/test-log.js';

const three = [joins(web), joins(api), joins(db)];

t.test('an id must be a uuid v7, new, and not ahead of its time', async t => {
  const world = given(t, ...three);
  const leave = (id: string) => {
    const { table } = world.mesh;
    const author = { token: OPERATOR, peer: web.peer };
    const held = rights(table, OPERATOR, table.time)!;
    const context = {
      table,
      author,
      held,
      now: table.time,
      secretFor,
      hashSecret,
      isBeingClaimed: () => false,
    };
    return decide(context, 'peer.leave', { id });
  };
  t.match(leave('not-a-uuid'), { refusal: 'invalid' });
  t.match(leave('01234567-0123-4123-8123-0123456789ab'), { refusal: 'invalid' }, 'a uuid v4');
  t.match(leave(makeUuid(T0 + 60_001, new Uint8Array(10))), { refusal: 'invalid' });
  t.match(leave(makeUuid(T0 + 60_000, new Uint8Array(10))), { type: 'peer.left' });
  world.and(p.asks(1, web, api));
  t.match(leave(uuid(1)), { refusal: 'invalid' }, 'an id that was used');
});

t.test('an old repeat is known as one before anything else is judged', async t => {
  const mesh = new Mesh(4);
  mesh.say(p.opened(), p.started(GATEWAY, BOOT), ...three);
  mesh.say(p.asks(1, web, api));
  for (let n = 10; n < 20; n++) mesh.say({ ...p.turns(web, 'idle'), id: uuid(n) });
  mesh.say(p.leaves(api));
  const { table } = mesh;
  const author = { token: OPERATOR, peer: web.peer };
  const context = { table, author, held: rights(table, OPERATOR, T0)!, now: T0 };
  const params = { id: uuid(1), to: 'api', text: 'may I?' };
  const answer = decide(
    { ...context, secretFor, hashSecret, isBeingClaimed: () => false },
    'ask.open',
    params,
  );
  t.match(answer, { refusal: 'command_stale', data: { time: T0 } });
});

t.test('no key of an event is undefined, so that it packs as plain values', async t => {
  const world = given(t, ...three, p.asks(1, web, api), p.tells(2, web, api, 'x'));
  const decided = [
    world.when(web, 'ask.open', { to: 'api', text: '?' }),
    world.when(api, 'ask.close', { ask: askNo(1), outcome: 'declined' }),
    world.when(web, 'notify.send', { to: 'api', text: '!' }),
    world.when(web, 'message.retract', { message: msgNo(2) }),
    world.when(web, 'peer.turn', { state: 'idle' }),
    world.when(api, 'inbox.ack', { up_to: 7 }),
    world.when(OPERATOR, 'peer.join', { name: 'x' }),
    world.when(OPERATOR, 'token.create', {
      name: 'x',
      circles: ['*'],
      roles: [],
      verbs: ['speak'],
    }),
  ];
  for (const { outcome } of decided) {
    t.notOk(isRefusal(outcome));
    t.notOk(Object.values(outcome).includes(undefined), (outcome as SignalEvent).type);
  }
});

t.test('causes are counted from what they were caused by, or begin anew', async t => {
  const world = given(t, ...three, p.tells(1, web, api, 'x', { hops: 4 }));
  const say = { to: 'web', text: 'y' };
  world.when(api, 'notify.send', { ...say, caused_by: msgNo(1) }).thenEvent({ hops: 5 });
  world.when(api, 'notify.send', { ...say, caused_by: msgNo(99) }).thenEvent({ hops: 1 });
  world.when(api, 'notify.send', say).thenEvent({ hops: undefined });
});

t.test('a join is its token’s command, whatever peer it brings back', async t => {
  given(t, ...three)
    .when(web, 'peer.join', { name: 'web', peer: web.peer, secret: web.secret })
    .thenEvent({ by: OPERATOR, peer: web.peer });
});

t.test('who is addressed is written into the event with its circle', async t => {
  const away = person('away', { circle: 'elsewhere', role: 'service' });
  given(t, ...three, joins(away), joins(orch))
    .when(web, 'ask.open', { to: 'away', text: '?' })
    .thenEvent({ to: away.peer, circle: 'elsewhere' })
    .when(web, 'notify.send', { to: orch.peer, text: '!' })
    .thenEvent({ to: orch.peer, circle: 'default' });
});

interface Call {
  who: p.Person;
  method: CommandName;
  params: object;
}

const everyone = [web, api, db, orch];
const someone = fc.constantFrom(...everyone);
const n = fc.nat(5);
const call: fc.Arbitrary<Call> = fc
  .tuple(someone, someone, n, n, fc.nat(6))
  .map(([who, to, one, other, kind]): Call => {
    const calls: Omit<Call, 'who'>[] = [
      { method: 'ask.open', params: { to: to.peer, text: '?' } },
      { method: 'ask.open', params: { to: to.peer, text: '?', reply_to: askNo(one) } },
      {
        method: 'ask.close',
        params: { ask: askNo(one), outcome: other ? 'replied' : 'cancelled' },
      },
      { method: 'notify.send', params: { to: to.peer, text: '!', supersedes: msgNo(one) } },
      { method: 'message.retract', params: { message: msgNo(one) } },
      { method: 'inbox.ack', params: { refs: [msgNo(one)], generation: other } },
      { method: 'peer.leave', params: {} },
    ];
    return { who, ...calls[kind]! };
  });

const happening = fc
  .tuple(someone, someone, n, fc.nat(8))
  .map(
    ([who, to, one, kind]) =>
      [
        p.asks(one, who, to),
        p.asks(one, who, to),
        p.closes(who, one, 'replied'),
        p.closes(who, one, 'cancelled'),
        p.tells(one, who, to, 'x'),
        p.retracts(who, one),
        p.takes(who),
        p.leaves(who),
        joins(who),
      ][kind]!,
  );

t.test(
  'what one broker decided and another overtook is void for the reason it would be refused',
  async () => {
    const law = fc.property(
      fc.array(happening, { maxLength: 12, size: 'max' }),
      fc.array(happening, { maxLength: 12, size: 'max' }),
      fc.array(call, { maxLength: 8, size: 'max' }),
      (before, meanwhile, calls) => {
        const mesh = new Mesh();
        mesh.say(p.opened(), p.started(GATEWAY, BOOT), ...everyone.map(who => joins(who)));
        for (const draft of before) mesh.say(draft);
        return calls.every(({ who, method, params }, at) => {
          const id = uuid(10_000 + at);
          const then = (): SignalEvent | Refusal => {
            const { table } = mesh;
            const author = { token: OPERATOR, peer: who.peer };
            const held = rights(table, OPERATOR, table.time)!;
            const context = {
              table,
              author,
              held,
              now: table.time,
              secretFor,
              hashSecret,
              isBeingClaimed: () => false,
            };
            const parsed = methods[method].params.parse({ id, ...params }) as never;
            return decide(context, method, parsed);
          };
          const event = then();
          for (const draft of meanwhile.slice(at, at + 2)) mesh.say(draft);
          if (isRefusal(event)) return true;
          const now = then();
          const reason = mesh.one(event).void;
          return reason === (isRefusal(now) ? now.refusal : undefined);
        });
      },
    );
    fc.assert(law, runs(150));
  },
);
