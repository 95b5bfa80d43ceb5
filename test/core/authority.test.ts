// Who may: rights of tokens, circles they are bound to, their end, and peers bound to their token.
import t from 'tap';
import { covers, rights } from '../../broker/core/rows/rights.js';
import { isBrokerType } from '../../broker/core/tokens/authority.js';
import { hashSecret } from '../../broker/core/tokens/secret.js';
import { eventOfMethod, eventTypes, isProposing } from '../../schemas/event.js';
import { methods } from '../../schemas/method.js';
import { OPERATOR } from '../../schemas/uuid.js';
import * as p from '../dsl/events.js';
import { api, asks, far, joins, makesToken, person, revokes, tokenNo, web } from '../dsl/events.js';
import { given, later } from '../dsl/given.js';

/** Bound by token 1 to the circle "elsewhere". */
const bound = person('bound', { circle: 'elsewhere', token: tokenNo(1) });
const binding = makesToken(1, { circles: ['elsewhere'], roles: ['agent'] });

t.test('every event belongs to one command, or is a broker’s', async t => {
  const said: string[] = Object.keys(methods).filter(isProposing).map(eventOfMethod);
  for (const type of eventTypes) t.equal(said.includes(type), !isBrokerType(type), type);
});

t.test('a token is made by an operator, and its secret is told unless chosen', async t => {
  const params = { name: 'ci', circles: ['*'], roles: [], verbs: ['observe' as const] };
  given(t)
    .when(OPERATOR, 'token.create', { ...params, id: p.uuid(1) })
    .thenAnswer({ token: tokenNo(1), secret: `made-for-${p.uuid(1)}` })
    .thenRow(table => table.tokens.withHash(hashSecret(`made-for-${p.uuid(1)}`)), tokenNo(1));
  given(t)
    .when(OPERATOR, 'token.create', { ...params, secret: 'chosen-by-the-caller' })
    .thenAnswer({ secret: undefined });
});

t.test('a secret names one token', async t => {
  const twice = { secret_hash: hashSecret('secret of token 1') };
  given(t, makesToken(1), makesToken(2, twice)).thenVoid('invalid');
  given(t, makesToken(1), revokes(1), makesToken(2, twice)).thenVoid('invalid');
});

t.test(
  'a token’s holder does what its verbs, roles and circles allow, and nothing else',
  async t => {
    given(t, binding, joins(bound)).thenApplied();
    given(t, binding, joins(person('boss', { ...bound, role: 'orchestrator' }))).thenVoid(
      'forbidden',
    );
    given(t, binding, joins({ ...bound, circle: 'default' })).thenVoid('circle_forbidden');
    given(t, makesToken(1, { verbs: ['observe'] }), joins(bound)).thenVoid('forbidden');
    given(t, binding, joins(web), {
      ...p.kills(web),
      by: bound.token,
      token: bound.token,
    } as never).thenVoid('forbidden');
    const world = given(t, binding, joins(bound), joins(web));
    world.when(tokenNo(1), 'peer.kill', { peer: bound.peer }).thenRefused('forbidden');
    world.when(tokenNo(1), 'token.revoke', { token: tokenNo(1) }).thenRefused('forbidden');
    world
      .when(tokenNo(1), 'peer.join', { name: 'x', circle: 'default' })
      .thenRefused('circle_forbidden');
    world
      .when(tokenNo(1), 'peer.join', { name: 'x', circle: 'elsewhere', role: 'human' })
      .thenRefused('forbidden');
  },
);

t.test('what belongs to no circle is only for tokens of all circles', async t => {
  const operator = makesToken(1, { circles: ['elsewhere'], verbs: ['operate'] });
  const params = { name: 'wide', circles: ['*'], roles: [], verbs: ['operate' as const] };
  const world = given(t, operator);
  world.when(tokenNo(1), 'token.create', params).thenRefused('circle_forbidden');
  world.and(makesToken(2, { circles: ['*'] }, tokenNo(1))).thenVoid('circle_forbidden');
  world.when(tokenNo(1), 'usage.budget', { circle: 'default' }).thenRefused('circle_forbidden');
  t.notOk(covers({ token: '', circles: ['a'], roles: [], verbs: [] }, '*'));
});

