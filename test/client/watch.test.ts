// Watching a view with the SDK: resumed over sockets, newest rows for who reads late, gaps told.
import type { Test } from 'tap';
import t from 'tap';
import { connect } from '../../client/index.js';
import { type FakeBroker, fakeBroker } from './fake-broker.js';

interface World {
  broker: FakeBroker;
  client: Awaited<ReturnType<typeof connect>>;
  /** What each watch began from. */
  froms: unknown[];
}

/** A broker whose view has one row for each step; a watch goes on where it can. */
async function world(t: Test, canResume = true): Promise<World> {
  const froms: unknown[] = [];
  const broker = await fakeBroker(t, ({ method, params, id }, self) => {
    if (method === 'view.unwatch') return { result: {} };
    if (method !== 'view.watch') return 'usual';
    const { from } = params;
    froms.push(from);
    const subscription = `view_${froms.length}`;
    const goesOn = canResume && from !== undefined;
    const resync = from !== undefined && !canResume ? { resync: 'it is too old' } : {};
    const whole = { at: 'log.1', rows: [['a', { n: 1 }]], ...resync };
    self.answer(id, { subscription, ...(goesOn ? { at: from, rows: [] } : whole) });
    return undefined;
  });
  const client = await connect({ url: broker.url, credential: 'a-credential-of-this-test' });
  t.teardown(() => client.close());
  return { broker, client, froms };
}

const step = (n: number, from: string, to: string, changes: unknown[], more?: boolean) => ({
  ...{ subscription: `view_${n}`, from, to, changes },
  ...(more && { more }),
});

t.test('a watch goes on where it stood when its connection was lost', async t => {
  const { broker, client, froms } = await world(t);
  const watch = client.watch('jobs', { fields: ['state'] });
  t.match(await watch.next(), { value: { at: 'log.1', anew: true, changes: [['a', { n: 1 }]] } });
  broker.notify('view.changes', step(1, 'log.1', 'log.2', [['b', { n: 2 }]]));
  t.match(await watch.next(), { value: { at: 'log.2', anew: false, changes: [['b', { n: 2 }]] } });
  broker.cut();
  await broker.hears('view.watch', 2);
  broker.notify('view.changes', step(2, 'log.2', 'log.3', [['a', null]]));
  t.match(await watch.next(), { value: { at: 'log.3', anew: false, changes: [['a', null]] } });
  t.same(froms, [undefined, 'log.2']);
  t.same([...watch.rows.keys()], ['b']);
  t.equal(watch.cursor, 'log.3');
});

t.test('who reads late is told the newest row of each key, when all of it is there', async t => {
  const { broker, client } = await world(t);
  const watch = client.watch('jobs');
  await watch.next();
  broker.notify('view.changes', step(1, 'log.1', 'log.1', [['b', { n: 2 }]], true));
  broker.notify(
    'view.changes',
    step(1, 'log.1', 'log.2', [
      ['b', { n: 3 }],
      ['a', null],
    ]),
  );
  const news = await watch.next();
  t.match(news, {
    value: {
      at: 'log.2',
      changes: [
        ['b', { n: 3 }],
        ['a', null],
      ],
    },
  });
});

t.test('rows that are told anew stand in place of all before', async t => {
  const { broker, client } = await world(t, false);
  const watch = client.watch('jobs');
  await watch.next();
  broker.notify('view.changes', step(1, 'log.1', 'log.2', [['b', { n: 2 }]]));
  await watch.next();
  broker.cut();
  t.match(await watch.next(), { value: { at: 'log.1', anew: true } });
  t.same([...watch.rows.keys()], ['a']);
  const anew = { subscription: 'view_2', rows: [['c', { n: 9 }]], more: false };
  broker.notify('view.rows', { ...anew, at: 'log.9', resync: 'it fell behind' });
  t.match(await watch.next(), { value: { at: 'log.9', anew: true, changes: [['c', { n: 9 }]] } });
});

t.test('a gap ends a watch with an error, and another watch of the same is refused', async t => {
  const { broker, client } = await world(t);
  const watch = client.watch('jobs');
  t.throws(() => client.watch('jobs'), { code: 'misuse' });
  await watch.next();
  broker.notify('view.changes', step(1, 'log.5', 'log.6', []));
  await t.rejects(watch.next(), { code: 'gap' });
  await broker.hears('view.unwatch');
  const again = client.watch('jobs');
  await again.return();
  t.match(await again.next(), { done: true });
});
