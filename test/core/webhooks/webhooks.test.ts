// The rules of the webhooks: one holder, progress that never goes back, and letters that are kept.
import t from 'tap';
import { limits } from '../../../schemas/limits.js';
import { OPERATOR } from '../../../schemas/uuid.js';
import * as p from '../../dsl/events.js';
import { joins, lost, makesToken, person, revokes, started, tokenNo } from '../../dsl/events.js';
import * as w from '../../dsl/events-webhooks.js';
import { given, later } from '../../dsl/given.js';
import { reads } from '../../dsl/reads.js';
import type { Mesh } from '../../dsl/test-log.js';

const B = 'boot_b';
const LOST_MS = limits.boot_lost_ms + 1;
const row =
  (n = 1) =>
  (table: Mesh['table']) =>
    table.webhooks.rows.get(w.hookNo(n));
const holder = (table: Mesh['table']) => row()(table)?.holder;
const position = (sequence: number) => sequence * limits.commit_positions;
/** The webhook is made by commit 2, and held by boot a from commit 3 on. */
const held = [w.adds(1), w.takesHook(1)];

t.test('of several brokers one holds a webhook, and only it speaks of it', async t => {
  const world = given(t, started('gateway_b', B), ...held);
  world.and(w.takesHook(1, B)).thenVoid('stale');
  const at = position(4);
  world.and(w.advances(1, at, 1, B)).thenVoid('stale');
  world.and(w.failsAt(1, at, 1, B)).thenVoid('stale');
  world.and(w.makesLetter(1, 1, at, B)).thenVoid('stale');
  world.and(w.disablesHook(1, B)).thenVoid('stale');
  world.and(w.releasesHook(1, B)).thenVoid('stale');
  world.and(w.releasesHook(1)).thenApplied().and(w.takesHook(1, B)).thenApplied();
  world.thenRow(holder, B).and(w.advances(1, at)).thenVoid('stale');
});

t.test('a holder that is lost is followed by another, and its word counts no more', async t => {
  const world = given(t, started('gateway_b', B), w.adds(1), w.takesHook(1, B));
  world.and(w.advances(1, position(4), 1, B)).thenApplied();
  world.and(later(LOST_MS), lost(B)).thenApplied();
  world.and(w.advances(1, position(5), 1, B)).thenVoid('stale');
  world.and(w.takesHook(1, B)).thenVoid('stale').and(w.takesHook(1)).thenApplied();
  world.and(started(p.GATEWAY, 'boot_c'), w.advances(1, position(5))).thenVoid('stale');
  world.and(w.takesHook(1, 'boot_c')).thenApplied();
});

t.test('16: what a webhook was told goes on, never back, and never ahead of the log', async t => {
  const world = given(t, ...held, later(1), later(1));
  const [four, five] = [position(4), position(5)];
  world.and(w.advances(1, five, 2)).thenApplied();
  world.and(w.advances(1, five)).thenVoid('stale').and(w.advances(1, four)).thenVoid('stale');
  world.and(w.advances(1, position(1_000))).thenVoid('malformed');
  world.and(w.failsAt(1, four, 1)).thenVoid('stale');
  world.and(w.advances(1, Number.NaN)).thenVoid('malformed');
  world.thenRow(table => row()(table)?.delivered, 2);
});

t.test('attempts are counted one by one, and end in a dead letter', async t => {
  const world = given(t, ...held, later(1), later(1));
  const at = position(4);
  world
    .and(w.failsAt(1, at, 2))
    .thenVoid('stale')
    .and(w.failsAt(1, at, 1))
    .thenApplied();
  world
    .and(w.failsAt(1, at, 1))
    .thenVoid('stale')
    .and(w.failsAt(1, at, 2))
    .thenApplied();
  world.thenRow(table => row()(table)?.up_to, at - 1);
  world
    .and(w.makesLetter(1, 2, at))
    .thenVoid('stale')
    .and(w.makesLetter(1, 3, at))
    .thenApplied();
  world.thenRow(table => [row()(table)?.up_to, row()(table)?.failing], [at, undefined]);
  world.and(w.delivers(1, w.letterNo(1))).thenVoid('stale');
  world.and(w.retries(1, w.letterNo(1))).thenApplied();
  world.and(w.failsAgain(1, w.letterNo(1))).thenApplied();
  world.thenRow(table => [...table.webhooks.letters.values()].map(({ attempts }) => attempts), [4]);
  world
    .and(w.retries(1))
    .and(w.delivers(1, w.letterNo(1)))
    .thenApplied();
  world.thenRow(table => table.webhooks.letters.size, 0);
});

t.test('paused it keeps its place; resumed from now on it leaves out what came', async t => {
  const world = given(t, ...held, w.pausesHook(1), later(1));
  world.and(w.resumesHook(1)).thenRow(table => row()(table)?.up_to, position(2));
  world.and(w.pausesHook(1), w.resumesHook(1, { from_now: true })).thenApplied();
  world.thenRow(table => row()(table)?.up_to, position(8));
});

t.test('a new secret signs beside the one before until then, and hashes are in no row', async t => {
  const until = p.T0 + 9_000;
  const world = given(t, ...held, w.rotatesHook(1, 'new-hash', until));
  world.thenRow(table => row()(table)?.keys.map(key => key.until), [undefined, until]);
  world.thenRow(table => JSON.stringify([...table.webhooks.rows.values()]).includes('hash'), false);
  const { secret_hash } = { secret_hash: 'hash-1' };
  world.thenRow(table => table.webhooks.hashOf(p.uuid(1)), secret_hash);
  world.and(...['a', 'b', 'c'].map(hash => w.rotatesHook(1, hash, until)));
  world.thenRow(table => row()(table)?.keys.length, limits.webhook_keys_items);
  world.thenRow(table => table.webhooks.hashOf(p.uuid(1)), undefined);
});

