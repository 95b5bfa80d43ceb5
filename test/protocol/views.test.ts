// Views over the wire: whole and in parts, resumed on another broker, narrowed, refused, bound.
import t from 'tap';
import { connect, join, openBrokers } from '../dsl/live-broker.js';
import { type Fields, type Guest, refusalOf, refusedBy } from '../dsl/raw-client.js';

type Row = Fields;
const { brokers } = await openBrokers(t, 2);
const [one, two] = brokers as [(typeof brokers)[0], (typeof brokers)[0]];

/** A mirror as a stranger would write it. */
class Held {
  readonly rows: Map<string, Row>;
  at: string;
  private readonly wakes = new Set<() => void>();

  /** `before` is what was held when it went on. */
  constructor(guest: Guest, watched: Fields, before: ReadonlyMap<string, Row> = new Map()) {
    this.rows = new Map(before);
    this.at = String(watched.at);
    this.put(watched.rows as [string, Row][]);
    const take = (method: string, params: Fields) => {
      if (params.subscription !== watched.subscription) return;
      if (method === 'view.rows') this.put(params.rows as [string, Row][]);
      else {
        if (params.from !== this.at) throw new Error(`a gap before ${params.from}`);
        this.at = String(params.to);
        this.put(params.changes as [string, Row | null][]);
      }
      for (const wake of this.wakes) wake();
    };
    for (const { method, params } of guest.heard) take(method, params);
    guest.listen(take);
  }

  async until(holds: (rows: Map<string, Row>) => boolean): Promise<void> {
    while (!holds(this.rows)) {
      await new Promise<void>(resolve => {
        const wake = () => {
          this.wakes.delete(wake);
          resolve();
        };
        this.wakes.add(wake);
      });
    }
  }

  private put(rows: readonly (readonly [string, Row | null])[]): void {
    for (const [key, row] of rows) {
      if (row === null) this.rows.delete(key);
      else this.rows.set(key, row);
    }
  }
}

async function watch(guest: Guest, params: Fields): Promise<Held> {
  return new Held(guest, await guest.call('view.watch', params));
}

t.test('a view is whole, then true change by change, and goes on at another broker', async t => {
  const web = await join(t, one, 'web', { circle: 'held' });
  const made = async (title: string, more: Fields = {}) =>
    String((await web.guest.command('job.create', { title, ...more })).job);
  const first = await made('first');
  const page = await connect(t, one);
  const where = { circle: 'held', state: ['queued', 'claimed', 'cancelled'] };
  const fields = ['job', 'title', 'state', 'from_name'];
  const held = await watch(page, { view: 'jobs', where, fields });
  t.match(held.rows.get(first), { job: first, title: 'first', state: 'queued', from_name: 'web' });
  const second = await made('second');
  await web.guest.command('job.claim', { job: first });
  await held.until(rows => rows.has(second) && rows.get(first)?.state === 'claimed');

  const { at } = held;
  page.hangUp();
  await web.guest.command('job.cancel', { job: second, reason: 'no more' });
  const third = await made('third');
  const { position } = await web.guest.command<{ position: number }>('job.finish', {
    ...{ job: first, attempt: 1, outcome: 'completed', summary: 'done' },
  });
  const other = await connect(t, two);
  const watched = await other.call('view.watch', { view: 'jobs', where, fields, from: at });
  t.match(watched, { at, rows: [] }, 'nothing is told twice');
  t.equal(watched.resync, undefined);
  const resumed = new Held(other, watched, held.rows);
  await resumed.until(rows => rows.has(third) && !rows.has(first));
  t.equal(resumed.rows.get(second)?.state, 'cancelled');
  const past = await other.call('view.at', { view: 'jobs', where, fields, position });
  t.same(new Map(past.rows as [string, Row][]), resumed.rows, 'as view.at has it');
});

t.test(
  'rows that fill more than a frame come in parts, and a change after all of them',
  async t => {
    const web = await join(t, one, 'big', { circle: 'parts' });
    const body = 'x'.repeat(60_000);
    for (let n = 0; n < 12; n++) await web.guest.command('job.create', { title: `${n}`, body });
    const page = await connect(t, one, { encoding: 'json' });
    const watched = await page.call('view.watch', { view: 'jobs', where: { circle: 'parts' } });
    t.equal(watched.more, true);
    const held = new Held(page, watched);
    await held.until(rows => rows.size === 12);
    const parts = page.heard.filter(({ method }) => method === 'view.rows');
    t.same(parts.map(({ params }) => params.more).slice(-1), [false]);
    for (const { params } of parts) t.ok(JSON.stringify(params).length < 400_000);
    await web.guest.command('job.create', { title: 'last' });
    await held.until(rows => rows.size === 13);
  },
);

t.test('a list says where it stands, and what it told is kept true from there', async t => {
  const web = await join(t, one, 'lister', { circle: 'listed' });
  const { job } = await web.guest.command('job.create', { title: 'one' });
  const { rows, at } = await web.guest.call<{ rows: Row[]; at: string }>('job.list');
  t.match(rows, [{ job }]);
  const page = await connect(t, two);
  await web.guest.command('job.cancel', { job, reason: 'no more' });
  const where = { circle: 'listed' };
  const held = await watch(page, { view: 'jobs', where, from: at, snapshot: false });
  await held.until(all => all.get(String(job))?.state === 'cancelled');
  const plain = await connect(t, two);
  const told = await plain.call('view.watch', { view: 'jobs', where, snapshot: false });
  t.same(told.rows, [], 'without a cursor only what comes');
});

