// P6: what ten thousand idle connections hold in memory, beside a bare ws server.
import { noFaults } from '../load/ledger.js';
import type { IdleProgram, Settled } from '../programs.js';
import { figure } from '../report/figures.js';
import type { Results } from '../report/page.js';
import { type Bench, Stand } from '../stand.js';

const CONNECTIONS = 10_000;
/** Opened and closed before: buffers and code that come once are not what a connection costs. */
const WARM_CONNECTIONS = 500;
const KB = 1_000;

interface Held {
  before: Settled;
  after: Settled;
  kb: number;
}

export async function runP6(bench: Bench, _isQuick: boolean): Promise<Results> {
  const load = { load: 'load/idle.js', loads: 1 };
  const [box, floor] = await Promise.all([
    Stand.open<IdleProgram>(bench, { name: 'signalbox-p6', host: 'hosts/signalbox.js', ...load }),
    Stand.open<IdleProgram>(bench, {
      name: 'bare-ws',
      host: 'hosts/broadcast.js',
      writer: 'ws',
      ...load,
    }),
  ]);
  try {
    // Memory does not depend on who else is busy.
    const [ours, bare] = await Promise.all([fill(box), fill(floor)]);
    return resultsOf(box, ours, bare);
  } finally {
    await box.close();
    await floor.close();
  }
}

async function fill(stand: Stand<IdleProgram>): Promise<Held> {
  const { ws, token } = stand.facts;
  const load = stand.loads[0]!;
  await load.ask('connect', { ws, token, connections: WARM_CONNECTIONS });
  await load.ask('disconnect', undefined);
  const before = await stand.settled();
  await load.ask('connect', { ws, token, connections: CONNECTIONS });
  const after = await stand.settled();
  return { before, after, kb: (after.rss_bytes - before.rss_bytes) / CONNECTIONS / KB };
}

function resultsOf(box: Stand<IdleProgram>, ours: Held, bare: Held): Results {
  const { nats, durability } = box.facts;
  const common = {
    sizes: `${figure(CONNECTIONS)} connections that say nothing`,
    natsServer: nats.version,
    durability,
  };
  const timers = (ours.after.timers - ours.before.timers) / CONNECTIONS;
  const row = (name: string, { before, after, kb }: Held) => [
    name,
    figure(kb),
    figure(before.rss_bytes / 1e6),
    figure(after.rss_bytes / 1e6),
    figure(before.timers),
    figure(after.timers),
  ];
  return {
    lines: [
      {
        ...common,
        scenario: 'P6 idle connections',
        measured: `${figure(ours.kb)} KB each`,
        floor: `bare ws: ${figure(bare.kb)} KB each`,
        ratio: ours.kb / bare.kb,
        target: { of: 'bare ws', most: 2 },
      },
      {
        ...common,
        scenario: 'P6 timers',
        measured: `${figure(timers)} a connection`,
        floor: 'none',
        ratio: timers,
        target: { of: 'a timer each', most: 0.01 },
      },
    ],
    tables: [
      {
        title: `P6: ${figure(CONNECTIONS)} idle connections`,
        head: ['', 'KB each', 'RSS before, MB', 'RSS after, MB', 'timers before', 'timers after'],
        rows: [row('signalbox', ours), row('floor: bare ws', bare)],
        notes: ['Resident memory of the host after its garbage was collected.'],
      },
    ],
    chart: {
      scenario: 'P6',
      title: 'P6: memory of an idle connection, KB',
      bars: [
        { label: 'signalbox', value: ours.kb, isFloor: false },
        { label: 'floor: bare ws', value: bare.kb, isFloor: true },
      ],
    },
    faults: noFaults(),
  };
}
