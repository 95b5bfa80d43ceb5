// A commit's header read the short way says what the decoder says of it, or leaves it to it.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  decodeCommit,
  type EventMark,
  encodeCommit,
} from '../../broker/core/commits/commit-bytes.js';
import { unpack } from '../../schemas/codec.js';
import { limits } from '../../schemas/limits.js';

const FIXED_BYTES = 7;

/** What stands in the header, by the decoder alone. */
function decoded(bytes: Uint8Array): unknown {
  const end = FIXED_BYTES + new DataView(bytes.buffer, bytes.byteOffset).getUint32(3);
  try {
    const header = unpack(bytes.subarray(FIXED_BYTES, end));
    if (!Array.isArray(header) || !Array.isArray(header[3])) return undefined;
    const [boot, number, clock, marks, time] = header;
    const isWhole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
    if (typeof boot !== 'string' || !isWhole(number) || !isWhole(clock)) return undefined;
    if (marks.length > limits.commit_events) return undefined;
    let at = end;
    const events = [];
    for (const mark of marks) {
      if (!Array.isArray(mark)) return undefined;
      const [length, type, circles] = mark;
      if (!isWhole(length) || typeof type !== 'string' || !Array.isArray(circles)) return undefined;
      if (!circles.every(circle => typeof circle === 'string')) return undefined;
      events.push({ type, circles, bytes: hex(bytes.subarray(at, at + length)) });
      at += length;
    }
    if (at !== bytes.length) return undefined;
    return { boot, number, clock, time: isWhole(time) ? time : undefined, events };
  } catch {
    return undefined;
  }
}

function plain(bytes: Uint8Array): unknown {
  const commit = decodeCommit(bytes);
  return commit && { ...commit, events: commit.events.map(shown) };
}

function shown({ type, circles, bytes }: EventMark) {
  return { type, circles, bytes: hex(bytes) };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

const name = fc.oneof(
  fc.constantFrom('ask.opened', 'peer.turned', 'x'.repeat(40), 'grün', ''),
  fc.string({ maxLength: 40 }),
);
const event = fc.record({
  type: name,
  circles: fc.array(name, { maxLength: 3 }),
  bytes: fc.uint8Array({ maxLength: 300 }),
});
const whole = fc.oneof(fc.nat(300), fc.nat(), fc.constantFrom(2 ** 32, 1_800_000_000_000));
const commits = fc.record(
  {
    boot: name,
    number: whole,
    clock: whole,
    time: whole,
    events: fc.array(event, { maxLength: 40 }),
  },
  { requiredKeys: ['boot', 'number', 'clock', 'events'] },
);

t.test('any commit is read as it was written', async () => {
  fc.assert(
    fc.property(commits, commit => {
      const bytes = encodeCommit(commit);
      assert.deepEqual(plain(bytes), {
        time: undefined,
        ...commit,
        events: commit.events.map(shown),
      });
      assert.deepEqual(plain(bytes), decoded(bytes));
    }),
  );
});

t.test('whatever one byte of the header becomes, both say the same', async () => {
  fc.assert(
    fc.property(commits, fc.nat(), fc.nat(255), (commit, place, byte) => {
      const bytes = encodeCommit(commit);
      const header = new DataView(bytes.buffer, bytes.byteOffset).getUint32(3);
      bytes[FIXED_BYTES + (place % header)] = byte;
      assert.deepEqual(plain(bytes), decoded(bytes));
    }),
    { numRuns: 2_000 },
  );
});

t.test('a header that is cut off, or longer than said, is none', async () => {
  const bytes = encodeCommit({ boot: 'b', number: 1, clock: 2, events: [] });
  for (let end = 0; end < bytes.length; end++) {
    assert.equal(decodeCommit(bytes.subarray(0, end)), undefined);
  }
  assert.equal(decodeCommit(Buffer.concat([bytes, Buffer.of(0)])), undefined);
});
