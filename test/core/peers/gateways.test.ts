// The rules of the log and its gateways: opened once, levelled upwards, boots that start and end.

import t from 'tap';
import { LEVEL } from '../../../broker/core/levels.js';
import { statusOf } from '../../../broker/core/rows/presence.js';
import { limits } from '../../../schemas/limits.js';
import * as p from '../../dsl/events.js';
import { BOOT, GATEWAY, joins, joinsAway, lost, opened, started, web } from '../../dsl/events.js';
import { given, later } from '../../dsl/given.js';
import { Mesh } from '../../dsl/test-log.js';

const boots = (table: Mesh['table']) => [...table.gateways.rows.keys()];

t.test('the first event opens the log, and no other opens it again', async t => {
  given(t, opened('log_2'))
    .thenVoid('duplicate')
    .thenRow(table => table.log, { id: 'log_1', mesh: 'home', level: LEVEL });
});

t.test('an accepted loss opens a new log in place of the one it names, once', async t => {
  given(t, opened('log_2', { replaces: 'log_1' }))
    .thenApplied()
    .thenRow(table => table.log.id, 'log_2')
    .and(opened('log_3', { replaces: 'log_1' }))
    .thenVoid('duplicate');
  given(t, opened('log_2', { replaces: '' })).thenVoid('duplicate');
});

t.test('levels only rise', async t => {
  given(t, p.broker('log.leveled', { level: LEVEL })).thenVoid('stale');
  given(t, p.broker('log.leveled', { level: 0 })).thenVoid('stale');
});

t.test('a gateway’s new boot ends its earlier ones, and only its own', async t => {
  given(t, started('gateway_b', 'boot_b'), started(GATEWAY, 'boot_a2'))
    .thenApplied()
    .thenRow(boots, ['boot_b', 'boot_a2']);
});

t.test('a boot starts once', async t => {
  given(t, started(GATEWAY, BOOT)).thenVoid('duplicate').thenRow(boots, [BOOT]);
});

t.test('who was connected through an ended boot alone is offline, once', async t => {
  const both = p.person('both');
  const world = given(t, started('gateway_b', 'boot_b'), joins(web), joins(both));
  world.and(p.connects(both, 'boot_b'), started(GATEWAY, 'boot_a2'));
  world.thenPeer(web, { boots: [] }).thenPeer(both, { boots: ['boot_b'] });
  world.thenRow(table => statusOf(table.peers.rows.get(web.peer)!), 'offline');
  world.and(p.disconnects(web)).thenVoid('boot_lost');
});

t.test('a boot is lost after its silence in log time, and not a millisecond before', async t => {
  const world = given(t, started('gateway_b', 'boot_b'), joinsAway(web));
  world.and(p.connects(web, 'boot_b'), later(limits.boot_lost_ms - 1), lost('boot_b'));
  // The harness writes every commit as boot_a, so boot_b has been silent since its start.
  world.thenVoid('early').thenPeer(web, { boots: ['boot_b'] });
  world.and(later(1), lost('boot_b')).thenApplied().thenPeer(web, { boots: [] });
  world.and(lost('boot_b')).thenVoid('stale').and(lost('boot_x')).thenVoid('stale');
});

t.test('any commit of a boot, even an empty one, is a sign of its life', async t => {
  const { mesh } = given(t);
  mesh.store(mesh.encode([mesh.stamp(started('gateway_b', 'boot_b'))], { boot: 'boot_b' }));
  mesh.now += limits.boot_lost_ms - 1;
  mesh.store(mesh.encode([], { boot: 'boot_b' }));
  mesh.now += 1;
  t.equal(mesh.one(lost('boot_b')).void, 'early');
});

t.test('a boot declared lost says nothing of presence, but its peers’ commands count', async t => {
  const { mesh } = given(t, joins(web), started('gateway_b', 'boot_b'));
  mesh.now += limits.boot_lost_ms;
  mesh.store(mesh.encode([mesh.stamp(lost(BOOT))], { boot: 'boot_b' }));
  t.equal(mesh.one(p.connects(web)).void, 'boot_lost');
  t.equal(mesh.one(p.turns(web, 'idle')).void, undefined);
  t.same(boots(mesh.table), ['boot_b']);
});

t.test('a commit that comes twice folds once', async t => {
  const { mesh } = given(t, joins(web));
  const bytes = mesh.encode([mesh.stamp(p.turns(web, 'working'))]);
  t.equal(mesh.store(bytes).records[0]?.void, undefined);
  t.equal(mesh.one(p.turns(web, 'idle')).void, undefined);
  t.equal(mesh.store(bytes).records[0]?.void, 'duplicate');
  t.equal(mesh.table.peers.rows.get(web.peer)?.turn, 'idle');
});

t.test('the announcing commit itself folds once', async t => {
  const mesh = new Mesh();
  const bytes = mesh.encode([mesh.stamp(opened()), mesh.stamp(started(GATEWAY, BOOT))]);
  t.same(
    mesh.store(bytes).records.map(record => record.void),
    [undefined, undefined],
  );
  t.same(
    mesh.store(bytes).records.map(record => record.void),
    ['duplicate', 'duplicate'],
  );
});
