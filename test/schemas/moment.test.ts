// Tries how people write moments: every documented form is read, nonsense is not.
import fc from 'fast-check';
import t from 'tap';
import { resolveMoment } from '../../schemas/moment.js';

const NOW = Date.UTC(2026, 0, 31, 12, 0, 0);
const at = (...parts: [number, number, number, number?, number?, number?, number?]) =>
  Date.UTC(parts[0], parts[1] - 1, ...parts.slice(2));

const read: [string | number, number][] = [
  [0, 0],
  [1_764_000_000_123, 1_764_000_000_123],
  ['90s', NOW + 90_000],
  ['10m', NOW + 600_000],
  ['2h', NOW + 7_200_000],
  ['3d', NOW + 3 * 86_400_000],
  ['0s', NOW],
  ['in 90s', NOW + 90_000],
  ['in 3d', NOW + 3 * 86_400_000],
  ['2026-02-03', at(2026, 2, 3)],
  ['2026-02-03T04:05', at(2026, 2, 3, 4, 5)],
  ['2026-02-03 04:05', at(2026, 2, 3, 4, 5)],
  ['2026-02-03T04:05:06', at(2026, 2, 3, 4, 5, 6)],
  ['2026-02-03T04:05:06.7', at(2026, 2, 3, 4, 5, 6, 700)],
  ['2026-02-03T04:05:06,789', at(2026, 2, 3, 4, 5, 6, 789)],
  ['2026-02-03T04:05:06.789999', at(2026, 2, 3, 4, 5, 6, 789)],
  ['2026-02-03T04:05:06Z', at(2026, 2, 3, 4, 5, 6)],
  ['2026-02-03T04:05:06+02:00', at(2026, 2, 3, 2, 5, 6)],
  ['2026-02-03T04:05:06-0530', at(2026, 2, 3, 9, 35, 6)],
  ['2026-02-03T04:05:06+02', at(2026, 2, 3, 2, 5, 6)],
  ['2026-02-03T04:05Z', at(2026, 2, 3, 4, 5)],
  ['2024-02-29', at(2024, 2, 29)],
  ['2026-12-31T23:59:59.999Z', at(2026, 12, 31, 23, 59, 59, 999)],
  ['9999-12-31', at(9999, 12, 31)],
];

for (const [written, ms] of read) {
  t.test(`${written} is ${new Date(ms).toISOString()}`, async t => {
    t.equal(resolveMoment(written, NOW), ms);
  });
}

const nonsense: (string | number)[] = [
  '',
  'soon',
  '10',
  '1.5h',
  '-5m',
  '5 m',
  '2w',
  '1h30m',
  'in',
  'in tomorrow',
  'in in 5m',
  ' 5m',
  '5m ',
  '2026-02-30',
  '2025-02-29',
  '2026-13-01',
  '2026-00-10',
  '2026-01-00',
  '2026-1-2',
  '26-01-02',
  '2026-02-03T',
  '2026-02-03T24:00',
  '2026-02-03T04:60',
  '2026-02-03T04:05:60',
  '2026-02-03T04',
  '2026-02-03T04:05+24:00',
  '2026-02-03T04:05+02:60',
  '2026-02-03T04:05 Z',
  '2026-02-03Z',
  '20260203T040506Z',
  '1969-12-31',
  '0050-01-01',
  '２０２６-02-03',
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  8_640_000_000_000_001,
];

for (const given of nonsense) {
  t.test(`${JSON.stringify(given)} is no moment`, async t => {
    t.equal(resolveMoment(given, NOW), undefined);
  });
}

t.test('every ISO form that a program writes is read as the moment it means', async () => {
  fc.assert(
    fc.property(fc.nat({ max: 253_402_300_799_999 }), fc.nat(), (ms, now) => {
      return resolveMoment(new Date(ms).toISOString(), now) === ms;
    }),
  );
});

t.test('whatever is written, the answer is a whole moment or none', async () => {
  const written = fc.oneof(fc.string(), fc.stringMatching(/^[0-9TZ:+. in-]{0,30}$/), fc.double());
  fc.assert(
    fc.property(written, fc.nat(), (value, now) => {
      const ms = resolveMoment(value, now);
      return ms === undefined || (Number.isSafeInteger(ms) && ms >= 0);
    }),
    { numRuns: 2_000 },
  );
});
