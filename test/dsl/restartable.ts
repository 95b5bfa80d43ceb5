// Brokers of one mesh that stop and come back under another address, in memory or on a real store.
import { randomBytes } from 'node:crypto';
import type { Test } from 'tap';
import { Fold } from '../../broker/core/fold.js';
import { hashSecret } from '../../broker/core/tokens/secret.js';
import { passingSigner } from '../../broker/disk/signing-key.js';
import { createInboxDelivery } from '../../broker/gateway/inbox/inbox-delivery.js';
import { LeaseWaits } from '../../broker/gateway/leases/lease-waits.js';
import { createFanout } from '../../broker/gateway/observe/fanout.js';
import { createGateway } from '../../broker/gateway/server.js';
import { type MemoryStore, memoryStore, openMemory } from '../../broker/log/memory.js';
import { type RunningBroker, start } from '../../broker/main.js';
import { buildBroker } from '../../broker/runtime/parts.js';
import { systemClock as clock } from '../../broker/system/clock.js';
import { LogFollower } from '../../broker/timeline/follower.js';
import { Past } from '../../broker/timeline/past.js';
import { inlineTimeline } from '../../broker/timeline/timeline.js';
import { makeUuid } from '../../schemas/uuid.js';
import { houseOf, startConfig } from './live-broker.js';
import { startTestNats, tempDir } from './nats.js';

/** One broker of the mesh, and how to reach it now. */
export interface Restartable {
  readonly url: string;
  readonly token: string;
  restart(): Promise<void>;
}

interface Running {
  url: string;
  token: string;
  close(): Promise<unknown>;
}

/** Starts it; what runs at the end of the test is closed then. */
async function restartable(t: Test, open: () => Promise<Running>): Promise<Restartable> {
  let running = await open();
  t.teardown(() => running.close());
  return {
    get url() {
      return running.url;
    },
    get token() {
      return running.token;
    },
    async restart() {
      await running.close();
      running = await open();
    },
  };
}

const TOKEN = 'the-operator-token-of-this-mesh-0123456789';
/** So few that most of what is read comes from the log. */
const RING_BYTES = 8_192;

/** Brokers on one log in memory, each behind a gateway of its own. */
export async function memoryMesh(t: Test, count: number): Promise<Restartable[]> {
  const store = memoryStore();
  const names = Array.from({ length: count }, (_, n) => `gateway_${n}`);
  const all: Restartable[] = [];
  for (const name of names) all.push(await restartable(t, () => openInMemory(store, name)));
  return all;
}

async function openInMemory(store: MemoryStore, gateway: string): Promise<Running> {
  const log = openMemory({ store, clock });
  const fault = (what: unknown) => {
    throw new Error(`${what}`);
  };
  const fold = new Fold();
  const parts = [new Past({ log, clock })];
  const follower = new LogFollower({ log, fold: new Fold(), parts, clock, onWarning: fault });
  const timeline = inlineTimeline(follower);
  const { broker, door } = buildBroker({
    log,
    timeline,
    fold,
    clock,
    mesh: 'default',
    gateway,
    version: '0.0.0-test',
    durability: () => 'memory',
    newId: time => makeUuid(time, randomBytes(10)),
    secretFor: id => hashSecret(id),
    signer: passingSigner(),
    acceptLoss: false,
    onHalt: fault,
    onFailing: fault,
    isDiskFull: () => false,
    onWarning() {},
  });
  await broker.start();
  await follower.start();
  timeline.note(fold.sequence, fold.digest, 0);
  door.listen(one => timeline.note(one.sequence, one.digest, one.records.length));
  const fanout = createFanout(door, RING_BYTES, fault);
  const inbox = createInboxDelivery(door);
  const leases = new LeaseWaits(door);
  const silent = { info() {}, warn() {}, error: fault };
  const { url, close } = await createGateway({
    door,
    fanout,
    inbox,
    leases,
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    operatorToken: TOKEN,
    sessionKey: 'a session key',
    log: silent,
    openrpc: () => ({}),
    deadlines: { close_ms: 200 },
  });
  return {
    url,
    token: TOKEN,
    async close() {
      await close();
      fanout.close();
      inbox.close();
      await broker.close();
      await timeline.close();
      await log.close();
    },
  };
}

/** Brokers on one nats-server. */
export async function realMesh(t: Test, count: number): Promise<Restartable[]> {
  const nats = await startTestNats(t);
  const natsUrl = nats.url.replace('//', `//${nats.user}:${nats.password}@`);
  const all: Restartable[] = [];
  for (let n = 0; n < count; n++) {
    const dataDir = await tempDir(t);
    const open = async (): Promise<Running> => {
      const broker: RunningBroker = await start(startConfig(dataDir, { natsUrl }));
      const { ready, token } = houseOf(broker.ready);
      return { url: ready.url, token, close: () => broker.close() };
    };
    all.push(await restartable(t, open));
  }
  return all;
}
