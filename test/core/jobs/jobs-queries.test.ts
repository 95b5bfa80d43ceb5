// Reading jobs: who sees which, in pages that hold still, also those that only the log still knows.
import t from 'tap';
import { limits } from '../../../schemas/limits.js';
import { OPERATOR } from '../../../schemas/uuid.js';
import * as p from '../../dsl/events.js';
import { api, db, far, joins, orch, person, tokenNo, web } from '../../dsl/events.js';
import * as j from '../../dsl/events-jobs.js';
import { jobNo } from '../../dsl/events-jobs.js';
import { given, later } from '../../dsl/given.js';
import { reads, type World } from '../../dsl/reads.js';

/** Bound by token 91 to the circle "elsewhere". */
const bound = person('bound', { circle: 'elsewhere', token: tokenNo(91) });
const binding = p.makesToken(91, { circles: ['elsewhere'] });
const everybody = [binding, joins(web), joins(api), joins(db), joins(far), joins(bound)];

interface Page {
  rows: { number: number }[];
  next?: string;
}

/** The numbers of all the jobs that are listed, page by page. */
async function listed(world: World, who: p.Person | string, params: object = {}) {
  const numbers: number[] = [];
  let next: string | undefined;
  do {
    const after = next === undefined ? {} : { after: next };
    const page = (await reads(world, who, 'job.list', { ...params, ...after })) as unknown as Page;
    numbers.push(...page.rows.map(({ number }) => number));
    next = page.next;
  } while (next !== undefined);
  return numbers;
}

const some = [
  j.makesJob(1, web, { kind: 'lint' }),
  j.assigns(2, web, api, { owner: db.peer }),
  j.makesJob(3, far),
  j.assigns(4, web, far),
  j.makesJob(5, api),
  j.claims(api, 1),
  j.finishes(api, 1),
];

t.test('a list is of one’s circle and what one takes part in, the newest first', async t => {
  const world = given(t, ...everybody, joins(orch), ...some);
  t.same(await listed(world, web), [5, 4, 2, 1]);
  t.same(await listed(world, api), [5, 2, 1]);
  t.same(await listed(world, far), [4, 3]);
  t.same(await listed(world, orch), [5, 4, 3, 2, 1], 'an orchestrator looks everywhere');
  t.same(await listed(world, OPERATOR), [5, 4, 3, 2, 1], 'so does a bare token');
  t.same(await listed(world, web, { circle: 'elsewhere' }), [4, 3]);
  t.same(await listed(world, web, { circle: '*' }), [5, 4, 3, 2, 1]);
});

t.test('a list is narrowed by state, kind, owner and who is to do it', async t => {
  const world = given(t, ...everybody, ...some);
  t.same(await listed(world, web, { state: 'completed' }), [1]);
  t.same(await listed(world, web, { state: 'queued' }), [5, 4, 2]);
  t.same(await listed(world, web, { kind: 'lint' }), [1]);
  t.same(await listed(world, web, { owner: 'db' }), [2]);
  t.same(
    await listed(world, web, { owner: 'web' }),
    [4, 1],
    'its maker owns what nobody else does',
  );
  t.same(await listed(world, web, { to: 'api' }), [2]);
  t.same(await listed(world, web, { to: far.peer }), [4]);
  t.same(await listed(world, OPERATOR, { to: 'far', circle: 'elsewhere' }), [4]);
  t.match(await reads(world, web, 'job.list', { owner: 'nobody' }), { refusal: 'peer_unknown' });
  t.match(await reads(world, web, 'job.list', { to: 'nobody' }), { refusal: 'peer_unknown' });
});

t.test('pages hold still while jobs change', async t => {
  const world = given(t, ...everybody, ...some);
  const page = async (after?: string) =>
    (await reads(world, OPERATOR, 'job.list', {
      max: 2,
      ...(after && { after }),
    })) as unknown as Page;
  const first = await page();
  world.and(j.retries(web, 1), j.cancels(web, 2), j.makesJob(6, web));
  const second = await page(first.next);
  const third = await page(second.next);
  const numbers = [first, second, third].flatMap(({ rows }) => rows.map(row => row.number));
  t.same(numbers, [5, 4, 3, 2, 1]);
  t.equal(third.next, undefined);
});

t.test('one job is shown with its attempts and its result, to who may see it', async t => {
  const world = given(t, ...everybody, ...some);
  const whole = await reads(world, web, 'job.get', { job: jobNo(1) });
  t.match(whole, { state: 'completed', summary: 'done', worker: api.peer, number: 1 });
  t.match(whole, { attempts: [{ attempt: 1, by: api.peer, state: 'completed' }] });
  t.notOk(Object.values(whole ?? {}).includes(undefined), 'no key is undefined');
  t.notOk(Object.hasOwn(whole ?? {}, 'tries'), 'what is ours stays here');
  const unknown = { refusal: 'job_unknown' };
  t.match(await reads(world, bound, 'job.get', { job: jobNo(1) }), unknown);
  t.match(await reads(world, bound, 'job.get', { job: jobNo(9) }), unknown);
  t.match(await reads(world, bound, 'job.get', { job: jobNo(3) }), { state: 'queued' });
  const refused = { refusal: 'circle_forbidden' };
  t.match(await reads(world, bound, 'job.list', { circle: 'default' }), refused);
  t.same(await listed(world, bound, { circle: '*' }), [4, 3]);
});

t.test('who takes part sees a job in whatever circle', async t => {
  const world = given(t, ...everybody, j.assigns(1, web, api, { owner: bound.peer }));
  t.match(await reads(world, bound, 'job.get', { job: jobNo(1) }), { state: 'queued' });
  t.same(await listed(world, bound), [1]);
});

/** So many jobs end with so much text that the first of them leave the table. */
function crowded(world: World): number {
  const body = 'x'.repeat(limits.text_bytes);
  const count = Math.ceil(limits.jobs_ended_chars / limits.text_bytes) + 3;
  for (let n = 100; n < 100 + count; n++) {
    const more = { body, kind: n % 2 ? 'odd' : 'even' };
    world.and(j.makesJob(n, web, more), j.cancels(web, n));
  }
  return count;
}

t.test('a job that only the log still knows is read back as it was', async t => {
  const world = given(t, ...everybody, j.makesJob(1, web), j.claims(api, 1), later(1_000));
  world.and(j.updates(api, 1, 1, { note: 'n' }), j.finishes(api, 1, 1, { result: { a: 1 } }));
  const before = await reads(world, web, 'job.get', { job: jobNo(1) });
  const count = crowded(world);
  t.equal(world.mesh.table.jobs.get(jobNo(1)), undefined, 'it has left the table');
  t.strictSame(await reads(world, web, 'job.get', { job: jobNo(1) }), before);
  const unknown = { refusal: 'job_unknown' };
  t.match(await reads(world, bound, 'job.get', { job: jobNo(1) }), unknown);
  t.match(await reads(world, web, 'job.get', { job: jobNo(9) }), unknown);
  const all = Array.from({ length: count + 1 }, (_, n) => count + 1 - n);
  t.same(await listed(world, web), all, 'nor is it missed in a list');
  t.same(await listed(world, web, { state: 'completed' }), [1]);
  t.same(await listed(world, bound), []);
  const page = await reads(world, web, 'job.list', { max: 5, after: '4' });
  t.match(page, { rows: [{ number: 3 }, { number: 2 }, { number: 1 }], next: undefined });
  const odd = await reads(world, web, 'job.list', { max: 5, after: '4', kind: 'odd' });
  t.match(odd, { rows: [{ number: 3 }], next: undefined });
});
