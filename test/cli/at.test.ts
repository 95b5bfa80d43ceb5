// Looking back at a shell: what there was at a time or position, in the tables of the other verbs.
import t from 'tap';
import { readPast } from '../../client/terminal/when.js';
import { liveViews } from '../../schemas/view.js';
import { join, openBroker } from '../dsl/live-broker.js';
import { inside } from './inside.js';

const house = await openBroker(t, { durability: 'os' });
const ada = await inside(t, house, 'ada');
const bob = await inside(t, house, 'bob');
await ada.ok(['join']);
await bob.ok(['join']);
const asked = (await ada.json(['ask', 'bob', 'freeze main?'])) as { ask: string; position: number };
const replied = (await bob.json(['reply', asked.ask, 'yes, freeze'])) as { position: number };
const made = (await ada.json(['job', 'create', 'fix login'])) as { job: string; position: number };
await ada.ok(['job', 'cancel', made.job, 'no more']);

t.test('what was open then is shown as it was then, with where that stands', async t => {
  const then = await ada.run(['at', `${asked.position}`, 'asks']);
  t.match(
    then.stdout,
    /ASK +FROM +TO +OPENED +STATE[^\n]*\n\w+ +ada +bob +just now +open .*freeze/,
  );
  t.match(then.stderr, new RegExp(`as of \\d{4}-.*, position ${asked.position}\n`));
  const later = await ada.run(['at', `@${replied.position}`, 'asks']);
  t.match(later, { code: 0, stdout: '', stderr: /no asks then; see also --all/ });
  t.match(await ada.ok(['at', `${replied.position}`, 'asks', '--all']), /replied/);
  t.match(await ada.ok(['at', '0s', 'jobs', '--all']), /cancelled .*fix login/);
  t.match(await ada.ok(['at', `${made.position}`, 'jobs']), /queued .*fix login/);
});

t.test('scripts are told the rows with position and time, and may pick by a column', async t => {
  const { rows, position, time } = (await ada.json([
    ...['at', `${replied.position}`, 'asks', '--all', '--where', 'state=closed'],
    ...['--where', 'state=open'],
  ])) as { rows: object[]; position: number; time: number };
  t.match(rows, [{ ask: asked.ask, state: 'closed', from_name: 'ada', to_name: 'bob' }]);
  t.equal(position, replied.position);
  t.ok(Math.abs(time - Date.now()) < 600_000);
  const none = await ada.run(['at', `${position}`, 'asks', '--where', 'state=open', '--json']);
  t.match(JSON.parse(none.stdout), { rows: [], position });
  const lines = await ada.ok(['at', `${asked.position}`, 'inbox', '--all', '--jsonl']);
  t.match(JSON.parse(lines), { name: 'bob', kind: 'ask', ref: asked.ask });
});

t.test('every view has a table, also of a moment before there was anything', async t => {
  for (const what of liveViews) {
    t.match(await ada.run(['at', '0s', what, '--all']), { code: 0 }, what);
    const before = await ada.run(['at', '400d', what, '--json']);
    t.match(JSON.parse(before.stdout), { rows: [], position: 0, time: 0 }, what);
  }
});

t.test('what is no moment of the past, no view and no column is told', async t => {
  const refused = { code: 2, stdout: '' };
  t.match(await ada.run(['at', 'tomorrow', 'peers']), {
    ...refused,
    stderr: /no time that has passed/,
  });
  t.match(await ada.run(['at', 'once', 'peers']), { ...refused, stderr: /yesterday 18:00/ });
  t.match(await ada.run(['at', '1h', 'houses']), { ...refused, stderr: /Allowed choices/ });
  t.match(await ada.run(['at', '1h', 'peers', '--where', 'x=1']), {
    ...refused,
    stderr: /columns: /,
  });
  const ahead = await ada.run(['at', '99999999999', 'peers']);
  t.match(ahead, { stdout: '', stderr: /the log ends at commit/ });
  t.not(ahead.code, 0);
});

