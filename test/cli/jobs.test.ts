// Ada hands over work, Bob does it: every verb of jobs, their tables and their ends.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openBroker } from '../dsl/live-broker.js';
import { inside } from './inside.js';

type Row = Record<string, unknown>;

const house = await openBroker(t, { durability: 'os' });
const [ada, bob] = await Promise.all([inside(t, house, 'ada'), inside(t, house, 'bob')]);
for (const person of [ada, bob]) await person.ok(['join']);

const jobIn = (text: string) => /job (\S+) for/.exec(text)?.[1] ?? '';
const brief = 'It fails on Mondays.\nSee the log.\n';

t.test('without a job there is none to claim: 5 at once, 124 after a wait', async t => {
  t.match(await bob.run(['job', 'claim']), { code: 5, stdout: '', stderr: /--wait/ });
  const late = await bob.run(['job', 'claim', '--kind', 'fix', '--wait', '0.1s']);
  t.match(late, { code: 124, stdout: '', stderr: /no job came/ });
  t.match(await ada.run(['job', 'list']), { code: 0, stdout: '' });
});

t.test('a job is made with all that is known of it, and found by its number or id', async t => {
  await writeFile(join(ada.home, 'brief.md'), '# Brief\n');
  const when = ['--due', '3s', '--deadline', '2d', '--lease', '10m', '--attempts', '5'];
  const how = ['--kind', 'fix', '--owner', 'me', '--correlation', 'issue 7'];
  const made = await ada.ok(
    ['job', 'create', 'Fix', 'the login', '--to', 'bob', '--body', '-'].concat(when, how, [
      '--attach',
      'brief.md',
      '--inline',
    ]),
    brief,
  );
  t.match(made, /^job [0-9a-f]{6} for bob\n$/);
  const row = (await ada.json(['job', 'show', '1'])) as Row;
  t.match(row, {
    number: 1,
    title: 'Fix the login',
    kind: 'fix',
    body: brief.trim(),
    lease_s: 600,
    attempts_max: 5,
    correlation: 'issue 7',
    attachments: [{ name: 'brief.md', text: '# Brief\n' }],
    attempts: [],
  });
  for (const typed of ['#1', jobIn(made), String(row.job)]) {
    t.match(await ada.json(['job', 'show', typed]), { job: row.job }, typed);
  }
  t.match(await ada.run(['job', 'show', '99']), { code: 5, stderr: /no job #99/ });
  t.match(await ada.run(['job', 'show', 'ffffff']), { code: 5, stderr: /job list --all/ });
  t.match(await ada.run(['job', 'show', 'nonsense']), { code: 2, stderr: /no id of a job/ });
});

t.test('its claim shows title, brief and facts, and waits for it to be due', async t => {
  const claimed = await bob.run(['job', 'claim', '--kind', 'fix', '--wait', '10m']);
  t.match(claimed, { code: 0, stderr: /attempt 1 is yours/ });
  t.match(claimed.stdout, /^#1 Fix the login \(fix\)\njob +job_/);
  t.match(claimed.stdout, /from +ada, .*\nto +bob\nowner +ada\nworker +bob\nattempt +1 of 5\n/);
  t.match(claimed.stdout, '\n\nIt fails on Mondays.\nSee the log.\n');
  t.match(claimed.stdout, '+ brief.md (text/markdown, 8 B):\n');
});

t.test('its worker says how it goes, and no other', async t => {
  const update = ['job', 'update', '1', '--progress', '50%', '--phase', 'tests', '--note', 'half'];
  t.match(await bob.ok(update), /^updated \S+: the lease ends in 10 min\n$/);
  t.match(await ada.run(update), { code: 4, stderr: /worked on by bob/ });
  t.match(await bob.run([...update, '--attempt', '7']), { code: 6 });
  t.match(await bob.run(['job', 'update', '1', '--progress', '2']), { code: 2, stderr: /50%/ });
  const table = await ada.ok(['job', 'list']);
  t.match(table, /^# +JOB +STATE +KIND +FOR +WORKER +LEASE +WHEN +MADE +TITLE\n/);
  t.match(table, /1 +\S+ +running 50% +fix +bob +bob +10 min +by .* +Fix the login\n/);
  for (const filter of [
    ['--mine'],
    ['--state', 'running'],
    ['--kind', 'fix'],
    ['--to', 'bob'],
    ['--owner', 'me'],
  ]) {
    t.match(await ada.rows(['job', 'list', ...filter]), [{ number: 1 }], filter.join(' '));
  }
  t.same(await ada.rows(['job', 'list', '--state', 'blocked']), []);
  t.match(await ada.run(['job', 'list', '--to', 'carol']), { code: 5, stderr: /no peer carol/ });
  const awaiting = ['job', 'update', '1', '--state', 'awaiting'];
  t.match(await bob.json(awaiting), { verdict: 'applied' });
  t.match(await ada.json(['job', 'show', '1']), { state: 'awaiting_input', note: 'half' });
});

t.test('it is finished with a summary, a result and artifacts, once', async t => {
  await writeFile(join(bob.home, 'report.md'), '# Report\n');
  const finish = ['job', 'finish', '1', 'the login', 'works', '--artifact', 'report.md'];
  const both = await bob.run([...finish, '-', '--result', '-'], '{}');
  t.match(both, { code: 2, stderr: /not both/ });
  t.match(await bob.ok([...finish, '--result', '-'], '{"tests": 12}'), /^completed \S+\n$/);
  t.match(await bob.run(finish), { code: 6, stderr: /job/ });
  t.match(await ada.json(['job', 'show', '1']), {
    state: 'completed',
    summary: 'the login works',
    result: { tests: 12 },
    artifacts: [{ name: 'report.md', path: join(bob.home, 'report.md') }],
  });
  const shown = await ada.ok(['job', 'show', '1']);
  t.match(shown, /\nattempt 1 by bob, completed, [^\n]*50%, tests\n {4}half\n/);
  t.match(shown, '\n\nthe login works\n\n{\n  "tests": 12\n}\n+ report.md');
  t.match(await ada.ok(['inbox']), /job from bob/, 'its owner is told');
  t.equal(await ada.ok(['job', 'list']), '');
  t.match(await ada.ok(['job', 'list', '--all']), /1 +\S+ +completed +fix/);
});

t.test('a failed one is tried again; one that waits is cancelled', async t => {
  const job = jobIn(await ada.ok(['job', 'create', 'Clean', 'up']));
  await bob.ok(['job', 'claim', job]);
  t.match(await ada.run(['job', 'claim', job]), { code: 6 });
  const fail = ['job', 'finish', job, 'no access', '--error', 'EACCES', '--result', '-'];
  t.match(await bob.ok(fail, 'plain text'), /^failed/);
  const failed = { state: 'failed', error: 'EACCES', result: 'plain text' };
  t.match(await ada.json(['job', 'show', job]), failed);
  t.match(await ada.ok(['job', 'retry', job]), /^queued \S+ again\n$/);
  t.match(await ada.ok(['job', 'cancel', job, 'not needed']), /^cancelled/);
  t.match(await ada.json(['job', 'show', job]), { cancel: { reason: 'not needed' } });
  t.match(await ada.run(['job', 'cancel', job]), { code: 6 });
  t.match(await bob.run(['job', 'update', job]), { code: 6, stderr: /nobody works/ });
});

t.test('a worker is asked to stop, and hears of it at its next word', async t => {
  const job = jobIn(await ada.ok(['job', 'create', 'Wander']));
  await bob.ok(['job', 'claim', job]);
  t.match(await ada.ok(['job', 'cancel', job, 'enough']), /^asked the worker of \S+ to stop\n$/);
  t.match(await ada.ok(['job', 'list']), /claimed, to stop/);
  const told = await bob.run(['job', 'update', job]);
  t.match(told, { code: 0, stderr: /ada asks you to stop: enough\n/ });
  t.match(await bob.ok(['job', 'finish', job, '--failed', 'stopped']), /^cancelled/);
  t.match(await ada.json(['job', 'show', job]), { state: 'cancelled' });
});

t.test('who comes after a silent worker is told what that one left', async t => {
  const job = jobIn(await ada.ok(['job', 'create', 'Long', '--kind', 'long', '--lease', '5s']));
  await bob.ok(['job', 'claim', job]);
  await bob.ok(['job', 'update', job, '--note', 'the key is under the mat']);
  const claimed = await ada.run(['job', 'claim', job, '--wait', '10m']);
  t.match(claimed, { code: 0, stdout: /attempt +2 of 3\n[\s\S]*the key is under the mat/ });
  t.match(await bob.run(['job', 'update', job, '--attempt', '1']), { code: 6 });
  await ada.ok(['job', 'finish', job, 'found it']);
});

t.test('a recurring one keeps its rule and zone', async t => {
  const rule = ['--cron', '0 9 * * 1-5', '--zone', 'Europe/Berlin'];
  const job = jobIn(await ada.ok(['job', 'create', 'Sweep', '--kind', 'chore', ...rule]));
  const recurrence = { cron: '0 9 * * 1-5', zone: 'Europe/Berlin' };
  t.match(await ada.json(['job', 'show', job]), { state: 'scheduled', recurrence });
  t.match(await ada.ok(['job', 'show', job]), 'recurs   0 9 * * 1-5 (Europe/Berlin)');
  t.match(await ada.ok(['job', 'list']), /scheduled +chore .*due /);
  t.match(await ada.run(['job', 'create', 'x', '--zone', 'UTC']), { code: 2, stderr: /--cron/ });
  const never = ['job', 'create', 'x', '--cron', '0 0 30 2 *'];
  t.match(await ada.run(never), { code: 6, stderr: /no calendar has such a day/ });
  t.match(await ada.run(['job', 'claim', job, '--kind', 'x']), { code: 2, stderr: /not both/ });
});
