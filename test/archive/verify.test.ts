// Verification of the stored log: what is there is held to what was folded, and what differs named.
import t, { type Test } from 'tap';
import { verifyLog } from '../../broker/archive/audit/verify.js';
import { passingSigner } from '../../broker/disk/signing-key.js';
import { memoryStore, openMemory } from '../../broker/log/memory.js';
import { limits } from '../../schemas/limits.js';
import { signedCheckpoint, someLog } from '../dsl/exports.js';
import { HandClock } from '../dsl/memory-brokers.js';
import type { Mesh } from '../dsl/test-log.js';

const signer = passingSigner();
const COMMITS = 2_500;

function verify(mesh: Mesh, from = 1, to = COMMITS, signal = new AbortController().signal) {
  const clock = new HandClock();
  const log = openMemory({ store: { ...memoryStore(), commits: mesh.log }, clock });
  return verifyLog({ log, fold: mesh.fold, elapsed: () => 0, signal }, { from, to });
}

/** The log with one commit as something else. */
function changed(mesh: Mesh, sequence: number, change: (bytes: Uint8Array) => Uint8Array): Mesh {
  const commits = [...mesh.log];
  const old = commits[sequence - 1]!;
  commits[sequence - 1] = { ...old, bytes: change(Uint8Array.from(old.bytes)) };
  return Object.assign(Object.create(mesh), { log: commits });
}

const flipped = (bytes: Uint8Array) => {
  bytes[bytes.length - 1]! ^= 1;
  return bytes;
};

const mesh = someLog(COMMITS, signer);

t.test('a log that is as it was folded verifies, whole and in parts', async t => {
  const whole = await verify(mesh);
  t.match(whole, { ok: true, from: 1, to: COMMITS, events: mesh.fold.events });
  t.ok((whole.signed[signer.key] ?? 0) > 2_300, 'with the checkpoints in it');
  t.match(await verify(mesh, 1_500, 1_600), { ok: true, from: 1_500, to: 2_048 });
  t.match(await verify(mesh, 2_500, 9_999), { ok: true, from: 2_500, to: 2_500 });
});

async function names(t: Test, at: number, from: number, start = 1): Promise<void> {
  const found = await verify(changed(mesh, at, flipped), start);
  t.match(found, { ok: false, reason: /not what was folded|has another digest/ });
  t.equal(found.first_bad, from * limits.commit_positions, `${found.reason}`);
  t.ok(found.to < at, 'nothing beyond is said to be good');
}

t.test('a changed commit is found, and the first is named that it may be', async t => {
  await names(t, 700, 1);
  await names(t, 1_025, 1_025);
  await names(t, 1_024, 1_000, 1_000);
  await names(t, COMMITS, 2_049);
  t.match(await verify(changed(mesh, 700, flipped), 1_100), { ok: true }, 'not where it is not');
});

t.test('a missing commit, and a tail that is gone, are named', async t => {
  const without = [...mesh.log.slice(0, 899), ...mesh.log.slice(900)];
  const gap = Object.assign(Object.create(mesh), { log: without });
  t.match(await verify(gap), { ok: false, first_bad: 900 * 4_096, reason: /900 is missing/ });
  const short = Object.assign(Object.create(mesh), { log: mesh.log.slice(0, 2_200) });
  t.match(await verify(short), { ok: false, first_bad: 2_201 * 4_096, reason: /ends before/ });
});

t.test('a checkpoint that its key did not sign is named', async t => {
  const forged = someLog(100, signer);
  const said = signedCheckpoint(forged, signer);
  const position = forged.one({ ...said, key: passingSigner().key } as never).position;
  forged.say();
  t.match(await verify(forged), { ok: false, first_bad: position, reason: /signature.*not fit/ });
});

t.test('who waits no longer ends it', async t => {
  const gone = new AbortController();
  gone.abort(new Error('nobody waits'));
  await t.rejects(verify(mesh, 1, COMMITS, gone.signal), /nobody waits/);
});
