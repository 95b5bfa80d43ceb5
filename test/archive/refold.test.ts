// History: what has left the hot tail is read back from the log as it was.
import t from 'tap';
import { History } from '../../broker/archive/refold.js';
import { memoryStore, openMemory } from '../../broker/log/memory.js';
import { api, askNo, asks, closes, db, joins, uuid, web } from '../dsl/events.js';
import { given } from '../dsl/given.js';

const three = [joins(web), joins(api), joins(db)];

function historyOf({ mesh }: ReturnType<typeof given>) {
  const clock = { now: () => 0, elapsed: () => 0 };
  const log = openMemory({ store: { ...memoryStore(), commits: mesh.log }, clock });
  return { history: new History(log), head: mesh.fold.sequence, log };
}

t.test('a thread is found as its last event left it, up to a commit', async t => {
  const world = given(t, ...three, asks(1, web, api), closes(api, 1, 'replied', { text: 'yes' }));
  const { history, head } = historyOf(world);
  t.strictSame(await history.thread(askNo(1), head), world.mesh.table.asks.get(askNo(1)));
  t.match(await history.thread(askNo(1), head - 1), { state: 'open' });
  t.equal(await history.thread(askNo(9), head), undefined);
});

t.test('the newest closed threads that fit come first, at most as many as wanted', async t => {
  const world = given(t, ...three);
  for (let n = 1; n <= 30; n++) world.and(asks(n, web, n % 2 ? api : db));
  for (let n = 30; n >= 1; n--) world.and(closes(web, n, 'cancelled'));
  const { history, head } = historyOf(world.and(asks(40, web, api)));
  const rows = await history.closed(row => row.to === api.peer, 4, head);
  t.same(
    rows.map(row => row.ask),
    [29, 27, 25, 23].map(askNo),
  );
});

t.test('a forgotten command’s first outcome is found, also when that was void', async t => {
  const first = { ...closes(api, 1, 'replied'), id: uuid(5) };
  const world = given(t, ...three, first, asks(1, web, api), first, asks(2, web, api));
  const { history, head } = historyOf(world);
  t.match(await history.command(uuid(5), head), { author: api.peer, reason: 'ask_unknown' });
  const opened = await history.command(uuid(2), head);
  t.match(opened, { author: web.peer, type: 'ask.opened', reason: undefined, detail: 1 });
  t.equal(await history.command(uuid(99), head), undefined);
});

t.test('the stages of a thing come with its circle, and of an unknown one are none', async t => {
  const { history, head } = historyOf(given(t, ...three, asks(1, web, api)));
  const { circle, stages } = await history.stages(askNo(1), head);
  t.equal(circle, 'default');
  t.same(
    stages.map(({ stage }) => stage),
    ['accepted', 'offered'],
  );
  t.same(await history.stages(askNo(9), head), { circle: '', stages: [] });
});

t.test('passes over the log take turns, and one that fails does not stop the next', async t => {
  const { log, head } = historyOf(given(t, ...three, asks(1, web, api)));
  let open = 0;
  let most = 0;
  let failures = 1;
  async function* read(from: number, to?: number) {
    most = Math.max(most, ++open);
    try {
      if (failures-- > 0) throw new Error('the log is away');
      yield* log.read(from, to);
    } finally {
      open--;
    }
  }
  const history = new History({ ...log, read });
  const [first, second, third] = await Promise.allSettled(
    [1, 1, 9].map(n => history.thread(askNo(n), head)),
  );
  t.match(first, { status: 'rejected' });
  t.match(second, { status: 'fulfilled', value: { ask: askNo(1) } });
  t.match(third, { status: 'fulfilled', value: undefined });
  t.equal(most, 1);
});

t.test('who asks during a pass shares the next one, whatever the others ask', async t => {
  const { log, head } = historyOf(given(t, ...three, asks(1, web, api)));
  let passes = 0;
  async function* read(from: number, to?: number) {
    passes++;
    yield* log.read(from, to);
  }
  const history = new History({ ...log, read });
  const stumbles = () => {
    throw new Error('a reader of its own kind');
  };
  const asked = Array.from({ length: 40 }, () => history.thread(askNo(1), head));
  const [failed, ...found] = await Promise.allSettled([history.last(stumbles, head), ...asked]);
  t.match(failed, { status: 'rejected' });
  t.equal(found.filter(one => one.status === 'fulfilled' && one.value).length, 40);
  t.equal(passes, 2);
});
