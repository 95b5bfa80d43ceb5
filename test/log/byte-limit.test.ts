// The byte limit of the log follows the free disk, and little room is warned of in good time.
import t, { type Test } from 'tap';
import { ByteLimit, doubleAtHalf, type LimitRule } from '../../broker/log/byte-limit.js';
import { limits } from '../../schemas/limits.js';

const MIB = 1_048_576;

/** A stream of so many MiB, on a server that may refuse to give it more. */
function stream(t: Test, bytes: number, maxBytes: number, rule: LimitRule = doubleAtHalf) {
  const state = { bytes: bytes * MIB, maxBytes: maxBytes * MIB, allows: true, isAway: false };
  const warnings: string[] = [];
  const log = {
    async streamBytes() {
      if (state.isAway) throw new Error('no answer');
      return { bytes: state.bytes, maxBytes: state.maxBytes };
    },
    async resize(to: number) {
      if (!state.allows) throw new Error('insufficient storage');
      state.maxBytes = to;
    },
  };
  const limit = new ByteLimit(log, rule, line => warnings.push(line));
  t.teardown(() => limit.close());
  const look = async (at: Partial<typeof state>) => {
    Object.assign(state, at);
    await limit.adjust();
    return warnings.splice(0);
  };
  return { state, look };
}

t.test('on another server the limit doubles once half of it is used', async t => {
  const { state, look } = stream(t, 511, 1_024);
  t.same(await look({}), []);
  t.equal(state.maxBytes, 1_024 * MIB);
  t.same(await look({ bytes: 513 * MIB }), []);
  t.equal(state.maxBytes, 2_048 * MIB);
});

t.test('a server that gives no more is told of once, and each halving of the room', async t => {
  const { look } = stream(t, 600, 1_024);
  const [low, refused, ...more] = await look({ allows: false });
  t.match(low, /room for 424 MiB more \(it holds 600\).*max_file_store/);
  t.match(refused, /not adjusted: insufficient storage/);
  t.same(more, []);
  t.same(await look({}), [], 'not each time it looks');
  t.match(await look({ bytes: 770 * MIB }), [/room for 254 MiB/]);
  t.match(await look({ bytes: 1_024 * MIB }), [/room for 0 MiB/]);
  t.same(await look({}), []);
  t.same(await look({ allows: true }), [], 'there is room again');
});

t.test('room that went away again is warned of again', async t => {
  let free = limits.stream_low_bytes;
  const rule = { limitFor: ({ bytes }: { bytes: number }) => bytes + free, advice: 'Free some.' };
  const { state, look } = stream(t, 10, 1_024, rule);
  t.same(await look({}), []);
  t.equal(state.maxBytes, 10 * MIB + free, 'the limit follows the disk, down too');
  free = 100 * MIB;
  t.match(await look({}), [/room for 100 MiB.*Free some\./]);
  free = 2 * limits.stream_low_bytes;
  t.same(await look({}), []);
  free = 400 * MIB;
  t.match(await look({}), [/room for 400 MiB/]);
});

t.test('a small swing of the disk changes no limit, but is warned of', async t => {
  const rule = { limitFor: () => 1_000 * MIB, advice: '' };
  const { state, look } = stream(t, 500, 1_050, rule);
  t.match(await look({}), [/room for 500 MiB/]);
  t.equal(state.maxBytes, 1_050 * MIB);
});

t.test('a server that does not answer is told of once, until it answers', async t => {
  const { look } = stream(t, 1, 1_024);
  t.match(await look({ isAway: true }), [/not adjusted: no answer/]);
  t.same(await look({}), []);
  t.same(await look({ isAway: false }), []);
  t.match(await look({ isAway: true }), [/not adjusted/]);
});
