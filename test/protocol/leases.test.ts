// Leases from the protocol alone: waited for, lost with a hung-up caller, raced for on two brokers.
import t from 'tap';
import { connect, join, openBrokers, type Person } from '../dsl/live-broker.js';
import { type Fields, type Refused, refusedBy, uuid } from '../dsl/raw-client.js';
import { until } from '../dsl/until.js';

const app = { project: 'github.com/acme/app' };
const { brokers } = await openBrokers(t, 2);
const [one, two] = [brokers[0]!, brokers[1]!];
const web = await join(t, one, 'web');
const db = await join(t, one, 'db');
const ui = await join(t, one, 'ui');
/** On the other broker. */
const api = await join(t, two, 'api');

const take = (who: Person, path: string, more: Fields = {}) =>
  who.guest.command('lease.take', { ...app, paths: [path], ...more });
const release = (who: Person, path: string) =>
  who.guest.command('lease.release', { ...app, paths: [path] });

async function holders(who: Person, path: string) {
  const { rows } = await who.guest.call('lease.list', { ...app, paths: [path] });
  return (rows as Fields[]).map(({ by_name }) => by_name);
}

/** The brokers, which run here, have heard what was sent before. */
async function heard() {
  for (const { guest } of [db, ui, db, ui]) await guest.call('peer.whoami');
}

t.test('who waits has the files as soon as they are free, on any broker', async t => {
  await take(web, 'a');
  await until(async () => (await holders(api, 'a')).length > 0);
  const waiting = take(api, 'a/b', { wait_s: 600 });
  const { data } = await refusedBy(take(api, 'a/b'));
  const held = { path: 'a', peer: web.peer, name: 'web', mode: 'exclusive' };
  t.match(data, { refusal: 'lease_held', holders: [held] });
  await release(web, 'a');
  t.match(await waiting, { verdict: 'applied', paths: ['a/b'] });
});

t.test('of several that wait one has it, and the others wait on', async t => {
  await take(web, 'b');
  const waiting = [db, ui].map(async who => {
    const { verdict } = await take(who, 'b', { wait_s: 600 });
    return { who, verdict };
  });
  await heard();
  await release(web, 'b');
  const { who, verdict } = await Promise.race(waiting);
  t.equal(verdict, 'applied');
  t.same(await holders(db, 'b'), [who.name]);
  await release(who, 'b');
  for (const { verdict } of await Promise.all(waiting)) t.equal(verdict, 'applied');
  t.same(await holders(db, 'b'), [who === db ? 'ui' : 'db']);
});

t.test('whose time to wait is over is told who has them', async t => {
  await take(web, 'w');
  const { data } = await refusedBy(take(db, 'w', { wait_s: 0.01 }));
  t.match(data, { refusal: 'lease_held', holders: [{ name: 'web' }] });
});

t.test('who hangs up while it waits takes nothing', async t => {
  await take(web, 'c');
  const gone = await connect(t, one, { credential: db.credential });
  const lost = gone.command('lease.take', { ...app, paths: ['c'], wait_s: 600 }).catch(() => {});
  await gone.call('peer.whoami');
  gone.hangUp();
  const left = new AbortController();
  const params = { id: uuid(), ...app, paths: ['c'], wait_s: 600 };
  const post = fetch(new URL('/rpc', one.ready.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${db.credential}`, 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'lease.take', params }),
    signal: left.signal,
  }).catch(() => {});
  await heard();
  left.abort();
  await Promise.all([lost, post]);
  await heard();
  await release(web, 'c');
  t.match(await take(ui, 'c'), { verdict: 'applied' }, 'nobody was before');
});

t.test('of two that take at once on two brokers one has it, and both agree', async t => {
  for (let n = 0; n < 5; n++) {
    const path = `race/${n}`;
    const said = await Promise.all(
      [web, api].map(who =>
        take(who, path).then(
          ({ verdict, reason, holders }) => (verdict === 'void' ? { reason, holders } : verdict),
          (error: Refused) => ({ reason: error.data.refusal, holders: error.data.holders }),
        ),
      ),
    );
    const winner = said.indexOf('applied');
    t.match(said[1 - winner], { reason: 'lease_held', holders: [{ path }] });
    t.same(await holders(web, path), [winner === 0 ? 'web' : 'api']);
  }
});
