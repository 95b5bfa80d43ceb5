// Presence over gateways that pause past their lease, die, and lose their store under themselves.
import { type Test, test } from 'tap';
import { limits } from '../../schemas/limits.js';
import { connect, join, type Person } from '../dsl/live-broker.js';
import { startTestNats, tempDir } from '../dsl/nats.js';
import type { Fields } from '../dsl/raw-client.js';
import { type Line, Watch } from '../dsl/watch.js';
import { spawnBroker } from './hosts.js';

/** In log time: an idle mesh moves it every 10 s, and whoever looks does so every second. */
const MARGIN_MS = limits.boot_silence_ms + 5_000;

test('who is offline is told once, within the lease, and who is back is told too', async t => {
  const nats = await startTestNats(t);
  const natsUrl = nats.url.replace('//', `//${nats.user}:${nats.password}@`);
  const dirs = await Promise.all([1, 2, 3].map(() => tempDir(t)));
  const start = (dir = '') => spawnBroker(t, dir, { natsUrl });
  const [paused, dying, living] = await Promise.all(dirs.map(start));
  const eve = await join(t, living!, 'eve');
  const watch = new Watch();
  await watch.follow(eve.guest);
  const ann = await join(t, paused!, 'ann');
  const bob = await join(t, dying!, 'bob');
  const cid = await join(t, living!, 'cid');
  await bob.guest.command('peer.turn', { state: 'working' });
  const [bootOfAnn, bootOfBob] = await Promise.all([ann, bob].map(who => bootOf(watch, who)));

  await paused!.kill('SIGSTOP');
  await dying!.kill('SIGKILL');
  await Promise.all([bootOfAnn, bootOfBob].map(boot => watch.line(isLoss(boot))));
  const rows = await peers(eve);
  for (const who of [ann, bob]) {
    const { status, reason, offline_since, last_seen } = rows.get(who.name)!;
    t.strictSame([status, reason], ['offline', 'gateway_lost'], who.name);
    const silence = Number(offline_since) - Number(last_seen);
    t.ok(silence >= limits.boot_lost_ms, `${who.name}: not before, after ${silence} ms`);
    t.ok(silence <= limits.boot_lost_ms + MARGIN_MS, `${who.name}: within the lease`);
  }
  for (const name of ['cid', 'eve']) {
    t.equal(rows.get(name)?.status, 'online', `${name} was merely quiet`);
  }

  await paused!.kill('SIGCONT');
  await watch.line(isBack(ann, bootOfAnn));
  const reborn = await start(dirs[1]);
  await connect(t, reborn, { credential: bob.credential });
  await watch.line(isBack(bob, bootOfBob));
  const back = await peers(eve);
  t.match(back.get('ann'), { status: 'online', peer: ann.peer });
  t.match(back.get('bob'), { status: 'online', peer: bob.peer, turn: 'working' });
  t.match(await ann.notify('eve', 'it was but a pause'), { verdict: 'applied' });

  process.kill(nats.pid, 'SIGKILL');
  cid.guest.hangUp();
  await watch.line(event => event.type === 'peer.disconnected' && event.peer === cid.peer);
  const after = await peers(eve);
  t.match(after.get('cid'), { status: 'offline', reason: 'disconnected' });
  for (const name of ['ann', 'bob', 'eve']) t.equal(after.get(name)?.status, 'online', name);
  onceEach(t, watch.lines);
});

async function bootOf(watch: Watch, { peer }: Person): Promise<unknown> {
  const [, , event] = await watch.line(
    ({ type, peer: who }) => type === 'peer.joined' && who === peer,
  );
  return event.boot;
}

const isLoss = (boot: unknown) => (event: Fields, line: Line) =>
  event.type === 'gateway.lost' && event.boot === boot && isApplied(line);

const isBack =
  ({ peer }: Person, boot: unknown) =>
  (event: Fields, line: Line) =>
    event.type === 'peer.connected' &&
    event.peer === peer &&
    event.boot !== boot &&
    isApplied(line);

function isApplied([, , , reason]: Line): boolean {
  return reason === undefined;
}

async function peers({ guest }: Person): Promise<Map<unknown, Fields>> {
  const params = { offline: true, self: true };
  const { rows } = await guest.call<{ rows: Fields[] }>('peer.list', params);
  return new Map(rows.map(row => [row.name, row]));
}

/** Each loss took effect once, nobody else was told to be gone, and only presence was fenced. */
function onceEach(t: Test, lines: readonly Line[]): void {
  const of = (type: string) => lines.filter(line => line[2].type === type && isApplied(line));
  const lost = of('gateway.lost').map(([, , event]) => event.boot);
  t.equal(new Set(lost).size, lost.length, `${lost.length} gateways lost, each once`);
  t.equal(lost.length, 2);
  t.equal(of('peer.disconnected').length, 1, 'only cid hung up');
  const fenced = lines.filter(([, , , reason]) => reason === 'boot_lost');
  t.ok(fenced.every(([, , event]) => /^peer\.(dis)?connected$/.test(String(event.type))));
}
