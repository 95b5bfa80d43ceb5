// Tries the small words of the protocol: names, texts bounded in bytes, and lists.
import fc from 'fast-check';
import t from 'tap';
import type { z } from 'zod';
import * as c from '../../schemas/common.js';
import { limits } from '../../schemas/limits.js';

const takes = (type: z.ZodType, value: unknown) => type.safeParse(value).success;

t.test('a text fits when its UTF-8 form does', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 });
  fc.assert(
    fc.property(text, fc.nat({ max: 120 }), (value, bytes) => {
      return c.fitsBytes(value, bytes) === Buffer.byteLength(value) <= bytes;
    }),
  );
});

t.test('a text over its bytes is too_large, an empty one just invalid', async t => {
  const long = c.text.safeParse('é'.repeat(limits.text_bytes / 2 + 1));
  t.match(long.error?.issues[0], { params: { refusal: 'too_large' } });
  t.ok(takes(c.text, 'é'.repeat(limits.text_bytes / 2)), 'exactly at the bound');
  const empty = c.text.safeParse('');
  t.match(empty.error?.issues, [{ message: 'is empty' }]);
  t.notMatch(empty.error?.issues[0], { params: { refusal: 'too_large' } });
});

t.test(
  'names and circles are 1 to 64 of a-z 0-9 . _ - and start with a letter or digit',
  async t => {
    for (const name of ['a', '7', 'api-2', 'a.b_c-d', 'x'.repeat(64)])
      t.ok(takes(c.name, name), name);
    for (const name of [
      '',
      '-a',
      '.a',
      '_a',
      'A',
      'a b',
      'é',
      'a\n',
      'x'.repeat(65),
      '*',
      1,
      null,
    ]) {
      t.notOk(takes(c.name, name), String(name));
    }
    t.ok(takes(c.circleOrAll, '*'), 'a token may be for every circle');
  },
);

t.test('a secret is 16 to 256 printable characters without spaces', async t => {
  t.ok(takes(c.secret, 'x'.repeat(limits.secret_min_chars)));
  t.ok(takes(c.secret, '~!'.repeat(limits.secret_max_chars / 2)));
  t.notOk(takes(c.secret, 'x'.repeat(limits.secret_min_chars - 1)));
  t.notOk(takes(c.secret, 'x'.repeat(limits.secret_max_chars + 1)));
  t.notOk(takes(c.secret, 'with a space in it'));
  t.notOk(takes(c.secret, `${'x'.repeat(20)}\r\n`), 'it could end a header');
  t.notOk(takes(c.secret, 'é'.repeat(20)));
});

t.test('every peer id and every name can be addressed', async t => {
  t.ok(takes(c.to, 'x'.repeat(limits.name_chars)));
  t.ok(takes(c.to, `peer_${'0'.repeat(64)}`));
  t.notOk(takes(c.to, ''));
});