t.test('a bound peer reaches nobody outside its circles, by name or by id', async t => {
  const world = given(t, binding, joins(bound), joins(web), joins(far));
  world.when(bound, 'ask.open', { to: 'web', text: '?' }).thenRefused('peer_unknown');
  world.when(bound, 'ask.open', { to: web.peer, text: '?' }).thenRefused('peer_unknown');
  const there = { to: 'web', circle: 'default', text: '?' };
  world.when(bound, 'ask.open', there).thenRefused('circle_forbidden');
  world.when(bound, 'notify.send', { to: web.peer, text: '!' }).thenRefused('peer_unknown');
  const all = { circle: 'default', text: '!' };
  world.when(bound, 'broadcast.send', all).thenRefused('circle_forbidden');
  world.and(asks(9, bound, web)).thenVoid('circle_forbidden');
  world.when(bound, 'ask.open', { to: 'far', text: '?' }).thenEvent({ to: far.peer });
});

t.test('a bound peer may close the ask that came to it from outside', async t => {
  given(t, binding, joins(bound), joins(web), asks(9, web, bound))
    .when(bound, 'ask.close', { ask: p.askNo(9), outcome: 'replied', text: 'yes' })
    .thenEvent({ circle: 'elsewhere' })
    .thenInbox(web, { kind: 'reply', text: 'yes' });
});

t.test('nothing of a revoked token takes effect, and its peers’ words neither', async t => {
  const world = given(t, binding, joins(bound), joins(far), asks(9, far, bound), revokes(1));
  world.and(joins(person('new', { ...bound, peer: 'peer_new-new-' }))).thenVoid('unauthorized');
  world.and(p.closes(bound, 9, 'replied')).thenVoid('unauthorized');
  world.and(p.leaves(bound)).thenVoid('unauthorized');
  world.thenAsk(9, { state: 'open' });
  world
    .when(bound, 'ask.close', { ask: p.askNo(9), outcome: 'replied' })
    .thenRefused('unauthorized');
});

t.test('a token ends at the log time it expires at, and not a millisecond before', async t => {
  const world = given(t, makesToken(1, { circles: ['elsewhere'], expires_at: p.T0 + 1_000 }));
  world.and(joins(bound), later(999), p.turns(bound, 'idle')).thenApplied();
  world.and(later(1), p.turns(bound, 'idle')).thenVoid('unauthorized');
  t.equal(rights(world.mesh.table, tokenNo(1), p.T0 + 1_000), undefined);
});

t.test('a token that ended can be revoked, one that never was cannot', async t => {
  const world = given(t, makesToken(1), revokes(1), later(5), revokes(1)).thenApplied();
  world.thenRow(table => table.tokens.rows.get(tokenNo(1))?.revoked_at, p.T0);
  world.when(OPERATOR, 'token.revoke', { token: tokenNo(2) }).thenRefused('token_unknown');
  world.and(revokes(2)).thenVoid('token_unknown');
});

t.test('an unknown token has no rights, and an event without one none either', async t => {
  given(t, joins({ ...web, token: tokenNo(7) })).thenVoid('unauthorized');
  const { token: _, ...bare } = joins(web) as ReturnType<typeof joins> & { token: string };
  given(t, bare).thenVoid('malformed');
});

t.test('what only brokers propose is void when it comes with a token', async t => {
  const spoken = { ...p.connects(web), token: OPERATOR } as ReturnType<typeof p.connects>;
  given(t, p.joinsAway(web), spoken).thenVoid('malformed').thenPeer(web, { boots: [] });
});

t.test('25: only the token that a peer joined by speaks for it', async t => {
  const stolen = { ...p.turns(web, 'idle'), token: tokenNo(1) } as ReturnType<typeof p.turns>;
  given(t, makesToken(1), joins(web), stolen).thenVoid('forbidden').thenPeer(web, {
    turn: undefined,
  });
});

t.test('a peer keeps the rights of the token that made it, whoever brings it back', async t => {
  const anew = { ...web, token: tokenNo(1) };
  given(t, makesToken(1), joins(web), joins(anew), p.turns(web, 'idle'))
    .thenApplied()
    .and(p.turns(anew, 'working'))
    .thenVoid('forbidden');
  given(t, binding, joins(web), joins({ ...web, token: tokenNo(1) })).thenVoid('circle_forbidden');
});

t.test('reusing the id of a token makes no second token', async t => {
  const again = makesToken(1, { secret_hash: hashSecret('another') });
  const world = given(t, makesToken(1), joins(api)).and(again).thenVoid('duplicate');
  world.thenRow(table => table.tokens.withHash(hashSecret('another')), undefined);
});
