// Jobs from PROTOCOL.md alone: handed over, claimed, lost and taken up again, cancelled, retried.
import { type Test, test } from 'tap';
import { connect, join, openBroker, openBrokers, type Person } from '../dsl/live-broker.js';
import { type Fields, refusedBy, uuid } from '../dsl/raw-client.js';

async function refused(t: Test, answer: Promise<unknown>, name: string, code: number) {
  const { code: number, data, message } = await refusedBy(answer);
  t.match([data.refusal, number, data.retry], [name, code, false], message);
  t.match(message, /^\S.{15,}[.…]$/s, 'a sentence');
  return data;
}

async function people(t: Test) {
  const house = await openBroker(t);
  const web = await join(t, house, 'web');
  const api = await join(t, house, 'api');
  const db = await join(t, house, 'db');
  for (const one of [web, api]) await one.takeInbox();
  return { house, web, api, db };
}

/** Makes a job; its id. */
async function make(who: Person, params: Fields = {}): Promise<string> {
  return String((await who.guest.command('job.create', { title: 'a job', ...params })).job);
}

const claim = (who: Person, params: Fields = {}) => who.guest.command('job.claim', params);

function finish(who: Person, job: unknown, attempt: unknown, more: Fields = {}) {
  const done = { job, attempt, outcome: 'completed', summary: 'done' };
  return who.guest.command('job.finish', { ...done, ...more });
}

async function listed(who: Pick<Person, 'guest'>, params: Fields = {}): Promise<unknown[]> {
  const { rows } = await who.guest.call<{ rows: Fields[] }>('job.list', params);
  return rows.map(({ job }) => job);
}

test('a job is handed over, claimed, carried on and finished', async t => {
  const { web, api, db } = await people(t);
  const attachments = [{ name: 'trace', text: 'boom' }];
  const words = { title: 'fix the login', body: 'it fails at night', attachments };
  const job = await make(web, { ...words, to: 'api', owner: 'web', correlation: 'issue 7' });
  t.match(await api.item(job), {
    kind: 'job',
    from: web.peer,
    from_name: 'web',
    text: 'fix the login\nit fails at night',
    attachments,
  });
  const claimed = await claim(api);
  t.match(claimed, { verdict: 'applied', job, attempt: 1, lease_until: Number });
  t.match(claimed.row, { job, number: 1, state: 'claimed', worker: api.peer, circle: 'default' });
  t.notOk('handoff' in claimed, 'nobody tried before');
  const update = { job, attempt: 1, phase: 'tests', progress: 0.5, note: 'it is the cookie' };
  const updated = await api.guest.command('job.update', update);
  t.ok(Number(updated.lease_until) >= Number(claimed.lease_until), 'the lease is renewed');
  t.match(await db.guest.call('job.get', { job }), { state: 'running', ...words, progress: 0.5 });
  for (const state of ['awaiting_input', 'blocked', 'running']) {
    await api.guest.command('job.update', { job, attempt: 1, state });
    t.match(await web.guest.call('job.get', { job }), { state });
  }
  const artifacts = [{ name: 'a.patch', path: '/tmp/a.patch', size: 7 }];
  await finish(api, job, 1, { summary: 'a typo', result: { lines: [1, 2] }, artifacts });
  t.match(await web.item(job), {
    kind: 'job',
    from: api.peer,
    outcome: 'completed',
    text: 'completed: fix the login\na typo',
    attachments: artifacts,
  });
  t.match(await web.guest.call('job.get', { job }), {
    state: 'completed',
    summary: 'a typo',
    result: { lines: [1, 2] },
    artifacts,
    correlation: 'issue 7',
    attempts: [{ attempt: 1, by: api.peer, state: 'completed', note: 'it is the cookie' }],
  });
  const { items } = await api.guest.call<{ items: Fields[] }>('inbox.read');
  t.strictSame(items, [], 'the worker’s item went with its claim');
});

