// Which rules the door refuses, for a schedule and for a job alike, and the sentence it says.
import t from 'tap';
import { nextFire } from '../../broker/core/schedules/recurrence.js';
import { api, joins, web } from '../dsl/events.js';
import { given } from '../dsl/given.js';

const world = () => given(t, joins(web), joins(api));

/** Both doors: of schedules, and of jobs that recur. */
function refusedAs(cron: string, refusal: 'invalid' | 'schedule_never_fires', says: RegExp) {
  const mesh = world();
  const doors = [
    mesh.when(web, 'schedule.cron', { to: 'api', text: 'x', cron }),
    mesh.when(web, 'schedule.self', { text: 'x', cron }),
    mesh.when(web, 'job.create', { title: 'x', recurrence: { cron, zone: 'UTC' } }),
  ];
  for (const door of doors) door.thenRefused(refusal, undefined, says);
}

t.test('a step that its field or range cannot hold is refused, and says what it can', async () => {
  const steps = {
    '*/90 * * * *': /"\*\/90" steps over the end of its minutes; use a step up to 60/,
    '*/61 * * * *': /up to 60/,
    '0 */36 * * *': /its hours; use a step up to 24/,
    '0 9 */40 * *': /its days; use a step up to 31/,
    '0 9 1 */13 *': /its months; use a step up to 12/,
    '0 9 * * */8': /its weekdays; use a step up to 7/,
    '0 9 * * 0-7/8': /up to 7/,
    '0-30/45 * * * *': /up to 31/,
    '0,5-9/6 * * * *': /"5-9\/6".*up to 5/,
    '0 0 * jan-mar/4 *': /up to 3/,
    '0 0 * * mon-fri/6': /up to 5/,
  };
  for (const [cron, says] of Object.entries(steps)) refusedAs(cron, 'invalid', says);
});

t.test('a step as large as its field is one value, and taken', async () => {
  const rules = ['*/60 * * * *', '0 */24 * * *', '0 0 */31 * *', '0 0 1 */12 *', '0 0 * * */7'];
  for (const cron of [...rules, '0-30/31 * * * *', '0 0 * Jan-DEC/2 SUN-sat/3', '5,5,5 * * * 7']) {
    world().when(web, 'schedule.cron', { to: 'api', text: 'x', cron }).thenEvent({ cron });
  }
});

t.test('what is no rule is refused with the part that is wrong', async () => {
  const wrong = {
    '*/0 * * * *': /step of 0/,
    '30-10 * * * *': /runs backwards/,
    '* * * * fri-mon': /runs backwards/,
    '5/15 * * * *': /steps from one value; write a range, or \*\/15/,
    '60 * * * *': /not between 0 and 59/,
    '* 24 * * *': /hour field is not between 0 and 23/,
    '* * 0 * *': /day field is not between 1 and 31/,
    '* * * 13 *': /month field/,
    '* * * * 8': /weekday field is not between 0 and 7/,
    '* * L * *': /not known here/,
    '* * LW * *': /not known here/,
    '* * 15W * *': /not known here/,
    '* * * * 5#2': /not known here/,
    '* * * * friL': /not known here/,
    '? * * * *': /not known here/,
    'H/15 * * * *': /not known here/,
    '* * * mon *': /is no value/,
    '* * * january *': /is no value/,
    '1,,2 * * * *': /is no value/,
    '* * * * * *': /has 6 fields, not five/,
    '*': /has 1 field, not five/,
    '@reboot': /"@reboot" is no rule; use @hourly/,
    '@Daily': /no rule/,
    'every day at nine': /has 4 fields/,
  };
  for (const [cron, says] of Object.entries(wrong)) refusedAs(cron, 'invalid', says);
});

t.test('a day that no calendar has is told from a mistake', async () => {
  for (const cron of ['0 0 30 2 *', '0 0 31 apr,jun *']) {
    refusedAs(cron, 'schedule_never_fires', /No calendar has such a day/);
  }
});

t.test('a rule that was taken before steps were bounded goes on as it did', async t => {
  t.equal(nextFire({ cron: '*/90 * * * *', zone: 'UTC' }, 1), 3_600_000);
});
