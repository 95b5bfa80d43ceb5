// The rules of the leases: who holds a file, who is told so, and how a lease ends.
import t from 'tap';
import { limits } from '../../../schemas/limits.js';
import * as p from '../../dsl/events.js';
import { api, db, far, joins, joinsAway, orch, web } from '../../dsl/events.js';
import {
  APP,
  lapses,
  leaseNo,
  releasesFiles,
  releasesLease,
  sharesFiles,
  takesFiles,
} from '../../dsl/events-leases.js';
import { type Given, given, later } from '../../dsl/given.js';

const everybody = [joins(web), joins(api), joins(db), joins(far)];
const files = { project: APP };

/** Which paths each of the leases holds, as `name: paths`. */
const heldIn = ({ mesh }: Given) =>
  [...mesh.table.leases.rows.values()].map(
    ({ by, paths }) => `${mesh.table.peers.rows.get(by)?.name}: ${paths.join(' ')}`,
  );

t.test('what one takes nobody else has, nor what lies above or below it', async t => {
  const world = given(t, ...everybody, takesFiles(1, web, ['docs', 'src/a.ts']));
  for (const path of ['docs', 'docs/x/y.md', 'src', 'src/a.ts', '.']) {
    world.when(api, 'lease.take', { ...files, paths: [path] }).thenRefused('lease_held');
  }
  const free = { ...files, paths: ['docs2', 'src/a.tsx', 'src/b.ts', 'do'] };
  world
    .when(api, 'lease.take', free)
    .thenAnswer({ lease: /^lease_/, until: world.mesh.now + 1.8e6 });
});

t.test('who comes too late is told who has it, for how long and what to do', async t => {
  const world = given(t, ...everybody, takesFiles(1, web, ['src'], { note: 'the parser' }));
  const until = world.mesh.table.leases.rows.get(leaseNo(1))?.until;
  const held = { peer: web.peer, name: 'web', mode: 'exclusive', note: 'the parser' };
  world
    .when(api, 'lease.take', { ...files, paths: ['src/a.ts'] })
    .thenRefused(
      'lease_held',
      { holders: [{ path: 'src', ...held, until }] },
      /^"src" is held by web for 10 min at most; ask it, wait, or work elsewhere\.$/,
    );
});

t.test('of two that take at once the first in the log has it, and the other is told', async t => {
  const world = given(t, ...everybody);
  const late = world.when(api, 'lease.take', { ...files, paths: ['src'] });
  world.and(takesFiles(1, web, ['src/a.ts'])).thenApplied();
  t.match(late.told(), { verdict: 'void', reason: 'lease_held', holders: [{ name: 'web' }] });
  t.same(heldIn(world), ['web: src/a.ts']);
});

t.test('all paths or none', async t => {
  const world = given(t, ...everybody, takesFiles(1, web, ['b']));
  world.and(takesFiles(2, api, ['a', 'b', 'c'])).thenVoid('lease_held');
  t.same(heldIn(world), ['web: b']);
});

t.test('several share a file, and nobody has it alone until the others are gone', async t => {
  const world = given(
    t,
    ...everybody,
    sharesFiles(1, web, ['src']),
    sharesFiles(2, api, ['src/a']),
  );
  world
    .thenApplied()
    .when(web, 'lease.take', { ...files, paths: ['src'] })
    .thenRefused('lease_held');
  world.when(db, 'lease.take', { ...files, paths: ['src/a'] }).thenRefused('lease_held');
  world.and(releasesLease(api, 2)).thenApplied();
  world.and(takesFiles(3, web, ['src'])).thenApplied();
  world.and(sharesFiles(4, api, ['src/a'])).thenVoid('lease_held');
  t.same(heldIn(world), ['web: src'], 'the upgrade stands in the place of what was shared');
});

t.test('taking again renews those paths, and leaves the others as they were', async t => {
  const world = given(t, ...everybody, takesFiles(1, web, ['a', 'b']), later(60_000));
  world.and(takesFiles(2, web, ['b', 'c'], { ttl_s: 1_000 })).thenApplied();
  const { rows } = world.mesh.table.leases;
  t.same(heldIn(world), ['web: a', 'web: b c']);
  t.equal(rows.get(leaseNo(2))!.until - rows.get(leaseNo(1))!.until, 460_000);
  world.and(takesFiles(3, web, ['a', 'b', 'c'])).thenApplied();
  t.same(heldIn(world), ['web: a b c'], 'a lease without paths is gone');
  world.and(releasesLease(web, 1)).thenVoid('lease_unknown');
});

t.test('it ends when its time is over, not before', async t => {
  const world = given(t, ...everybody, takesFiles(1, web, ['src']), later(599_000));
  world.and(lapses(1, web)).thenVoid('early');
  world.and(later(2_000));
  world.when(api, 'lease.take', { ...files, paths: ['src'] }).thenEvent({ type: 'lease.taken' });
  world.and(lapses(1, web)).thenApplied();
  world.and(lapses(1, web)).thenVoid('stale');
  t.same(heldIn(world), ['api: src']);
});

t.test('it ends with its holder: who left, was killed or is given up holds nothing', async t => {
  const world = given(t, ...everybody, takesFiles(1, web, ['a']), takesFiles(2, api, ['b']));
  world.and(joinsAway(orch), takesFiles(3, orch, ['c'], { ttl_s: limits.lease_ttl_max_s }));
  world.and(p.leaves(web), p.kills(api));
  t.same(heldIn(world), ['orch: c']);
  world.and(later(limits.peer_gone_ms + limits.peer_gone_step_ms), p.retired(orch)).thenApplied();
  t.same(heldIn(world), []);
  t.ok(world.mesh.table.leases.project('default', APP) === undefined, 'nothing is left of it');
});

