// Tries the ids: uuid v7 that tell their time, sort by it, and name what they create.
import fc from 'fast-check';
import t from 'tap';
import { askId, commandId, messageId, peerId, ref, tokenId } from '../../schemas/id.js';
import { idTime, isCommandId, makeUuid, named, UUID_V7 } from '../../schemas/uuid.js';

const moment = fc.nat({ max: 2 ** 48 - 1 });
const random = fc.uint8Array({ minLength: 10, maxLength: 10 });
const UUID = makeUuid(1_764_000_000_123, new Uint8Array(10));

t.test('every id made is a well-formed uuid v7', async () => {
  fc.assert(
    fc.property(moment, random, (time, bytes) => {
      return commandId.safeParse(makeUuid(time, bytes)).success;
    }),
  );
});

t.test('an id tells the ms it was made in', async () => {
  fc.assert(fc.property(moment, random, (time, bytes) => idTime(makeUuid(time, bytes)) === time));
});

t.test('a later id sorts behind an earlier one, whatever the chance in them', async () => {
  fc.assert(
    fc.property(moment, moment, random, random, (a, b, one, two) => {
      return a === b || makeUuid(a, one) < makeUuid(b, two) === a < b;
    }),
  );
});

t.test('ids of one ms differ by 74 bits of chance', async t => {
  const bits = (uuid: string) => BigInt(`0x${uuid.replaceAll('-', '')}`);
  let seen = 0n;
  for (let byte = 0; byte < 10; byte++) {
    for (let bit = 0; bit < 8; bit++) {
      const bytes = new Uint8Array(10);
      bytes[byte] = 1 << bit;
      seen |= bits(makeUuid(0, bytes)) ^ bits(makeUuid(0, new Uint8Array(10)));
    }
  }
  t.equal(seen.toString(2).replaceAll('0', '').length, 74);
});

t.test('an id that is no lower-case uuid v7 is refused', async t => {
  const v4 = '0190163d-8694-4c9d-8a1a-0123456789ab';
  const variant = '0190163d-8694-7c9d-ca1a-0123456789ab';
  for (const wrong of [
    UUID.toUpperCase(),
    v4,
    variant,
    `${UUID} `,
    UUID.slice(1),
    '',
    `{${UUID}}`,
  ]) {
    t.notOk(commandId.safeParse(wrong).success, wrong);
  }
});

t.test('digit by digit or by its pattern, the same texts are ids', async () => {
  const damaged = fc
    .tuple(moment, random, fc.nat(36), fc.string({ unit: 'grapheme', maxLength: 2 }))
    .map(([time, bytes, at, patch]) => {
      const id = makeUuid(time, bytes);
      return id.slice(0, at) + patch + id.slice(at + patch.length);
    });
  const hex = fc.constantFrom(...'0123456789abcdefABG-');
  const digit = fc.tuple(moment, random, fc.nat(35), hex).map(([time, bytes, at, char]) => {
    const id = makeUuid(time, bytes);
    return id.slice(0, at) + char + id.slice(at + 1);
  });
  const law = fc.property(fc.oneof(damaged, digit), id => isCommandId(id) === UUID_V7.test(id));
  fc.assert(law, { numRuns: 2_000 });
});

t.test('a noun and an id name one thing, and no other noun takes it', async t => {
  const nouns = { ask: askId, msg: messageId, peer: peerId, token: tokenId } as const;
  for (const [prefix, own] of Object.entries(nouns)) {
    const name = named(prefix as keyof typeof nouns, UUID);
    for (const noun of Object.values(nouns)) {
      t.equal(noun.safeParse(name).success, noun === own, `${name} as ${prefix}`);
    }
  }
});

t.test('asks and messages can be traced, peers and tokens cannot', async t => {
  t.ok(ref.safeParse(named('ask', UUID)).success);
  t.ok(ref.safeParse(`${named('ask', UUID)}.12`).success, 'one ask of a fan-out');
  t.ok(ref.safeParse(named('msg', UUID)).success);
  t.notOk(ref.safeParse(named('peer', UUID)).success);
  t.notOk(ref.safeParse(named('token', UUID)).success);
});