t.test('a token has, sees and changes webhooks of its own circles only', async t => {
  const bound = { circles: ['a'], verbs: ['observe' as const, 'operate' as const] };
  const world = given(t, makesToken(1, bound), makesToken(2, { ...bound, verbs: ['speak'] }));
  const url = 'https://ci.example.com/in';
  const add = (who: string, params: object) => world.when(who, 'webhook.add', { url, ...params });
  add(tokenNo(1), {}).thenEvent({ circle: 'a', circles: ['a'] });
  add(tokenNo(1), { circles: ['b'] }).thenRefused('circle_forbidden');
  add(tokenNo(1), { circles: ['*'] }).thenRefused('circle_forbidden');
  add(tokenNo(2), {}).thenRefused('forbidden');
  const private_ = { url: 'http://127.0.0.1:9/', allow_private: '127.0.0.1' };
  add(tokenNo(1), private_).thenRefused('forbidden');
  add(OPERATOR, private_).thenEvent({ allow_private: '127.0.0.1', circle: '*' });
  add(OPERATOR, { types: ['ask.closd'] }).thenRefused('invalid');
  add(OPERATOR, { kinds: ['webhook'] }).thenRefused('invalid');
  add(OPERATOR, { url: 'https://10.0.0.1/' }).thenRefused('invalid');
  world.and(w.adds(11, { circles: ['b'] }), w.adds(12, { circles: ['a'] }), w.adds(13));
  for (const n of [11, 13]) {
    const webhook = w.hookNo(n);
    world.when(tokenNo(1), 'webhook.pause', { webhook }).thenRefused('webhook_unknown');
    world.and(w.removesHook(n, tokenNo(1))).thenVoid('circle_forbidden');
  }
  world.when(tokenNo(1), 'webhook.pause', { webhook: w.hookNo(12) }).thenEvent({ circle: 'a' });
  const listed = async (who: string) => {
    const { rows } = (await reads(world, who, 'webhook.list')) as { rows: { webhook: string }[] };
    return rows.map(({ webhook }) => webhook);
  };
  const [own, all] = [await listed(tokenNo(1)), await listed(OPERATOR)];
  const seen = (rows: string[]) => [11, 12, 13].filter(n => rows.includes(w.hookNo(n)));
  t.same([seen(own), seen(all)], [[12], [11, 12, 13]]);
});

t.test('what a token may not read itself, no webhook of it is told', t => {
  const world = given(t, makesToken(1, { circles: ['default'], verbs: ['operate'] }));
  const params = { url: 'https://ci.example.com/in' };
  world.when(tokenNo(1), 'webhook.add', params).thenRefused('forbidden');
  world.and(w.adds(11, {}, tokenNo(1))).thenVoid('forbidden');
  t.end();
});

t.test('a webhook is told no more once its token has ended, or its maker was killed', async t => {
  const verbs = ['observe', 'speak', 'operate'] as const;
  const operate = { circles: ['*'], verbs: [...verbs] };
  const eve = person('eve', { token: tokenNo(1) });
  const added = { ...w.adds(12), by: eve.peer, token: tokenNo(1) } as p.Draft;
  const world = given(t, makesToken(1, operate), joins(eve), w.adds(11, {}, tokenNo(1)), added);
  const stateOf = async (n: number) => {
    const found = await reads(world, OPERATOR, 'webhook.get', { webhook: w.hookNo(n) });
    return (found as { state: string }).state;
  };
  t.same([await stateOf(11), await stateOf(12)], ['active', 'active']);
  world.and(p.kills(eve));
  t.same([await stateOf(11), await stateOf(12)], ['active', 'unauthorized']);
  world.and(revokes(1));
  t.equal(await stateOf(11), 'unauthorized');
});

t.test('nothing is said to be tried again, or to go on, of a webhook that is told nothing', t => {
  const all = { verbs: ['observe' as const, 'speak' as const, 'operate' as const] };
  const made = [makesToken(1, all), w.adds(11, {}, tokenNo(1)), w.takesHook(11)];
  const world = given(t, ...made, later(1), w.makesLetter(11, 1, position(5)), w.pausesHook(11));
  const letter = w.letterNo(11);
  world.when(OPERATOR, 'deadletter.retry', { letter }).thenRefused('forbidden');
  world.and(w.resumesHook(11)).when(OPERATOR, 'deadletter.retry', { letter }).thenEvent({ letter });
  world.and(revokes(1)).when(OPERATOR, 'deadletter.retry', { letter }).thenRefused('forbidden');
  const resume = { webhook: w.hookNo(11) };
  world.when(OPERATOR, 'webhook.resume', resume).thenRefused('forbidden');
  t.end();
});

t.test('letters are kept up to a bound, and go with their webhook', async t => {
  const world = given(t, ...held);
  const many = limits.dead_letters_rows + 5;
  for (let n = 0; n < many; n++) {
    const { id: _, ...letter } = w.makesLetter(1, 1, position(4 + n));
    world.mesh.say();
    world.mesh.say(letter as p.Draft, w.resumesHook(1));
  }
  world.thenRow(table => table.webhooks.letters.size, limits.dead_letters_rows);
  world.and(w.removesHook(1)).thenRow(table => table.webhooks.letters.size, 0);
});
