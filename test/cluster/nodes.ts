// A real NATS cluster of three nodes on loopback, to be killed, frozen and partitioned by a test.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { syncsAlways } from '../../broker/nats-server/binary.js';
import { type Link, type Relay, startRelay } from '../dsl/proxy.js';
import { until } from '../dsl/until.js';
import { callNats, findServer, freePort } from '../log/bare-nats.js';

const USER = 'signalbox';
const PASSWORD = 'cluster-secret';

/** Where one node listens: for clients, for the other nodes, and for who looks at it. */
interface Ports {
  client: number;
  routes: number;
  monitor: number;
}

export interface ClusterNode {
  name: string;
  ports: Ports;
  /** What clients and the other nodes are told of instead of its own ports. */
  clientProxy: Relay;
  routesProxy: Relay;
  /** Where it keeps what it has. */
  store: string;
  isUp(): boolean;
  start(): Promise<void>;
  /** Ends the server with the signal and waits until it is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
}

export interface NatsCluster {
  nodes: ClusterNode[];
  /** What `--nats` takes; each node by its proxy. */
  url: string;
  /** The leader of a stream; waits until there is one. */
  leaderOf(stream: string): Promise<ClusterNode>;
  /** The leader of the cluster itself, which places streams and consumers. */
  metaLeader(): Promise<ClusterNode>;
  /** Sets the links between one node and all others, both ways. */
  isolate(node: ClusterNode, link: Link): void;
  /** Every node up, every replica current. */
  whole(stream: string): Promise<void>;
}

/** What a node says of a stream, as far as the tests read it. */
export interface ClusterInfo {
  config?: { num_replicas: number };
  state?: { last_seq: number };
  cluster?: { leader?: string; replicas?: { name: string; current: boolean; lag?: number }[] };
}

/** What a node says of itself, as far as the tests read it. */
interface JetStreamStatus {
  meta_cluster?: { leader?: string; replicas?: { current: boolean; offline?: boolean }[] };
}

/** Starts the nodes and waits until they are one cluster; all are gone when the test ends. */
export async function startCluster(t: Test): Promise<NatsCluster> {
  const root = await mkdtemp(join(tmpdir(), 'signalbox-cluster-'));
  const { path: binary, version } = await findServer(root);
  const nodes: ClusterNode[] = [];
  t.teardown(async () => {
    await Promise.all(nodes.map(node => node.end('SIGKILL')));
    await rm(root, { recursive: true, force: true });
  });
  for (const name of ['n1', 'n2', 'n3']) nodes.push(await makeNode(t, root, binary, name));
  const sync = syncsAlways(version) ? 'sync_interval: always' : '';
  for (const node of nodes) {
    await writeFile(join(root, `${node.name}.conf`), confOf(root, node, nodes, sync));
  }
  await Promise.all(nodes.map(node => node.start()));
  await until(async () => (await membersOf(nodes)) === nodes.length, {
    what: 'every node to have joined',
  });
  return clusterOf(nodes);
}

/** What the leader of a stream says of it; undefined while there is none. */
export async function infoOf(nodes: ClusterNode[], stream: string) {
  for (const { ports } of nodes.filter(node => node.isUp())) {
    const url = `nats://${USER}:${PASSWORD}@127.0.0.1:${ports.client}`;
    const info = await callNats<ClusterInfo>(url, `STREAM.INFO.${stream}`).catch(() => undefined);
    if (info?.state !== undefined) return info;
  }
  return undefined;
}

function clusterOf(nodes: ClusterNode[]): NatsCluster {
  const named = (name: string | undefined) => nodes.find(node => node.name === name && node.isUp());
  return {
    nodes,
    url: nodes
      .map(({ clientProxy: { port } }) => `nats://${USER}:${PASSWORD}@127.0.0.1:${port}`)
      .join(','),
    leaderOf: stream =>
      until(async () => named((await infoOf(nodes, stream))?.cluster?.leader), {
        what: `a leader of ${stream}`,
      }),
    metaLeader: () =>
      until(async () => named(await metaLeader(nodes)), { what: 'a leader of the cluster' }),
    isolate(node, link) {
      for (const other of nodes) {
        if (other === node) continue;
        other.routesProxy.set(node.name, link);
        node.routesProxy.set(other.name, link);
      }
    },
    async whole(stream) {
      await until(
        async () => {
          const { cluster } = (await infoOf(nodes, stream)) ?? {};
          const replicas = cluster?.replicas ?? [];
          const isWhole = replicas.every(({ current, lag = 0 }) => current && lag === 0);
          return replicas.length === nodes.length - 1 && isWhole;
        },
        { what: `every replica of ${stream}` },
      );
    },
  };
}

/** How many nodes the leader of the cluster has with it. */
async function membersOf(nodes: ClusterNode[]): Promise<number> {
  const name = await metaLeader(nodes);
  const leader = nodes.find(node => node.name === name);
  const seen = leader && (await look<JetStreamStatus>(leader.ports, 'jsz'));
  const others = seen?.meta_cluster?.replicas ?? [];
  return 1 + others.filter(({ current, offline }) => current && !offline).length;
}

async function metaLeader(nodes: ClusterNode[]): Promise<string | undefined> {
  for (const { ports } of nodes.filter(node => node.isUp())) {
    const seen = await look<JetStreamStatus>(ports, 'jsz');
    if (seen?.meta_cluster?.leader) return seen.meta_cluster.leader;
  }
  return undefined;
}

async function look<A>({ monitor }: Ports, path: string): Promise<A | undefined> {
  const signal = AbortSignal.timeout(2_000);
  const answer = await fetch(`http://127.0.0.1:${monitor}/${path}`, { signal }).catch(
    () => undefined,
  );
  return answer?.ok ? ((await answer.json()) as A) : undefined;
}

async function makeNode(t: Test, root: string, binary: string, name: string): Promise<ClusterNode> {
  const ports = {
    client: await freePort(),
    routes: await freePort(),
    monitor: await freePort(),
  };
  let child: ChildProcess | undefined;
  const isUp = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    name,
    ports,
    store: join(root, name),
    clientProxy: await startRelay(t, () => ports.client),
    routesProxy: await startRelay(t, () => ports.routes),
    isUp,
    async start() {
      child = spawn(binary, ['-c', join(root, `${name}.conf`)], { stdio: 'ignore' });
      await until(
        async () => {
          if (!isUp()) throw new Error(`${name} did not start; see ${root}/${name}.log`);
          return look(ports, 'varz');
        },
        { what: `the start of ${name}` },
      );
    },
    async end(signal) {
      if (child === undefined || !isUp()) return;
      const gone = once(child, 'exit');
      child.kill('SIGCONT');
      child.kill(signal);
      await gone;
    },
    signal: signal => void child?.kill(signal),
  };
}

function confOf(root: string, node: ClusterNode, nodes: ClusterNode[], sync: string): string {
  const { name, ports, store, clientProxy, routesProxy } = node;
  const routes = nodes
    .filter(other => other !== node)
    .map(other => `"nats-route://127.0.0.1:${other.routesProxy.port}"`);
  return `
server_name: ${name}
listen: "127.0.0.1:${ports.client}"
client_advertise: "127.0.0.1:${clientProxy.port}"
http: "127.0.0.1:${ports.monitor}"
log_file: "${root}/${name}.log"
max_payload: 1048576
jetstream { store_dir: "${store}", ${sync} }
authorization { user: ${USER}, password: ${PASSWORD} }
cluster {
  name: test
  listen: "127.0.0.1:${ports.routes}"
  advertise: "127.0.0.1:${routesProxy.port}"
  routes: [${routes.join(', ')}]
}
`;
}
