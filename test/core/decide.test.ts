// From a command to its event: what decide lets through the fold applies, what it refuses is void.
import fc from 'fast-check';
import t from 'tap';
import { encodeCommit } from '../../broker/core/commits/commit-bytes.js';
import { decide } from '../../broker/core/decide.js';
import type { Fold } from '../../broker/core/fold.js';
import { rights } from '../../broker/core/rows/rights.js';
import { hashSecret } from '../../broker/core/tokens/secret.js';
import { pack } from '../../schemas/codec.js';
import type { SignalEvent } from '../../schemas/event.js';
import { isRefusal, type Refusal } from '../../schemas/refusal.js';
import { makeUuid, OPERATOR } from '../../schemas/uuid.js';
import { type AnyCommand, commandNames, rivals, things } from '../dsl/any-command.js';
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
import { finds, history, runs, untilMet } from '../dsl/histories.js';
import { folded } from '../dsl/state.js';
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

/** Folds the events as the newest commit of a boot of its own; why the first is void, if so. */
function append(fold: Fold, number: number, ...said: SignalEvent[]): string | undefined {
  const { time } = fold.table;
  const marks = said.map(event => ({ type: event.type, circles: ['*'], bytes: pack(event) }));
  const bytes = encodeCommit({ boot: 'boot_of_law', number, clock: time, events: marks });
  const delivery = { sequence: fold.sequence + 1, storedAt: time, bytes };
  return fold.commit(delivery).records[0]?.void;
}

/** The command as a broker decides it on the table as it is; nothing when nobody may speak it. */
function decided(
  { table }: Fold,
  { who, method, params }: AnyCommand,
): SignalEvent | Refusal | undefined {
  const held = rights(table, who.token, table.time);
  if (held === undefined || !table.peers.rows.has(who.peer)) return undefined;
  const author = { token: who.token, peer: who.peer };
  const how = { secretFor, hashSecret, isBeingClaimed: () => false };
  return decide({ table, author, held, now: table.time, ...how }, method, params);
}

/** Whether the fold made of an event what would be made of its command now. */
function isRightly(
  reason: string | undefined,
  event: SignalEvent,
  now: SignalEvent | Refusal | undefined,
): boolean {
  if (now === undefined) return reason !== undefined;
  if (isRefusal(now)) {
    // Who has left is told so first; what only a broker would say wrongly is told in a sentence.
    const reasons = [now.refusal, 'peer_retired', /\((\w+)\)\.$/.exec(now.message)?.[1]];
    return reason !== undefined && reasons.includes(reason);
  }
  // What would be said in other words now (another circle, a later time) may be void or not.
  return reason === undefined || JSON.stringify(now) !== JSON.stringify(event);
}

type Decide = typeof decided;

/** Rivals decide on one table, then each is folded behind the earlier ones and some of the log. */
function decideFoldLaw(
  decide: Decide,
  parameters: fc.Parameters<unknown>,
  fates = new Set(),
): void {
  const crowds = fc.array(rivals, { minLength: 20, maxLength: 40, size: 'max' });
  const law = fc.property(history, crowds, (log, crowds) => {
    const fold = folded(log.slice(0, log.length / 2));
    const mesh = new Mesh();
    const rest = log.slice(log.length / 2);
    let [id, number] = [0, 0];
    append(fold, ++number, ...things().map(draft => mesh.stamp(draft)));
    return crowds.every(crowd => {
      const proposals = crowd.map(make => {
        const command = make(id++);
        return { command, event: decide(fold, command) };
      });
      const isRight = proposals.every(({ command, event }) => {
        if (event === undefined || isRefusal(event)) return true;
        const now = decide(fold, command);
        const reason = append(fold, ++number, event);
        fates.add(`${command.method} ${reason === undefined ? 'applied' : 'void'}`);
        return isRightly(reason, event, now);
      });
      const overtaker = rest.shift();
      if (overtaker) fold.commit({ ...overtaker, sequence: fold.sequence + 1 });
      const back = proposals.map(({ command }) => mesh.stamp(joins(command.who)));
      append(fold, ++number, ...back);
      return isRight;
    });
  });
  fc.assert(law, parameters);
}

t.test(
  'what is decided is applied at once; overtaken, it is void as it would be refused',
  async t => {
    const fates = new Set<string>();
    const missed = (fate: string) => commandNames.filter(name => !fates.has(`${name} ${fate}`));
    const isMet = () =>
      missed('applied').length === 0 && missed('void').length < commandNames.length / 3;
    t.ok(
      untilMet(isMet, seed => decideFoldLaw(decided, { numRuns: 10, seed }, fates)),
      `never in effect: ${missed('applied')}; never overtaken: ${missed('void')}`,
    );
    decideFoldLaw(decided, runs(30));
    const once = new WeakMap<AnyCommand, ReturnType<Decide>>();
    const hasty: Decide = (fold, command) => {
      if (!once.has(command)) once.set(command, decided(fold, command));
      return once.get(command);
    };
    finds(
      t,
      () => decideFoldLaw(hasty, runs(30)),
      'a broker that does not look at the table again',
    );
  },
);
