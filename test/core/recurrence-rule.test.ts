// Tries which texts are rules: each word and each zone, and why the others are none.
import t from 'tap';
import {
  firesBetween,
  lastFires,
  nextFire,
  ruleProblem,
} from '../../broker/core/schedules/recurrence.js';
import { limits } from '../../schemas/limits.js';

t.test('each word is the rule it stands for', async t => {
  const words = {
    '@hourly': '0 * * * *',
    '@daily': '0 0 * * *',
    '@midnight': '0 0 * * *',
    '@weekly': '0 0 * * sun',
    '@monthly': '0 0 1 * *',
    '@yearly': '0 0 1 jan *',
    '@annually': '0 0 1 jan *',
  };
  for (const [word, cron] of Object.entries(words)) {
    const [said, meant] = [word, cron].map(text => {
      return firesBetween({ cron: text, zone: 'Asia/Tokyo' }, 1, 1e14, 30);
    });
    t.equal(said?.length, 30, word);
    t.same(said, meant, word);
  }
});

const refused = [
  '',
  ' ',
  '* * * *',
  '* * * * * *',
  ' * * * * *',
  '* * * * * ',
  '* * * * *\n',
  '*\n* * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * 32 * *',
  '* * * 0 *',
  '* * * 13 *',
  '* * * * 8',
  '-1 * * * *',
  '1.5 * * * *',
  '1e1 * * * *',
  '001 * * * *',
  '*/0 * * * *',
  '*/ * * * *',
  '/5 * * * *',
  '5/15 * * * *',
  '*/5/5 * * * *',
  '*-5 * * * *',
  '1-2-3 * * * *',
  '1, * * * *',
  ',1 * * * *',
  '30-10 * * * *',
  '* * * * fri-mon',
  '* * * nov-feb *',
  '? * * * *',
  '* * ? * *',
  'H * * * *',
  'HHH * * * *',
  'H(1-5) * * * *',
  '* * L * *',
  '* * LLL * *',
  '* * 15W * *',
  '* * * * 5L',
  '* * * * 5#2',
  '* * * mon *',
  '* * * * jan',
  '* * * january *',
  'jan * * * *',
  '** * * * *',
  '٣ * * * *',
  '@Daily',
  '@reboot',
  '@minutely',
  '@secondly',
  '@weekdays',
  'toString',
  '__proto__',
  'every day',
];

t.test('what is no cron text of five plain fields is refused, and never fires', async t => {
  for (const cron of refused) {
    t.equal(ruleProblem(cron, 'UTC'), 'cron', JSON.stringify(cron));
    t.equal(nextFire({ cron, zone: 'UTC' }, 0), undefined, JSON.stringify(cron));
  }
});

t.test('a cron text is bounded in length', async t => {
  const [longest, tooLong] = [limits.cron_chars, limits.cron_chars + 1].map(chars => {
    const blanks = ' '.repeat(chars - '*****'.length - 3);
    return `*${blanks}* * * *`;
  });
  t.equal(longest?.length, limits.cron_chars);
  t.equal(ruleProblem(longest ?? '', 'UTC'), undefined);
  t.equal(ruleProblem(tooLong ?? '', 'UTC'), 'cron');
});

t.test('a zone is an IANA name, in any case', async t => {
  for (const zone of ['UTC', 'Etc/GMT+5', 'EST5EDT', 'America/Port-au-Prince', 'EUROPE/berlin']) {
    t.equal(ruleProblem('@daily', zone), undefined, zone);
  }
  const strange = ['', ' ', 'local', 'system', '+02:00', '-0500', 'UTC+2', 'Mars/Base', ' UTC'];
  for (const zone of [...strange, 'Europe/Berlin\n', 'A'.repeat(10_000)]) {
    t.equal(ruleProblem('@daily', zone), 'zone', JSON.stringify(zone.slice(0, 20)));
    t.equal(nextFire({ cron: '@daily', zone }, 0), undefined);
  }
});

t.test('a rule for days that no calendar has is told from a mistake', async t => {
  const never = ['0 0 30 2 *', '0 0 31 4,6,9,11 *', '0 0 30-31 feb *', '* * 31 2,4-4 *'];
  for (const cron of never) {
    t.equal(ruleProblem(cron, 'UTC'), 'never', cron);
    t.equal(nextFire({ cron, zone: 'UTC' }, 0), undefined, cron);
    t.same(lastFires({ cron, zone: 'UTC' }, 1e12, 3, 0), [], cron);
  }
  for (const cron of ['0 0 29 2 *', '0 0 29-31 2 *', '0 0 31 4,5 *', '0 0 30 2 0']) {
    t.equal(ruleProblem(cron, 'UTC'), undefined, cron);
  }
});