t.test('what is no view, column, value or cursor is refused, and the socket stays', async t => {
  const page = await connect(t, one);
  const hostile: Fields[] = [
    {},
    { view: 'job' },
    { view: '__proto__' },
    { view: 'jobs', where: { colour: 'red' } },
    { view: 'jobs', where: { constructor: 'x' } },
    { view: 'jobs', where: { state: 'opne' } },
    { view: 'jobs', where: { state: [] } },
    { view: 'jobs', where: { state: [['queued']] } },
    { view: 'jobs', where: { state: null } },
    { view: 'jobs', where: { number: '1' } },
    { view: 'jobs', where: { attachments: 'x' } },
    { view: 'jobs', where: 'state' },
    { view: 'jobs', fields: [] },
    { view: 'jobs', fields: ['toString'] },
    { view: 'jobs', fields: 'state' },
    { view: 'jobs', snapshot: 'no' },
    { view: 'jobs', from: 'now' },
    { view: 'jobs', from: 'start' },
    { view: 'jobs', from: '' },
    { view: 'jobs', surprise: 1 },
  ];
  for (const params of hostile) {
    t.equal(await refusalOf(page.call('view.watch', params)), 'invalid', JSON.stringify(params));
  }
  const { head } = await page.call<{ head: string }>('mesh.info');
  const [log, sequence, check] = head.split('.') as [string, string, string];
  const cursors: [string, string][] = [
    [`${log}x.${sequence}.${check}`, 'cursor_foreign'],
    [`${log}.${sequence}.000000000000`, 'cursor_diverged'],
    [`${log}.${Number(sequence) + 100_000}.${check}`, 'cursor_ahead'],
  ];
  for (const [from, refusal] of cursors) {
    t.equal(await refusalOf(page.call('view.watch', { view: 'jobs', from })), refusal);
  }
  t.equal(await refusalOf(page.call('view.unwatch', { subscription: 'view_0' })), 'invalid');
  const twice = await page.call('view.watch', { view: 'jobs' });
  t.equal((await page.call('view.watch', { view: 'jobs' })).subscription, twice.subscription);
  t.same(await page.call('view.unwatch', { subscription: twice.subscription }), {});
  t.equal(
    await refusalOf(page.call('view.unwatch', { subscription: twice.subscription })),
    'invalid',
  );
  for (let n = 0; n < 64; n++)
    await page.call('view.watch', { view: 'jobs', where: { number: n } });
  const refused = await refusedBy(page.call('view.watch', { view: 'asks' }));
  t.match(refused.message, /view\.unwatch/);
});

t.test('a bound token watches its circles, and a revoked one nothing', async t => {
  const operator = await connect(t, one);
  const far = await join(t, one, 'far', { circle: 'far' });
  const made = await operator.command<{ token: string; secret: string }>('token.create', {
    ...{ name: 'near', circles: ['near'], roles: ['agent'], verbs: ['observe', 'speak'] },
  });
  const near = await join(t, one, 'near', { circle: 'near', credential: made.secret });
  const page = await connect(t, one, { credential: made.secret });
  const held = await watch(page, { view: 'peers' });
  t.same([...held.rows.keys()], [near.peer]);
  t.equal(await refusalOf(page.call('view.watch', { view: 'tokens' })), 'forbidden');
  t.same((await page.call('view.watch', { view: 'gateways' })).rows, []);
  await far.guest.command('job.create', { title: 'not yours' });
  await near.guest.command('peer.describe', { text: 'here' });
  await held.until(rows => rows.get(near.peer)?.description === 'here');
  const told = page.heard.map(frame => JSON.stringify(frame)).join();
  t.notMatch(told, far.peer, 'another circle is not spoken of');
  await operator.command('token.revoke', { token: made.token });
  t.match(await page.closed, { code: 4001 });
});

t.test('counts say how many there are, and what waits for who asks', async t => {
  const ada = await join(t, one, 'ada', { circle: 'counted', role: 'human' });
  const web = await join(t, one, 'web', { circle: 'counted' });
  const held = await watch(ada.guest, { view: 'counts', where: { noun: ['asks', 'mine'] } });
  const ask = await web.ask('ada', 'may I?');
  await held.until(rows => rows.get('mine/counted/asks')?.n === 1);
  t.match(held.rows.get('asks/counted/open'), { noun: 'asks', n: 1, oldest_at: Number });
  await ada.reply(ask, 'yes');
  await held.until(rows => !rows.has('mine/counted/asks') && !rows.has('asks/counted/open'));
  t.equal(held.rows.get('asks/counted/closed')?.n, 1);
});

t.test('a POST is told to open a socket', async t => {
  const call = { jsonrpc: '2.0', id: 1, method: 'view.watch', params: { view: 'jobs' } };
  const answer = await fetch(`${one.ready.url}/rpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${one.token}` },
    body: JSON.stringify(call),
  });
  t.match(await answer.json(), { error: { data: { refusal: 'invalid' } } });
});