t.test('what happened is shown once more, at the speed asked for', async t => {
  const place = [`--from=${asked.position}`, `--to=${made.position}`, '--speed', 'max'];
  const { stdout } = await ada.run(['replay', ...place]);
  t.match(stdout, /ada → bob .*freeze main\?.*yes, freeze.*fix login\n$/s);
  const lines = (await ada.ok(['replay', ...place, '--jsonl'])).trim().split('\n');
  t.equal(JSON.parse(lines[0]!).position, asked.position);
  t.equal(JSON.parse(lines.at(-1)!).position, made.position);
  const none = await ada.run(['replay', '--from', '2020-01-01', '--to', '2020-01-02']);
  t.match(none, { code: 0, stdout: '', stderr: /nothing happened then/ });
  for (const wrong of [
    ['--from', 'tomorrow'],
    ['--from', '1h', '--speed', '0x'],
    ['--from', '1h', '--max-gap', 'x'],
    [],
  ]) {
    t.match(await ada.run(['replay', ...wrong]), { code: 2, stdout: '' }, wrong.join(' '));
  }
  const served = await ada.run(['replay', '--from', 'start', '--serve', '--data', '/nowhere']);
  t.match(served, { stdout: '', stderr: /there is no log .*--data or --mesh/s });
});

t.test('more rows than an answer holds are asked for page by page, at one position', async t => {
  const text = 'x'.repeat(20_000);
  const eve = await join(t, house, 'eve');
  for (let n = 0; n < 40; n++) {
    await eve.guest.command('job.create', { title: `job ${n}`, body: text });
  }
  const { rows } = (await ada.json(['at', '0s', 'jobs'])) as { rows: { job: string }[] };
  const listed = (await ada.rows(['job', 'list'])) as { job: string }[];
  const ids = (of: { job: string }[]) => of.map(({ job }) => job).sort();
  t.equal(rows.length, 40);
  t.strictSame(ids(rows), ids(listed));
});

t.test('a time that has passed is the last of its kind', async t => {
  const now = Date.parse('2026-10-23T15:30:00+02:00');
  const readings: [string, string | undefined][] = [
    ['2h', '2026-10-23T13:30:00+02:00'],
    ['90 minutes ago', '2026-10-23T14:00:00+02:00'],
    ['15:30', '2026-10-23T15:30:00+02:00'],
    ['18:00', '2026-10-22T18:00:00+02:00'],
    ['6pm', '2026-10-22T18:00:00+02:00'],
    ['yesterday', '2026-10-22T00:00:00+02:00'],
    ['yesterday 18:00', '2026-10-22T18:00:00+02:00'],
    ['today 09:00', '2026-10-23T09:00:00+02:00'],
    ['tue', '2026-10-20T00:00:00+02:00'],
    ['friday', '2026-10-23T00:00:00+02:00'],
    ['friday UTC', '2026-10-23T02:00:00+02:00'],
    ['tue noon', '2026-10-20T12:00:00+02:00'],
    ['today', '2026-10-23T00:00:00+02:00'],
    ['last friday 18:00', '2026-10-16T18:00:00+02:00'],
    ['24 dec 18:00', '2025-12-24T18:00:00+01:00'],
    ['feb 29', '2024-02-29T00:00:00+01:00'],
    ['2026-03-09T07:00', '2026-03-09T07:00:00+01:00'],
    ['now', '2026-10-23T15:30:00+02:00'],
    ['today 18:00', undefined],
    ['tomorrow', undefined],
    ['2027-01-01', undefined],
    ['yesterday 25:00', undefined],
    ['soon', undefined],
  ];
  for (const [text, meant] of readings) {
    const ms = readPast(text, now, 'Europe/Berlin');
    t.equal(ms, meant === undefined ? undefined : Date.parse(meant), text);
  }
});