t.test('who loses its connection has ten minutes to come back', async t => {
  const day = { ttl_s: limits.lease_ttl_max_s };
  const world = given(t, ...everybody, takesFiles(1, web, ['src'], day), p.disconnects(web));
  world.and(later(limits.lease_away_ms - 1), lapses(1, web, 'away')).thenVoid('early');
  world.and(p.connects(web), later(limits.lease_away_ms), lapses(1, web, 'away')).thenVoid('stale');
  t.same(heldIn(world), ['web: src'], 'it came back in time');
  world.and(p.disconnects(web), later(limits.lease_away_ms));
  world.when(api, 'lease.take', { ...files, paths: ['src'] }).thenEvent({ type: 'lease.taken' });
  world.and(p.connects(web));
  t.same(heldIn(world), ['api: src'], 'it came back too late');
});

t.test('what was taken without a connection has its whole time', async t => {
  const world = given(t, joinsAway(web), takesFiles(1, web, ['src'], { ttl_s: 7_200 }));
  world.and(p.connects(web), p.disconnects(web), later(limits.lease_away_ms));
  world.and(lapses(1, web, 'away')).thenVoid('stale');
  t.same(heldIn(world), ['web: src']);
});

t.test('a gateway that starts anew leaves its peers ten minutes, too', async t => {
  const world = given(t, ...everybody, takesFiles(1, web, ['src'], { ttl_s: 7_200 }));
  world.and(p.started(p.GATEWAY, 'boot_b'), later(limits.lease_away_ms));
  world.and(lapses(1, web, 'away')).thenApplied();
});

t.test('only the holder releases: a lease, a path, a folder with what lies in it', async t => {
  const world = given(t, ...everybody, takesFiles(1, web, ['a/x', 'a/y', 'b', 'c']));
  world.when(api, 'lease.release', { lease: leaseNo(1) }).thenRefused('not_yours');
  world.when(api, 'lease.release', { ...files, paths: ['b'] }).thenRefused('not_yours');
  world.when(web, 'lease.release', { ...files, paths: ['d'] }).thenRefused('lease_unknown');
  const inside = { ...files, paths: ['b/inside'] };
  world.when(web, 'lease.release', inside).thenRefused('lease_unknown', undefined, /hold "b", in/);
  world.and(releasesFiles(web, ['a', 'd'])).thenApplied();
  t.same(heldIn(world), ['web: b c'], 'what is not held any more is no hindrance');
  world.and(releasesLease(web, 1)).thenApplied();
  t.same(heldIn(world), []);
});

t.test('circles are apart, and so are projects', async t => {
  const world = given(t, ...everybody, takesFiles(1, web, ['src']));
  world.and(takesFiles(2, far, ['src'])).thenApplied();
  world.and(takesFiles(3, api, ['src'], { project: 'other' })).thenApplied();
  const there = { ...files, paths: ['src'], circle: 'elsewhere' };
  world.when(api, 'lease.take', there).thenRefused('lease_held');
});

t.test('paths have one spelling, and those below another are held with it', async t => {
  const world = given(t, ...everybody);
  const paths = ['./src//a.ts', 'docs/', 'docs\\x.md', 'cafe\u0301', 'src/./b.ts'];
  world
    .when(web, 'lease.take', { ...files, paths })
    .thenEvent({ paths: ['caf\u00e9', 'docs', 'src/a.ts', 'src/b.ts'] });
  for (const path of ['/etc/hosts', 'C:\\x', '../x', 'a/../b', 'a\0b', 'a/'.repeat(65)]) {
    world.when(api, 'lease.take', { ...files, paths: [path] }).thenRefused('invalid');
  }
  let n = 0;
  for (const paths of [[], ['b', 'a'], ['a', 'a'], ['a/'], ['./a'], ['a//b'], ['..'], ['']]) {
    world.and(takesFiles(20 + n++, api, paths)).thenVoid('malformed');
  }
  world.and(takesFiles(10, api, ['x'], { ttl_s: 0.5 })).thenVoid('malformed');
  world.and(takesFiles(11, api, ['x'], { project: '' })).thenVoid('malformed');
});

t.test('one circle, however many its peers, leaves room for the others', async t => {
  const crowd = Array.from({ length: 6 }, (_, n) => p.person(`crowd${n}`));
  const world = given(t, joins(far), ...crowd.map(who => joins(who)));
  let n = 0;
  for (const who of crowd.slice(0, 5)) {
    for (let i = 0; i < 8; i++) {
      const paths = Array.from({ length: 250 }, (_, k) => `f${100_000 + n * 250 + k}`);
      world.and(takesFiles(n++, who, paths)).thenApplied();
    }
  }
  world.and(takesFiles(n++, crowd[5]!, ['one-more'])).thenVoid('too_large');
  world.and(takesFiles(n++, far, ['there'])).thenApplied();
  world.and(p.leaves(crowd[0]!), takesFiles(n++, crowd[5]!, ['one-more'])).thenApplied();
});

t.test('what one peer, and all of them, may hold is bounded', async t => {
  const world = given(t, ...everybody);
  const many = (from: number) =>
    Array.from({ length: 250 }, (_, n) => `f${10_000 + from * 250 + n}`);
  for (let n = 0; n < 8; n++) world.and(takesFiles(n, web, many(n))).thenApplied();
  world.and(takesFiles(8, web, ['one-more'])).thenVoid('too_large');
  world.and(takesFiles(9, web, many(3), { ttl_s: 60 })).thenApplied();
  world.and(p.leaves(web));
  t.notOk(world.mesh.table.leases.isFull(web.peer, web.circle, 1, 1));
  world.and(takesFiles(10, api, ['x'], { project: 'p'.repeat(4_096) })).thenApplied();
});