test('a lost lease hands the job on, with what is known of it', async t => {
  const { house, web, api, db } = await people(t);
  const job = await make(web, { lease_s: 3, attempts_max: 2 });
  await claim(api, { job });
  await api.guest.command('job.update', { job, attempt: 1, progress: 0.25, note: 'half way' });
  const watcher = await connect(t, house);
  await watcher.call('log.observe', { from: 'start', filter: { types: ['job.lapsed'] } });
  await watcher.hear('log.records', ({ records }) => (records as unknown[]).length > 0);
  const again = await claim(db);
  t.match(again, { job, attempt: 2, handoff: { text: /half way/ } });
  t.match(again.handoff, { attempts: [{ attempt: 1, by: api.peer, progress: 0.25 }] });
  await refused(t, finish(api, job, 1), 'lease_stale', -32004);
  await refused(t, finish(api, job, 0), 'lease_stale', -32004);
  t.match(await web.item(job), { text: /^failed: a job\nAttempt 2 of 2 was the last/ });
  t.match(await web.guest.call('job.get', { job }), { state: 'failed' });
  await web.guest.command('job.retry', { job });
  t.match(await claim(api), { job, attempt: 3, row: { attempts_max: 4 } });
  await finish(api, job, 3);
  t.match(await web.guest.call('job.get', { job }), { state: 'completed', error: undefined });
});

test('a job begins when it is due, and expires at its deadline', async t => {
  const { web, api } = await people(t);
  const later = await make(web, { to: 'api', due_at: '1s' });
  t.match(await web.guest.call('job.get', { job: later }), { state: 'scheduled' });
  await refused(t, claim(api, { job: later }), 'job_state', -32004);
  t.match(await api.item(later), { kind: 'job' });
  t.match(await claim(api), { job: later, attempt: 1 });
  const short = await make(web, { to: 'api', deadline_at: 'in 1s' });
  await claim(api, { job: short });
  t.match(await web.item(short), { text: /^expired: a job/, outcome: 'expired' });
  await api.guest.hear('inbox.item', ({ ref, kind }) => ref === short && kind === 'system');
  await refused(t, finish(api, short, 1), 'job_state', -32004);
});

test('what makes no job is refused, each for its reason', async t => {
  const { web, db } = await people(t);
  const bad = (params: Fields, name: string, code: number) =>
    refused(t, web.guest.command('job.create', { title: 'x', ...params }), name, code);
  await bad({ due_at: 1_000 }, 'invalid', -32602);
  await bad({ due_at: '2h', deadline_at: '1h' }, 'invalid', -32602);
  await bad({ due_at: 'whenever' }, 'invalid', -32602);
  await bad({ recurrence: { cron: 'whenever' } }, 'invalid', -32602);
  await bad({ recurrence: { cron: '@daily', zone: 'Nowhere' } }, 'invalid', -32602);
  await bad({ recurrence: { cron: '0 0 31 4 *' } }, 'schedule_never_fires', -32004);
  await bad({ attempts_max: 0 }, 'invalid', -32602);
  await bad({ colour: 'red' }, 'invalid', -32602);
  await bad({ body: 'x'.repeat(200_000) }, 'too_large', -32005);
  const near = await bad({ to: 'apis' }, 'peer_unknown', -32003);
  t.match(near.candidates, [{ name: 'api' }]);
  await bad({ owner: 'nobody' }, 'peer_unknown', -32003);
  await db.guest.command('peer.leave');
  await bad({ to: db.peer }, 'peer_retired', -32004);
});

