// Tokens that tokens make: never more than their maker, and never longer; old logs keep old rules.
import t from 'tap';
import { LEVEL } from '../../../broker/core/levels.js';
import { OPERATOR } from '../../../schemas/uuid.js';
import * as p from '../../dsl/events.js';
import { joins, makesToken, person, revokes, tokenNo, web } from '../../dsl/events.js';
import { given, later } from '../../dsl/given.js';
import { Mesh } from '../../dsl/test-log.js';

const HOUR = 3_600_000;
const maker = makesToken(1, { roles: ['agent'], verbs: ['speak', 'operate'] });
const eve = person('eve', { token: tokenNo(1) });
const fewer = { roles: ['agent' as const], verbs: ['speak' as const] };
const wish = { name: 'x', circles: ['*'], roles: ['agent' as const], verbs: ['speak' as const] };

const revokedAt = (n: number) => (table: Mesh['table']) =>
  table.tokens.rows.get(tokenNo(n))?.revoked_at;

t.test('a made token never exceeds its maker in roles or verbs', async t => {
  const world = given(t, maker);
  world.when(tokenNo(1), 'token.create', { ...wish, roles: ['human'] }).thenRefused('forbidden');
  world.when(tokenNo(1), 'token.create', { ...wish, verbs: ['observe'] }).thenRefused('forbidden');
  world.and(makesToken(2, { ...fewer, roles: ['agent', 'human'] }, tokenNo(1)));
  world.thenVoid('forbidden');
  world.and(makesToken(3, { ...fewer, verbs: ['observe'] }, tokenNo(1))).thenVoid('forbidden');
  world.and(makesToken(4, fewer, tokenNo(1))).thenApplied();
  world.thenRow(table => table.tokens.rows.get(tokenNo(4))?.made_by, tokenNo(1));
});

t.test('a made token never lasts longer than its maker', async t => {
  const end = p.T0 + HOUR;
  const world = given(t, makesToken(1, { verbs: ['speak', 'operate'], expires_at: end }));
  world.when(tokenNo(1), 'token.create', { ...wish, expires_at: '2h' }).thenRefused('forbidden');
  world.when(tokenNo(1), 'token.create', wish).thenEvent({ expires_at: end });
  world.and(makesToken(2, fewer, tokenNo(1))).thenVoid('forbidden');
  world.and(makesToken(3, { ...fewer, expires_at: end + 1 }, tokenNo(1))).thenVoid('forbidden');
  world.and(makesToken(4, { ...fewer, expires_at: end }, tokenNo(1))).thenApplied();
  const ann = person('ann', { token: tokenNo(4) });
  world.and(joins(ann), later(HOUR), p.turns(ann, 'idle')).thenVoid('unauthorized');
});

t.test('a token bound to circles makes and ends tokens of its circles only', async t => {
  const bound = { circles: ['a', 'b'], verbs: ['speak' as const, 'operate' as const] };
  const world = given(t, makesToken(1, bound), makesToken(9, { circles: ['c'] }));
  const make = (circles: string[]) => world.when(tokenNo(1), 'token.create', { ...wish, circles });
  make(['*']).thenRefused('circle_forbidden');
  make(['c']).thenRefused('circle_forbidden');
  make(['a', 'b']).thenRefused('circle_forbidden');
  make(['b']).thenEvent({ circle: 'b' });
  const wide = { ...fewer, circles: ['*'], circle: 'a' };
  world.and(makesToken(2, wide, tokenNo(1))).thenVoid('circle_forbidden');
  for (const token of [tokenNo(9), tokenNo(8)]) {
    const revoked = world.when(tokenNo(1), 'token.revoke', { token });
    // A real one answers as one that never was.
    revoked.thenRefused('circle_forbidden', undefined, /circle "\*"/);
  }
  const foreign = { ...revokes(9, tokenNo(1)), circle: 'a' } as ReturnType<typeof revokes>;
  world.and(foreign).thenVoid('token_unknown');
  const local = { ...fewer, circles: ['a'], circle: 'a' };
  world.and(makesToken(3, local, tokenNo(1))).thenApplied();
  world.when(tokenNo(1), 'token.revoke', { token: tokenNo(3) }).thenEvent({ circle: 'a' });
});

t.test('what a token made ends with it, and what that made too', async t => {
  const operates = { roles: ['agent' as const], verbs: ['speak' as const, 'operate' as const] };
  const world = given(t, maker, makesToken(2, operates, tokenNo(1)));
  world.and(makesToken(3, fewer, tokenNo(2)), makesToken(4), later(5), revokes(1));
  for (const n of [1, 2, 3]) world.thenRow(revokedAt(n), p.T0 + 5);
  world.thenRow(revokedAt(4), undefined);
  world.and(joins(person('ann', { token: tokenNo(3) }))).thenVoid('unauthorized');
});

t.test('what a killed peer made ends with it; who only leaves keeps what it made', async t => {
  const made = { ...makesToken(2, fewer, tokenNo(1)), by: eve.peer };
  const world = given(t, maker, joins(eve), joins(web), made).thenApplied();
  world.thenRow(table => table.tokens.rows.get(tokenNo(2))?.made_by, eve.peer);
  world.and(p.kills(eve)).thenRow(revokedAt(2), p.T0).thenRow(revokedAt(1), undefined);
  given(t, maker, joins(eve), made, p.leaves(eve)).thenRow(revokedAt(2), undefined);
  given(t, maker, joins(eve), made, revokes(1)).thenRow(revokedAt(2), p.T0);
});

t.test('a log below level 3 folds to what it always was', async t => {
  const mesh = new Mesh();
  mesh.say(p.opened('log_1', { level: 2 }), p.started(p.GATEWAY, p.BOOT), maker);
  t.equal(mesh.one(makesToken(2, {}, tokenNo(1))).void, undefined, 'more than its maker');
  mesh.say(p.broker('log.leveled', { level: LEVEL }), makesToken(3, fewer, tokenNo(1)));
  mesh.say(revokes(1, OPERATOR));
  t.equal(mesh.table.tokens.rows.get(tokenNo(2))?.revoked_at, undefined);
  t.equal(mesh.table.tokens.rows.get(tokenNo(3))?.revoked_at, mesh.now);
});
