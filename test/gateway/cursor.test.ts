// The cursor: what it carries, and what is no cursor.
import fc from 'fast-check';
import t from 'tap';
import { checkOf, formatCursor, origin, parseCursor } from '../../broker/core/cursor.js';

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });

t.test('a cursor gives back its log, its place and the first half-dozen digest bytes', async t => {
  fc.assert(
    fc.property(fc.uuid(), fc.nat({ max: 2 ** 40 }), digest, (uuid, sequence, bytes) => {
      const log = `log_${uuid}`;
      const check = Buffer.from(bytes).toString('hex').slice(0, 12);
      t.strictSame(parseCursor(formatCursor(log, sequence, bytes)), { log, sequence, check });
    }),
  );
});

t.test('a cursor may stand within a commit, after so many of its events', async t => {
  const text = formatCursor('log_1', 7, new Uint8Array(32), 3);
  t.equal(text, 'log_1.7.000000000000.3');
  const end = { log: 'log_1', sequence: 7, check: '000000000000' };
  t.strictSame(parseCursor(text), { ...end, events: 3 });
  t.match(parseCursor(formatCursor('log_1', 7, new Uint8Array(32), 0)), { events: 0 });
});

t.test('a digest that is a part of a larger buffer is read at its own place', async t => {
  const buffer = new Uint8Array(64).fill(0xab, 32);
  t.equal(checkOf(buffer.subarray(32)), 'abababababab');
});

t.test('the start has sequence 0 and a digest of zeros', async t => {
  const cursor = parseCursor(formatCursor('log_1', origin.sequence, origin.digest));
  t.strictSame(cursor, { log: 'log_1', sequence: 0, check: '000000000000' });
});

t.test('anything else is no cursor', async t => {
  const junk = [
    '',
    'now',
    'log_1',
    'log_1.5',
    'log_1.05.000000000000',
    'log_1.-5.000000000000',
    'log_1.5e3.000000000000',
    'log_1.99999999999999.000000000000',
    'log_1.5.00000000000',
    'log_1.5.0000000000000',
    'log_1.5.00000000000G',
    'log 1.5.000000000000',
    'log_1.5.000000000000\n',
    'log_1.5.000000000000.',
    'log_1.5.000000000000.03',
    'log_1.5.000000000000.-1',
    'log_1.5.000000000000.10000',
    'log_1.5.000000000000.3.3',
  ];
  for (const text of junk) t.equal(parseCursor(text), undefined, JSON.stringify(text));
});
