// Descriptors run out: sockets beyond what is there are closed, and all that goes on goes on.
import { once } from 'node:events';
import { connect as dial, type Socket } from 'node:net';
import t from 'tap';
import { descriptorLimit, socketsWithin } from '../../broker/gateway/http/descriptors.js';
import { limits } from '../../schemas/limits.js';
import { natsPid, spawnBroker } from '../chaos/hosts.js';
import { connect, join } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { until } from '../dsl/until.js';

t.test('there is a reserve, whatever the limit', async t => {
  t.equal(socketsWithin(1_024), 1_024 - limits.reserve_files);
  t.equal(socketsWithin(64), 16, 'where there is hardly anything, a quarter');
  t.equal(socketsWithin(Number.POSITIVE_INFINITY), limits.connections);
  t.ok((await descriptorLimit()) > 64);
});

t.test('with every socket taken the broker serves on, and starts its server anew', async t => {
  const dataDir = await tempDir(t);
  const broker = await spawnBroker(t, dataDir, {}, 192);
  const ada = await join(t, broker, 'ada');
  const port = Number(new URL(broker.ready.url).port);
  const strangers = Array.from({ length: 200 }, () => dial(port, '127.0.0.1'));
  t.teardown(() => {
    for (const one of strangers) one.destroy();
  });
  const closed = strangers.map(hangsUp);
  await Promise.race(closed);
  t.match(await ada.guest.command('peer.describe', { text: 'during' }), { verdict: 'applied' });

  const dead = natsPid(dataDir);
  process.kill(dead, 'SIGKILL');
  await until(() => natsPid(dataDir) !== dead);
  t.match(await tried(() => ada.guest.command('peer.describe', { text: 'after' })), {
    verdict: 'applied',
  });
  for (const one of strangers) one.destroy();
  const bob = await tried(() => join(t, broker, 'bob'));
  t.equal(bob.name, 'bob', 'once they are gone there is room again');
  t.equal(broker.child.exitCode, null);
  t.match(await (await connect(t, broker)).call('mesh.info'), { head: String });
});

async function hangsUp(socket: Socket): Promise<void> {
  socket.on('error', () => {});
  await once(socket, 'close').catch(() => {});
}

/** Tries until it succeeds. */
function tried<R>(attempt: () => Promise<R>) {
  return until(() => attempt().catch(() => undefined));
}
