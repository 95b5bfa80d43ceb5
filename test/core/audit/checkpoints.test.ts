// The rules of checkpoints: what may be said of the history, and what is remembered of it.
import t from 'tap';
import { checkpointText, isSignedBy } from '../../../broker/core/audit/checkpoint.js';
import { Fold } from '../../../broker/core/fold.js';
import { stateHash } from '../../../broker/core/snapshots/state-hash.js';
import { passingSigner } from '../../../broker/disk/signing-key.js';
import { limits } from '../../../schemas/limits.js';
import { checkpoints, joins, opened, started, web } from '../../dsl/events.js';
import { given } from '../../dsl/given.js';
import { stateOf } from '../../dsl/state.js';
import { Mesh } from '../../dsl/test-log.js';

const hex = (digit: string, length = 64) => digit.repeat(length);

t.test('a checkpoint of this history takes effect, and is the newest', async t => {
  const world = given(t, joins(web));
  const { fold } = world.mesh;
  world.and(checkpoints(fold, { events: 3 })).thenApplied();
  t.match(fold.table.checkpoints.newest(), { sequence: 2, events: 3, key: hex('a') });
  world.and(checkpoints(fold, { key: hex('c') })).thenApplied();
  t.match(fold.table.checkpoints.newest(), { sequence: 3, key: hex('c') });
});

t.test('4: one whose digest is not that of this very history is void', async t => {
  const world = given(t, joins(web));
  const { fold } = world.mesh;
  world.and(checkpoints(fold, { digest: hex('0') })).thenVoid('diverged');
  world.and(checkpoints({ sequence: 2, digest: fold.digest })).thenVoid('diverged');
});

t.test('one that is early, old, said already or no checkpoint at all is void', async t => {
  const world = given(t, joins(web));
  const { fold } = world.mesh;
  world.and(checkpoints({ ...at(fold), sequence: 3 })).thenVoid('early');
  world.and(checkpoints(fold)).thenApplied();
  const said = fold.table.checkpoints.newest()!;
  world.and(checkpoints(fold, { sequence: said.sequence, digest: said.digest }));
  world.thenVoid('duplicate');
  world.and(checkpoints(fold, { sequence: 1 })).thenVoid('stale');
  for (const odd of [
    { sequence: -1 },
    { sequence: 1.5 },
    { sequence: Number.NaN },
    { digest: hex('A') },
    { digest: hex('a', 63) },
    { key: `${hex('a', 63)}g` },
    { signature: hex('b', 127) },
    { state: hex('e') },
    { events: -1 },
  ]) {
    world.and(checkpoints(fold, odd)).thenVoid('malformed');
  }
  for (let n = 0; n <= limits.checkpoint_recent_commits; n++) world.mesh.say();
  world.and(checkpoints({ sequence: 3, digest: fold.digest }, { key: hex('d') }));
  world.thenVoid('stale');
});

function at({ sequence, digest }: Fold) {
  return { sequence, digest };
}

/** A log that reaches its first state point. */
function long(commits = limits.mark_every_commits): Mesh {
  const mesh = new Mesh();
  mesh.say(opened(), started('gateway_a', 'boot_a'));
  while (mesh.fold.sequence < commits) mesh.say();
  return mesh;
}

t.test('a state point is a mark in whose ten minutes there was none yet', async t => {
  const mesh = long();
  const { table } = mesh.fold;
  t.ok(table.checkpoints.isPoint(limits.mark_every_commits));
  while (mesh.fold.sequence < 2 * limits.mark_every_commits) mesh.say();
  t.notOk(table.checkpoints.isPoint(mesh.fold.sequence), 'no time has passed');
  mesh.now += limits.checkpoint_every_ms;
  while (mesh.fold.sequence < 3 * limits.mark_every_commits) mesh.say();
  t.ok(table.checkpoints.isPoint(mesh.fold.sequence));
  t.same(
    table.checkpoints.points.map(point => point.sequence),
    [1, 3].map(n => n * limits.mark_every_commits),
  );
});

t.test('of an old state point every key may still tell its state, once', async t => {
  const mesh = long();
  const { points } = mesh.fold.table.checkpoints;
  const point = { sequence: points[0]!.sequence, digest: Buffer.from(points[0]!.digest, 'hex') };
  for (let n = 0; n < 100; n++) mesh.say();
  t.equal(mesh.one(checkpoints(mesh.fold)).void, undefined);
  t.equal(mesh.one(checkpoints(point)).void, 'stale', 'but not without a state');
  t.equal(mesh.one(checkpoints(point, { state: `v:${hex('e')}` })).void, undefined);
  t.equal(mesh.one(checkpoints(point, { state: `v:${hex('f')}` })).void, 'duplicate');
  t.equal(mesh.one(checkpoints(point, { state: `v:${hex('f')}`, key: hex('1') })).void, undefined);
  t.same(
    mesh.table.checkpoints.claims.map(claim => claim.state),
    [`v:${hex('e')}`, `v:${hex('f')}`],
  );
  const restored = Fold.fromSnapshot(mesh.fold.toSnapshot());
  t.equal(stateOf(restored), stateOf(mesh.fold), 'a snapshot keeps all of it');
  t.equal(stateHash(restored), stateHash(mesh.fold));
});

t.test('a signature covers each fact of a checkpoint, and nothing else fits it', async t => {
  const signer = passingSigner();
  const facts = { log: 'log_1', mesh: 'home', sequence: 7, digest: hex('1'), events: 9 };
  const signature = signer.sign(checkpointText(facts));
  t.ok(isSignedBy(signer.key, checkpointText(facts), signature));
  for (const change of [
    { log: 'log_2' },
    { mesh: 'work' },
    { sequence: 8 },
    { digest: hex('2') },
    { events: 10 },
    { events: undefined },
    { state: hex('3') },
    { log: 'log_1"\nmesh "home' },
  ]) {
    t.notOk(isSignedBy(signer.key, checkpointText({ ...facts, ...change }), signature));
  }
  t.notOk(isSignedBy(passingSigner().key, checkpointText(facts), signature));
  for (const key of ['', hex('0'), hex('f'), 'no key']) {
    t.notOk(isSignedBy(key, checkpointText(facts), signature), key);
  }
  t.notOk(isSignedBy(signer.key, checkpointText(facts), hex('0', 128)));
});
