// Plain values for fast-check: what the protocol may carry, and nothing else.
import fc from 'fast-check';

const text = fc.string({ unit: 'grapheme', maxLength: 80 });
// JSON knows no negative zero, and nothing in the protocol means it.
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => value + 0);
const key = fc.oneof(
  text.filter(value => value !== '__proto__'),
  fc.constantFrom('constructor', 'toString', 'hasOwnProperty', '__defineGetter__', 'length'),
);
const scalar = fc.oneof(
  text,
  fc.maxSafeInteger(),
  number,
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('', 'x'.repeat(300), 'é'.repeat(300), 2 ** 32, 2 ** 53 - 1, -(2 ** 31) - 1),
);

/** Any value the codec must carry, nested a few levels. */
export const plainValue: fc.Arbitrary<unknown> = fc.letrec(tie => ({
  value: fc.oneof({ maxDepth: 4 }, scalar, tie('list'), tie('map')),
  list: fc.array(tie('value'), { maxLength: 8 }),
  map: fc.dictionary(key, tie('value'), { maxKeys: 8, noNullPrototype: true }),
})).value;

/** An object, as every frame and event is. */
export const plainObject: fc.Arbitrary<Record<string, unknown>> = fc.dictionary(key, plainValue, {
  maxKeys: 8,
  noNullPrototype: true,
});
