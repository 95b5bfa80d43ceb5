// A boot: announced once, begun anew once when the log has ended it, however busy the log is.
import t from 'tap';
import { Boot } from '../../broker/runtime/boot.js';
import type { Committer } from '../../broker/runtime/committer.js';
import { MeshTime } from '../../broker/system/mesh-time.js';
import type { SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import * as p from '../dsl/events.js';
import { joins, lost, opened, started, turns, web } from '../dsl/events.js';
import { Mesh } from '../dsl/test-log.js';

/** A boot whose proposals are folded when told. */
function house() {
  const mesh = new Mesh();
  const proposed: SignalEvent[] = [];
  const reboots: string[] = [];
  const empties: number[] = [];
  const clock = { now: 0 };
  let count = 0;
  const committer = {
    get isIdle() {
      return proposed.length === 0;
    },
    get isSettled() {
      return proposed.length === 0;
    },
    reboot: (boot: string) => reboots.push(boot),
    proposeNothing: () => void empties.push(clock.now),
  };
  const boot = new Boot('boot_1', {
    mesh: 'home',
    gateway: 'gateway_1',
    newId: () => p.uuid(500 + count++),
    clock: new MeshTime({ now: () => clock.now, elapsed: () => 0 }),
    table: () => mesh.table,
    nextCommit: async () => {},
    committer: committer as unknown as Committer,
    propose: event => void proposed.push(event),
  });
  const fold = () => mesh.say(...proposed.splice(0));
  return { mesh, boot, proposed, reboots, empties, clock, fold };
}

t.test(
  'an empty log is opened before the boot is announced, a known one is not opened',
  async t => {
    const { boot, proposed, fold } = house();
    boot.begin(false);
    t.match(proposed, [{ type: 'log.opened' }, { type: 'gateway.started', boot: 'boot_1' }]);
    fold();
    boot.begin(false);
    t.match(proposed, [{ type: 'gateway.started' }]);
    fold();
    boot.begin(true);
    t.match(proposed, [{ type: 'log.opened', replaces: /^log_/ }, { type: 'gateway.started' }]);
  },
);

t.test('a boot the log has ended begins anew once, though other commits come between', async t => {
  const { mesh, boot, proposed, reboots, fold } = house();
  boot.begin(false);
  t.notOk(boot.isLost(), 'its announcement is still under way');
  fold();
  t.notOk(boot.isLost());
  mesh.say(joins(web, { boot: 'boot_1' }), started('gateway_b', 'boot_b'));
  boot.presence.attach(mesh.table, boot.id, web.peer);
  mesh.now += limits.boot_lost_ms;
  mesh.store(mesh.encode([mesh.stamp(lost('boot_1'))], { boot: 'boot_b' }));
  t.ok(boot.isLost());
  boot.restart();
  mesh.say(turns(web, 'idle'));
  t.notOk(boot.isLost(), 'the new announcement is under way');
  t.same(
    proposed.map(({ type }) => type),
    ['gateway.started', 'peer.connected'],
  );
  fold();
  t.notOk(boot.isLost());
  t.same(reboots, [boot.id]);
  t.same(mesh.table.peers.rows.get(web.peer)?.boots, [boot.id]);
});

t.test('a boot whose announcement the log refused announces itself again', async t => {
  const { mesh, boot, proposed } = house();
  mesh.say(opened());
  boot.begin(false);
  proposed.splice(0);
  t.ok(boot.isLost());
});

t.test('another boot’s silence is told, and not told again at every tick', async t => {
  const { mesh, boot, proposed, fold } = house();
  boot.begin(false);
  fold();
  mesh.say(started('gateway_b', 'boot_b'));
  mesh.now += limits.boot_lost_ms - 1;
  mesh.say();
  boot.tick();
  t.same(proposed, [], 'not before its time');
  mesh.now += 1;
  mesh.say();
  boot.tick();
  boot.tick();
  t.match(proposed, [{ type: 'gateway.lost', boot: 'boot_b' }]);
  t.equal(proposed.length, 1);
});

t.test('when an item’s time has come on a quiet mesh, log time is moved to tell it', async t => {
  const { mesh, boot, empties, clock, fold } = house();
  boot.begin(false);
  fold();
  mesh.say(p.joins(p.web), p.joins(p.api));
  mesh.say(p.tells(11, p.web, p.api, 'stop', { expires_at: p.T0 + 5_000 }));
  clock.now = p.T0 + 4_999;
  boot.tick();
  t.strictSame(empties, []);
  clock.now = p.T0 + 5_000;
  boot.tick();
  t.strictSame(empties, [p.T0 + 5_000]);
});
