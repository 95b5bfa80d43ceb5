// Prometheus metrics: counts and gauges, never the name of a peer, a circle or a token.
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { limits } from '../../../schemas/limits.js';
import { jobsIn, lettersIn, peersIn, schedulesIn, webhooksIn } from '../../core/mesh/counts.js';
import { covers, rights } from '../../core/rows/rights.js';
import type { Door } from '../../runtime/door.js';
import { skewSeconds } from '../../system/skew.js';
import type { Connections } from '../calls/connections.js';
import type { Fanout } from '../observe/fanout.js';
import { doorTime } from '../shared/access.js';
import type { Counters } from '../shared/counters.js';
import type { LiveViews } from '../views/live-views.js';

export interface MetricsParts {
  door: Door;
  fanout: Fanout;
  connections: Connections;
  streams: { readonly size: number };
  counters: Counters;
  views: Pick<LiveViews, 'stats'>;
}

export interface Metrics {
  contentType: string;
  /** The text of the figures; those of the mesh are for a token that may see all of it. */
  metrics(token: string): Promise<string>;
}

/** Registers the gateway's figures; they are read only when somebody asks. */
export function createMetrics(parts: MetricsParts): Metrics {
  const { door } = parts;
  const registry = new Registry();
  // A timer of its own, which at its usual 10 ms would keep an idle broker awake.
  const eventLoopMonitoringPrecision = limits.loop_look_ms;
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision });
  addCounters(registry, parts.counters);
  addDeliveries(registry, door);
  addGauges(registry, parts);
  const mesh = new Registry();
  addMeshGauges(mesh, door);
  const whole = Registry.merge([registry, mesh]);
  return {
    contentType: registry.contentType,
    metrics(token) {
      const held = rights(door.table, token, doorTime(door));
      const seesAll = held !== undefined && covers(held, '*');
      return (seesAll ? whole : registry).metrics();
    },
  };
}

function addMeshGauges(registry: Registry, door: Door): void {
  const everywhere = () => true;
  const levels: [string, string, string, () => Record<string, number>][] = [
    [
      'peers',
      'status',
      'Peers that have not left.',
      () => peersIn(door.table, everywhere, doorTime(door)),
    ],
    ['jobs', 'state', 'Jobs.', () => jobsIn(door.table, everywhere)],
    ['schedules', 'state', 'Schedules.', () => schedulesIn(door.table, everywhere)],
    ['webhooks', 'state', 'Webhooks.', () => webhooksIn(door.table, doorTime(door))],
    ['dead_letters', 'state', 'Dead letters of webhooks.', () => lettersIn(door.table)],
  ];
  for (const [name, label, help, counts] of levels) {
    new Gauge({
      name: `signalbox_${name}`,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        this.reset();
        for (const [value, count] of Object.entries(counts())) this.set({ [label]: value }, count);
      },
    });
  }
}

function addCounters(registry: Registry, counters: Counters): void {
  new Counter({
    name: 'signalbox_calls_total',
    help: 'Calls answered, by method and by outcome (ok or the refusal).',
    labelNames: ['method', 'outcome'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [method, outcome, count] of counters.calls()) this.inc({ method, outcome }, count);
    },
  });
  new Counter({
    name: 'signalbox_sockets_closed_total',
    help: 'Sockets closed, by close code.',
    labelNames: ['code'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [code, count] of counters.closes()) this.inc({ code }, count);
    },
  });
  new Counter({
    name: 'signalbox_turned_away_total',
    help: 'Requests and upgrades turned away, by status.',
    labelNames: ['status'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [status, count] of counters.rejections()) this.inc({ status }, count);
    },
  });
}

/** Of webhooks, those that this broker makes. */
function addDeliveries(registry: Registry, { webhooks }: Door): void {
  new Counter({
    name: 'signalbox_webhook_deliveries_total',
    help: 'Attempts to deliver to webhooks from here, by outcome (delivered or failed).',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset();
      const { delivered = 0, failed = 0 } = webhooks?.figures() ?? {};
      for (const [outcome, count] of Object.entries({ delivered, failed })) {
        this.inc({ outcome }, count);
      }
    },
  });
}

const ownSkew = (door: Door) => () => skewSeconds(door.skew().store_ms);
const logSkew = (door: Door) => () => skewSeconds(door.skew().log_ms);

const heldBy = (door: Door) => door.webhooks?.figures().held ?? 0;
const lagOf = (door: Door) => door.figures().index?.lag_commits ?? 0;

/** Not a number where there is none. */
function snapshotOf(door: Door) {
  const none = Number.NaN;
  return door.figures().snapshot ?? { sequence: 0, bytes: 0, age_s: none };
}

function addGauges(registry: Registry, parts: MetricsParts): void {
  const { door, fanout, connections, streams, views } = parts;
  const levels: [string, string, () => number][] = [
    ['connections', 'Open WebSockets.', () => connections.size],
    ['event_streams', 'Open streams of server-sent events.', () => streams.size],
    ['subscriptions', 'Subscriptions to the log.', () => fanout.stats().subscriptions],
    ['ring_commits', 'Commits held in memory for observers.', () => fanout.stats().ringCommits],
    ['watchers', 'Subscriptions to views.', () => views.stats().watchers],
    ['watched_rows', 'Rows that are watched, by how many it may be.', () => views.stats().rows],
    ['watched_bytes', 'Of watched rows that lie ready to be sent.', () => views.stats().bytes],
    ['webhooks_held', 'Webhooks delivered from here.', () => heldBy(door)],
    ['index_lag_commits', 'How far the timeline is behind.', () => lagOf(door)],
    ['snapshot_sequence', 'Where the newest snapshot stands.', () => snapshotOf(door).sequence],
    ['snapshot_bytes', 'Of the newest snapshot.', () => snapshotOf(door).bytes],
    ['snapshot_age_seconds', 'Since it was written.', () => snapshotOf(door).age_s],
    ['log_sequence', 'The newest commit folded.', () => door.info().sequence],
    ['clock_skew_seconds', "How far this clock is ahead of the log store's.", ownSkew(door)],
    ['log_time_ahead_seconds', "How far log time is ahead of the store's.", logSkew(door)],
    ['ready', '1 when the broker takes commands.', () => Number(door.health().ready)],
  ];
  for (const [name, help, level] of levels) {
    new Gauge({
      name: `signalbox_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(level());
      },
    });
  }
}