test('what may not be done to a job is refused, each for its reason', async t => {
  const { web, api, db } = await people(t);
  const command = (who: Person, method: string, params: Fields) =>
    who.guest.command(`job.${method}`, params);
  const unknown = `job_${uuid()}`;
  for (const method of ['claim', 'retry']) {
    await refused(t, command(web, method, { job: unknown }), 'job_unknown', -32003);
  }
  await refused(t, finish(web, unknown, 1), 'job_unknown', -32003);
  await refused(t, web.guest.call('job.get', { job: unknown }), 'job_unknown', -32003);
  const both = { job: unknown, kind: 'lint' };
  await refused(t, command(web, 'claim', both), 'invalid', -32602);
  const job = await make(web, { to: 'api' });
  await refused(t, claim(db, { job }), 'not_yours', -32002);
  await refused(t, command(db, 'cancel', { job, reason: 'r' }), 'not_yours', -32002);
  await claim(api);
  const state = await refused(t, claim(api, { job }), 'job_state', -32004);
  t.equal(state.state, 'claimed');
  await refused(t, command(web, 'retry', { job }), 'job_state', -32004);
  await refused(t, command(db, 'update', { job, attempt: 1 }), 'not_yours', -32002);
  const stale = await refused(t, finish(db, job, 2), 'lease_stale', -32004);
  t.equal(stale.attempt, 1, 'it is told which attempt is the newest');
  const big = { result: { text: 'x'.repeat(70_000) } };
  await refused(t, finish(api, job, 1, big), 'too_large', -32005);
  const note = 'x'.repeat(5_000);
  await refused(t, command(api, 'update', { job, attempt: 1, note }), 'too_large', -32005);
  await finish(api, job, 1);
  const over = await refused(t, finish(api, job, 1), 'job_state', -32004);
  t.equal(over.state, 'completed');
  await refused(t, command(web, 'cancel', { job, reason: 'r' }), 'job_state', -32004);
  await refused(t, command(web, 'retry', { job }), 'job_state', -32004);
  await web.guest.command('usage.budget', { peer: api.peer, tokens_per_day: 1 });
  const usage = { model: 'm', input_tokens: 1, output_tokens: 1 };
  await api.guest.command('peer.turn', { state: 'idle', usage });
  await make(web);
  await refused(t, claim(api), 'budget_spent', -32004);
});

test('a token bound to a circle finds nothing of other circles’ jobs', async t => {
  const { house, web } = await people(t);
  const made = await web.guest.command('token.create', {
    name: 'red-only',
    circles: ['red'],
    roles: ['agent', 'orchestrator'],
    verbs: ['observe', 'speak'],
  });
  const credential = String(made.secret);
  const as = { credential, circle: 'red', role: 'orchestrator' };
  const red = await join(t, house, 'red', as);
  const job = await make(web);
  const never = `job_${uuid()}`;
  for (const each of [job, never]) {
    const told = (answer: Promise<unknown>) => refused(t, answer, 'job_unknown', -32003);
    await told(red.guest.call('job.get', { job: each }));
    await told(claim(red, { job: each }));
    await told(finish(red, each, 1));
    await told(red.guest.command('job.cancel', { job: each, reason: 'r' }));
    await told(red.guest.command('job.retry', { job: each }));
  }
  await refused(t, claim(red), 'job_unknown', -32003);
  t.strictSame(await listed(red, { circle: '*' }), []);
  const wide = red.guest.call('job.list', { circle: 'default' });
  await refused(t, wide, 'circle_forbidden', -32002);
  const there = red.guest.command('job.create', { title: 'x', circle: 'default' });
  await refused(t, there, 'circle_forbidden', -32002);
  const own = await make(red);
  t.strictSame(await listed(red), [own]);
});

test('over two brokers a job is claimed once, and a repeat is answered alike', async t => {
  const { brokers } = await openBrokers(t, 2);
  const web = await join(t, brokers[0]!, 'web');
  const workers = await Promise.all(brokers.map((house, n) => join(t, house, `worker${n}`)));
  for (let n = 0; n < 10; n++) {
    const job = await make(web);
    // Both brokers know the job, so neither refuses for being behind.
    for (const one of workers) await one.guest.call('job.get', { job });
    const ids = workers.map(() => uuid());
    const ends = await Promise.allSettled(
      workers.map((one, i) => one.guest.call('job.claim', { id: ids[i], job })),
    );
    const answers = ends.map(end => (end.status === 'fulfilled' ? end.value : { verdict: 'no' }));
    const winners = answers.filter(({ verdict }) => verdict === 'applied');
    t.equal(winners.length, 1, JSON.stringify(answers));
    const winner = answers.indexOf(winners[0]!);
    const elsewhere = await connect(t, brokers[1 - winner]!, {
      credential: workers[winner]!.credential,
    });
    const repeated = await elsewhere.call('job.claim', { id: ids[winner], job });
    t.strictSame(repeated, winners[0], 'also on the other broker');
    await finish(workers[winner]!, job, 1);
  }
});
