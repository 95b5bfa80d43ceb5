// The ring: contiguous, bounded, and without the decoded events it was fed.
import t from 'tap';
import { createRing } from '../../broker/gateway/observe/ring.js';
import { limits } from '../../schemas/limits.js';
import { FakeLogDoor } from './fake-log-door.js';

function filled(notes: number, bytes: number = limits.ring_bytes) {
  const door = new FakeLogDoor();
  const { sequence, digest } = door.info();
  const ring = createRing({ sequence, digest }, bytes);
  door.listen(commit => ring.push(commit));
  for (let i = 0; i < notes; i++) door.note(`note ${i}`);
  return { door, ring, start: sequence };
}

t.test('an empty ring begins and ends where it was made', async t => {
  const { door, ring, start } = filled(0);
  t.equal(ring.base().sequence, start);
  t.equal(ring.last().sequence, start);
  t.strictSame(ring.digestAt(start), door.info().digest);
  t.strictSame(ring.read(start, start, 1), []);
});

t.test('it gives back what follows a place, up to another place', async t => {
  const { ring, start } = filled(10);
  const sequences = ring.read(start + 2, start + 5, limits.write_bytes).map(c => c.sequence);
  t.strictSame(sequences, [start + 3, start + 4, start + 5]);
});

t.test('it gives as many commits as fit, and one even when that does not', async t => {
  const { ring, start } = filled(10);
  const [first, second] = ring.read(start, start + 2, limits.write_bytes);
  const both = first!.bytes.length + second!.bytes.length;
  t.equal(ring.read(start, start + 10, both).length, 2);
  t.equal(ring.read(start, start + 10, both - 1).length, 1);
  t.equal(ring.read(start, start + 10, 1).length, 1);
});

t.test(
  'over its bound the oldest commits leave it, and its base is the end of the last',
  async t => {
    const { door, ring, start } = filled(100, 10_000);
    const base = ring.base();
    t.ok(base.sequence > start);
    t.equal(ring.last().sequence, start + 100);
    t.equal(ring.count(), ring.last().sequence - base.sequence);
    t.strictSame(base.digest, door.commits[base.sequence - 1]?.digest);
    t.equal(ring.digestAt(base.sequence - 1), undefined);
    t.strictSame(ring.digestAt(base.sequence), base.digest);
    t.strictSame(ring.read(base.sequence - 1, start + 100, 1), []);
    const kept = ring.read(base.sequence, start + 100, limits.write_bytes);
    const cost = kept.reduce((sum, { bytes }) => sum + bytes.length + limits.ring_commit_bytes, 0);
    t.ok(cost <= 10_000 && cost > 9_000, `it holds ${cost}`);
  },
);

t.test('it knows the digest of the very start though it never saw it', async t => {
  t.strictSame(filled(1).ring.digestAt(0), new Uint8Array(32));
});

t.test('a commit that does not follow the last one is a bug', async t => {
  const { door, ring } = filled(2);
  t.throws(() => ring.push(door.commits[0]!), /came after/);
});

t.test('decoded events and changes are not kept', async t => {
  const { ring, start } = filled(1);
  const [commit] = ring.read(start, start + 1, 1);
  const [record] = commit!.records;
  t.ok(record?.event);
  t.not(commit!.records[0], record, 'each reader gets its own');
  t.notOk(Object.values(commit!).some(kept => kept === record?.event));
});
