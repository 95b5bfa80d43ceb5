// A boot: announced once, begun anew once when the log has ended it, however busy the log is.
import t from 'tap';
import type { FoldedCommit } from '../../broker/core/words.js';
import { Boot } from '../../broker/runtime/boot.js';
import type { Committer } from '../../broker/runtime/committer.js';
import { Presence } from '../../broker/runtime/presence.js';
import { MeshTime } from '../../broker/system/mesh-time.js';
import type { SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import * as p from '../dsl/events.js';
import { joins, lost, opened, started, turns, web } from '../dsl/events.js';
import { Mesh } from '../dsl/test-log.js';

/** A boot whose proposals are folded when told. */
function house({ acceptLoss = false, mesh = new Mesh() } = {}) {
  const proposed: SignalEvent[] = [];
  const reboots: string[] = [];
  const empties: number[] = [];
  const clock = { now: 0, elapsed: 0 };
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
    propose: (event: SignalEvent) => void proposed.push(event),
  };
  const table = () => mesh.table;
  const boot: Boot = new Boot('boot_1', {
    mesh: 'home',
    gateway: 'gateway_1',
    newId: () => p.uuid(500 + count++),
    clock: new MeshTime({ now: () => clock.now, elapsed: () => clock.elapsed }),
    table,
    acceptLoss,
    nextCommit: async () => {},
    onRestart: () => presence.tellAll(),
    committer: committer as unknown as Committer,
  });
  const presence = new Presence({
    table,
    boot: () => boot.id,
    tell: (type, { peer, circle }) => !!boot.say({ type, circle, peer, boot: boot.id }),
  });
  const heard = (commit: FoldedCommit) => boot.folded(commit, undefined);
  const fold = () => heard(mesh.say(...proposed.splice(0)));
  return { mesh, boot, presence, heard, proposed, reboots, empties, clock, fold };
}

t.test('an empty log is opened before the boot is announced, a known one is not', async t => {
  const { boot, mesh, proposed, fold } = house();
  boot.replayed();
  t.match(proposed, [{ type: 'log.opened' }, { type: 'gateway.started', boot: 'boot_1' }]);
  fold();
  const again = house({ mesh });
  again.boot.replayed();
  t.match(again.proposed, [{ type: 'gateway.started' }]);
  const loss = house({ mesh, acceptLoss: true });
  loss.boot.replayed();
  t.match(loss.proposed, [{ type: 'log.opened', replaces: /^log_/ }, { type: 'gateway.started' }]);
});

t.test('a boot the log has ended begins anew once, though other commits come between', async t => {
  const { mesh, boot, presence, heard, proposed, reboots, fold } = house();
  heard(mesh.say());
  t.same(proposed, [], 'what is replayed ends no boot');
  boot.replayed();
  heard(mesh.say());
  t.same(reboots, [], 'its announcement is still under way');
  fold();
  heard(mesh.say(joins(web, { boot: 'boot_1' }), started('gateway_b', 'boot_b')));
  presence.attach(web.peer);
  mesh.now += limits.boot_lost_ms;
  t.same(reboots, []);
  heard(mesh.store(mesh.encode([mesh.stamp(lost('boot_1'))], { boot: 'boot_b' })));
  t.same(reboots, [boot.id]);
  heard(mesh.say(turns(web, 'idle')));
  t.same(
    proposed.map(({ type }) => type),
    ['gateway.started', 'peer.connected'],
    'the new announcement is under way',
  );
  fold();
  t.same(reboots, [boot.id]);
  t.same(mesh.table.peers.rows.get(web.peer)?.boots, [boot.id]);
});

t.test('a boot whose announcement the log refused announces itself again', async t => {
  const { mesh, boot, heard, proposed, reboots } = house();
  heard(mesh.say(opened()));
  boot.replayed();
  proposed.splice(0);
  heard(mesh.say());
  t.same(reboots, [boot.id]);
  t.match(proposed, [{ type: 'gateway.started', boot: boot.id }]);
});

t.test('another boot’s silence is told, and not told again at every tick', async t => {
  const { mesh, boot, proposed, fold } = house();
  boot.replayed();
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

t.test('one of the living says who is lost: those before it have a second each', async t => {
  const { mesh, boot, proposed, clock, fold } = house();
  boot.replayed();
  fold();
  mesh.say(started('gateway_b', 'boot_b'), started('gateway_a', 'boot_0'));
  mesh.now += limits.boot_lost_ms;
  mesh.store(mesh.encode([], { boot: 'boot_0' }));
  boot.tick();
  clock.elapsed += limits.due_rank_ms - 1;
  boot.tick();
  t.same(proposed, [], 'it is the turn of boot_0');
  clock.elapsed += 1;
  boot.tick();
  t.match(proposed, [{ type: 'gateway.lost', boot: 'boot_b' }]);
});

t.test('when an item’s time has come on a quiet mesh, log time is moved to tell it', async t => {
  const { mesh, boot, empties, clock, fold } = house();
  boot.replayed();
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
