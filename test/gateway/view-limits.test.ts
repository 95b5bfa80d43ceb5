// Limits of watching (admission control): what one connection watches too much costs nothing.
import t from 'tap';
import { limits } from '../../schemas/limits.js';
import { isRefusal } from '../../schemas/refusal.js';
import * as p from '../dsl/events.js';
import { cancels, makesJob } from '../dsl/events-jobs.js';
import { Mesh } from '../dsl/test-log.js';
import { FakeOutlet } from './fake-outlet.js';
import { HistoryDoor, settle } from './view-world.js';

t.test('a watch too many is refused before a row is looked at', async t => {
  const door = new HistoryDoor([], 0, 0);
  t.teardown(() => door.views.close());
  const outlet = new FakeOutlet();
  const watch = (title: string) =>
    door.views.watch(outlet, { view: 'jobs', where: { title }, snapshot: true });
  for (let n = 0; n < limits.socket_subscriptions; n++) await watch(`job ${n}`);
  let looks = 0;
  const { info } = door;
  door.info = () => {
    looks++;
    return info.call(door);
  };
  t.match(await watch('one more'), { refusal: 'invalid' });
  t.equal(looks, 0, 'the state was not looked at');
  t.notOk(isRefusal(await watch('job 3')), 'the same again begins anew');
  t.equal(door.views.stats().watchers, limits.socket_subscriptions);
});

t.test('what is counted is counted once between two commits', async t => {
  const door = new HistoryDoor([], 0, 0);
  t.teardown(() => door.views.close());
  let counted = 0;
  const { peers } = door.table;
  const live = peers.live.bind(peers);
  peers.live = () => {
    counted++;
    return live();
  };
  for (const noun of ['jobs', 'asks', 'inbox'] as const) {
    await door.views.watch(new FakeOutlet(), { view: 'counts', where: { noun }, snapshot: true });
  }
  t.equal(counted, 1);
});

t.test('what was counted goes on from what changed, and not from every row', async t => {
  const mesh = new Mesh();
  mesh.say(p.opened(), p.joins(p.web), makesJob(1, p.web), makesJob(2, p.web));
  mesh.say(cancels(p.web, 1));
  const door = new HistoryDoor(mesh.log, 1, 0);
  t.teardown(() => door.views.close());
  const outlet = new FakeOutlet(undefined, 'json');
  await door.views.watch(outlet, { view: 'counts', where: { noun: 'jobs' }, snapshot: true });
  for (const rows of [door.table.jobs.open, door.table.jobs.ended]) {
    rows.keys = () => {
      throw new Error('they were all looked at');
    };
  }
  door.step();
  await settle();
  const [changes] = outlet.told('view.changes') as unknown as { changes: [string, object][] }[];
  const told = new Map(changes?.changes);
  t.match(
    [...told.values()],
    [
      { state: 'queued', n: 1 },
      { state: 'cancelled', n: 1 },
    ],
  );
});
