// Proves how moments are shown in tables: short when near, by the clock of a zone, in English.
import t from 'tap';
import { statusText } from '../../client/cli/peers.js';
import { whenText } from '../../client/terminal/when.js';
import { LAST_MS } from '../../schemas/moment.js';
import type { PeerRow } from '../../schemas/peer.js';

/** A Friday, 15:30 in Berlin; its clocks go back on the Sunday. */
const NOW = Date.parse('2026-10-23T15:30:00+02:00');

const shown = [
  ['2026-10-23T15:30:00.001+02:00', 'in 1 s'],
  ['2026-10-23T15:30:59+02:00', 'in 59 s'],
  ['2026-10-23T15:35:00+02:00', 'in 5 min'],
  ['2026-10-23T15:39:59.800+02:00', 'in 10 min'],
  ['2026-10-23T18:20:00+02:00', 'in 3 h'],
  ['2026-10-24T14:30:00+02:00', 'in 23 h'],
  ['2026-10-24T15:30:00+02:00', 'Sat 15:30 +02:00'],
  ['2026-10-25T09:00:00+01:00', 'Sun 09:00 +01:00'],
  ['2026-10-29T23:59:00+01:00', 'Thu 23:59 +01:00'],
  ['2026-10-30T00:00:00+01:00', '2026-10-30 00:00 +01:00'],
  ['2026-12-24T09:00:00+01:00', '2026-12-24 09:00 +01:00'],
  ['2026-10-23T15:30:00+02:00', 'just now'],
  ['2026-10-23T15:27:00+02:00', '3 min ago'],
  ['2026-10-20T15:30:00+02:00', '3 d ago'],
] as const;

t.test('a moment is shown as short as it is near, and by the clock of the zone', async t => {
  for (const [time, text] of shown)
    t.equal(whenText(Date.parse(time), NOW, 'Europe/Berlin'), text, time);
  t.equal(
    whenText(Date.parse('2026-12-24T01:00:00Z'), NOW, 'America/New_York'),
    '2026-12-23 20:00 -05:00',
  );
});

t.test(
  'a moment at the end of the calendar, or in no known zone, is shown all the same',
  async t => {
    t.match(whenText(LAST_MS, NOW, 'Pacific/Kiritimati'), /275760-09-13/);
    t.match(whenText(LAST_MS, NOW, 'America/New_York'), /275760-09-12 20:00/);
    t.equal(whenText(Date.parse('2026-12-24T09:00Z'), NOW, 'nowhere'), '2026-12-24 09:00 UTC');
  },
);

t.test('who only made single calls was seen, and is told as silent', async t => {
  const row = { status: 'offline', reason: 'never_connected', offline_since: 1_000 } as PeerRow;
  t.match(statusText(row, 61_000), /^offline .*, silent$/);
  t.match(statusText({ ...row, reason: 'gateway_lost' }, 61_000), /, gateway lost$/);
});
