// What is said later: schedules made, shown, paused and ended at the command line.
import t from 'tap';
import { openBroker } from '../dsl/live-broker.js';
import { inside } from './inside.js';

type Row = Record<string, unknown>;

const house = await openBroker(t, { durability: 'os' });
const [ada, bob] = await Promise.all([inside(t, house, 'ada'), inside(t, house, 'bob')]);
for (const person of [ada, bob]) await person.ok(['join']);

const scheduleIn = (text: string) => /schedule (\S+) to/.exec(text)?.[1] ?? '';

t.test('an ask at a time comes at it, and its schedule is done', async t => {
  const made = await ada.ok(['schedule', 'at', '3s', 'bob', 'still', 'there?', '--ask']);
  t.match(made, /^schedule [0-9a-f]{6} to bob: (in \d s|just now)\n$/);
  t.match(await bob.ok(['inbox', '--wait', '10m']), /ask from ada .*by schedule \S+\n {4}still/);
  const shown = await ada.ok(['schedule', 'show', scheduleIn(made)]);
  t.match(shown, /state +done\nby +ada, .*\nto +bob \(ask\)\nat +2\d{3}-/);
  t.match(
    shown,
    /so far +1 fired, 0 skipped\n\nstill there\?\n\n2\d{3}-\S+ \S+ \S+ fired \(\S+\)\n/,
  );
  t.equal(await ada.ok(['schedule', 'list']), '', 'it is over');
  t.match(await ada.ok(['schedule', 'list', '--all']), /done .*fired .*still there\?/);
});

t.test('a time on the wall is one of this machine, or of the zone beside it', async t => {
  const made = (await ada.json(['schedule', 'at', '2030-03-09 07:00 UTC', 'bob', 'x'])) as Row;
  t.equal(made.next_at, Date.UTC(2030, 2, 9, 7));
  t.match(await ada.run(['schedule', 'at', 'soon', 'bob', 'x']), { code: 2, stderr: /tomorrow/ });
  t.match(await ada.run(['schedule', 'at', '1h', 'carol', 'x']), { code: 5, stderr: /peers/ });
  t.match(await ada.run(['schedule', 'at', '1h', 'bob']), { code: 2, stderr: /no text/ });
});

t.test('a rule is kept with its zone, paused, resumed and cancelled', async t => {
  const how = ['--zone', 'Europe/Berlin', '--catch-up', 'all', '--until', '2099-01-01'];
  const rule = ['schedule', 'cron', '0 9 * * 1-5', 'bob', 'stand up', '--overlap', 'allow'];
  const id = scheduleIn(await ada.ok([...rule, ...how]));
  const row = (await ada.json(['schedule', 'show', id])) as Row;
  t.match(row, {
    state: 'active',
    cron: '0 9 * * 1-5',
    zone: 'Europe/Berlin',
    catch_up: 'all',
    overlap: 'allow',
    history: [],
  });
  t.equal((row.upcoming as number[]).length, 5);
  t.match(await ada.ok(['schedule', 'show', id]), /\nnext +2\S+ \S+ \S+ \(.*\)\n {8,}2/);
  t.match(await bob.ok(['schedule', 'list']), /ada +bob +notify +active .*0 9 \* \* 1-5/);
  t.match(await ada.ok(['schedule', 'pause', id]), /^paused \S+\n$/);
  t.match(await ada.ok(['schedule', 'list']), /paused/);
  t.match(await ada.ok(['schedule', 'resume', id]), /^resumed \S+: \S+/);
  t.match(await ada.ok(['schedule', 'cancel', id]), /^cancelled \S+\n$/);
  t.match(await ada.json(['schedule', 'show', id]), { state: 'cancelled' });
  t.not((await ada.run(['schedule', 'pause', id])).code, 0);
  t.match(await ada.run(['schedule', 'show', 'ffffff']), { code: 5, stderr: /schedule list/ });
  const never = ['schedule', 'cron', '0 0 30 2 *', 'bob', 'never'];
  t.match(await ada.run(never), { code: 6, stderr: /no calendar has such a day/ });
  t.match(await ada.run(['schedule', 'cron', 'x', 'bob', 'y']), { code: 2 });
});

t.test('oneself is woken once or by a rule, and others do not see it as theirs', async t => {
  t.match(await bob.ok(['schedule', 'self', '--at', '2h', 'look']), /to yourself: in 2 h\n$/);
  t.match(await bob.ok(['schedule', 'self', '--cron', '@daily', 'look', 'again']), /to yourself/);
  const mine = (await bob.rows(['schedule', 'list'])) as Row[];
  t.same(mine.map(({ by, to }) => by === to).filter(Boolean), [true, true]);
  t.notMatch(await ada.ok(['schedule', 'list']), /look again/);
  t.match(await ada.ok(['schedule', 'list', '--others']), /bob +bob +notify .*look again/);
  t.match(await bob.run(['schedule', 'self', 'x']), { code: 2, stderr: /--at/ });
  const both = ['schedule', 'self', 'x', '--at', '1h', '--zone', 'UTC'];
  t.match(await bob.run(both), { code: 2, stderr: /--cron/ });
});
