// The handoff: what a new worker is told of the attempts before its own.
import t from 'tap';
import { limits } from '../../../schemas/limits.js';
import { api, db, joins, leaves, web } from '../../dsl/events.js';
import * as j from '../../dsl/events-jobs.js';
import { jobNo } from '../../dsl/events-jobs.js';
import { given, later } from '../../dsl/given.js';

const three = [joins(web), joins(api), joins(db)];

t.test('a new worker reads who tried, how far it came, what it noted and why it ended', async t => {
  const world = given(
    t,
    ...three,
    j.makesJob(1, web, { title: 'fix the login' }),
    j.claims(api, 1),
    later(60_000),
    j.updates(api, 1, 1, { note: 'it is the cookie', phase: 'search', progress: 0.25 }),
    j.updates(api, 1, 1, { note: 'no, the session', phase: 'tests', progress: 0.4 }),
    later(300_000),
    j.lapses(1),
    j.claims(db, 1),
    later(5_000),
    leaves(db),
  );
  const text = [
    'Job 1: fix the login',
    '2 earlier attempts; go on from where the last one stopped.',
    '1. api, 6 min, 40 % done, in phase "tests", lapsed: its lease ran out',
    '   - it is the cookie',
    '   - no, the session',
    '2. db, 5 s, lapsed: db has left',
  ].join('\n');
  const attempts = [
    {
      attempt: 1,
      by: api.peer,
      state: 'lapsed',
      phase: 'tests',
      progress: 0.4,
      note: 'no, the session',
      notes: ['it is the cookie'],
    },
    { attempt: 2, by: db.peer },
  ];
  t.match(world.when(api, 'job.claim', {}).told(), { handoff: { text, attempts } });
});

t.test('a first worker is handed nothing', async t => {
  given(t, ...three, j.makesJob(1, web))
    .when(api, 'job.claim', {})
    .thenAnswer({ handoff: undefined });
});

t.test('of many notes the newest are kept, over all attempts', async t => {
  const note = (n: number) => `note ${n} ${'x'.repeat(100)}`;
  const world = given(t, ...three, j.makesJob(1, web, { attempts_max: 9 }));
  let count = 0;
  for (let attempt = 1; attempt <= 3; attempt++) {
    world.and(j.claims(api, 1));
    for (let n = 0; n < 12; n++) world.and(j.updates(api, 1, attempt, { note: note(count++) }));
    world.and(later(300_000), j.lapses(1, attempt));
  }
  const attempts = world.mesh.table.jobs.get(jobNo(1))!.attempts;
  const kept = attempts.flatMap(({ notes = [] }) => notes);
  t.equal(kept.length, limits.job_notes_items);
  t.equal(kept.at(-1), note(34), 'the newest but the one that stands apart');
  t.equal(attempts.at(-1)?.note, note(35));
  t.same(
    attempts.map(each => each.note),
    [11, 23, 35].map(note),
    'the last word of each attempt stays',
  );
});

t.test('the brief has its bound, and drops the oldest attempts first', async t => {
  const world = given(t, ...three, j.makesJob(1, web, { attempts_max: 100 }));
  for (let attempt = 1; attempt <= 12; attempt++) {
    const note = `${attempt}`.repeat(1_000).slice(0, 1_000);
    world.and(j.claims(api, 1), j.updates(api, 1, attempt, { note }), later(300_000));
    world.and(j.lapses(1, attempt));
  }
  const told = world.when(db, 'job.claim', {}).told();
  const text = String((told?.handoff as { text?: string })?.text);
  t.ok(text.length <= limits.job_handoff_chars);
  t.match(text, /^Job 1: job 1\n12 earlier attempts/);
  t.match(text, /\n12\. api/);
  t.notMatch(text, /\n1\. api/);
});
