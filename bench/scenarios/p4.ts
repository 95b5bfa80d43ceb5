// P4: replay of a long log to one observer, beside a raw push consumer of the same commits.
import { addFaults, noFaults } from '../load/ledger.js';
import type { ReplayProgram, ReplayReport } from '../programs.js';
import { figure, median, percent, ratioOf } from '../report/figures.js';
import type { Line, Results, Table } from '../report/page.js';
import { type Bench, type CpuShares, Stand } from '../stand.js';
import { type History, indexed, makeHistory } from './history.js';

const COMMIT_EVENTS = 64;
const TEXT_BYTES = 64;
const MIB = 1_048_576;
const GROWTH_MIB = 64;
const US_PER_S = 1e6;

const encodings = ['msgpack', 'json'] as const;
type Reading = (typeof encodings)[number] | 'raw';

interface Measured {
  report: ReplayReport;
  cpu: CpuShares;
}

type ReplayStand = Stand<ReplayProgram>;

export async function runP4(bench: Bench, isQuick: boolean): Promise<Results> {
  const events = isQuick ? 200_000 : 1_000_000;
  const texts = { numbered_bytes: TEXT_BYTES };
  const sizes = { events, commit_events: COMMIT_EVENTS, texts };
  const history = await makeHistory(bench, 'history', sizes);
  const open = async (name: string, host: string, load: string) =>
    Stand.open<ReplayProgram>(bench, {
      name,
      host,
      load,
      loads: 1,
      data: await history.copy(name),
    });
  const floor = await open('store', 'hosts/store.js', 'load/drain.js');
  const box = await open('signalbox-p4', 'hosts/signalbox.js', 'load/replay.js');
  try {
    // To fold and index the history after a start is no replay.
    await indexed(box.facts);
    const before = (await box.settled()).rss_bytes;
    const rounds = new Map<Reading, Measured[]>();
    const measure = async () => {
      for (let i = 0; i < (isQuick ? 3 : 6); i++) {
        note(rounds, 'raw', await replay(floor, 'msgpack', history));
        for (const encoding of encodings) {
          note(rounds, encoding, await replay(box, encoding, history));
        }
      }
    };
    const { peak_bytes } = await box.peakOf(measure);
    return resultsOf(box, rounds, history, (peak_bytes - before) / MIB);
  } finally {
    await floor.close();
    await box.close();
  }
}

function note(rounds: Map<Reading, Measured[]>, reading: Reading, measured: Measured): void {
  rounds.set(reading, [...(rounds.get(reading) ?? []), measured]);
}

async function replay(
  stand: ReplayStand,
  encoding: (typeof encodings)[number],
  { events, commits }: History,
): Promise<Measured> {
  const { ws, token } = stand.facts;
  const target = { ws, token, encoding, events, commits };
  const { value, cpu } = await stand.costOf(() => stand.loads[0]!.ask('replay', target));
  return { report: value, cpu };
}

function resultsOf(
  box: ReplayStand,
  rounds: Map<Reading, Measured[]>,
  history: History,
  growth_mib: number,
): Results {
  const { events, commits, bytes } = history;
  const { nats, durability } = box.facts;
  const rates = (reading: Reading) =>
    rounds.get(reading)!.map(({ report }) => events / report.seconds);
  const sizes = `${figure(events)} events, commits of ${figure(bytes / commits)} B`;
  const common = { sizes, natsServer: nats.version, durability };
  const least = { msgpack: 0.6, json: 0.4 };
  const lines: Line[] = encodings.map(encoding => ({
    ...common,
    scenario: `P4 replay to one observer, ${encoding}`,
    measured: `${figure(median(rates(encoding)))} events/s`,
    floor: `raw push consumer: ${figure(median(rates('raw')))} events/s`,
    ratio: ratioOf(rates(encoding), rates('raw')),
    target: { of: 'raw', least: least[encoding] },
  }));
  lines.push({
    ...common,
    scenario: 'P4 memory of the broker while it replays',
    measured: `${figure(growth_mib)} MiB more at the peak`,
    floor: `${GROWTH_MIB} MiB`,
    ratio: growth_mib / GROWTH_MIB,
    target: { of: `${GROWTH_MIB} MiB`, most: 1 },
  });
  const all = [...rounds.values()].flat();
  return {
    lines,
    tables: [tableOf(rounds, events)],
    chart: {
      scenario: 'P4',
      title: 'P4: replay to one observer, thousand events/s',
      bars: [...rounds.keys()].map(reading => ({
        label: nameOf(reading),
        value: median(rates(reading)) / 1000,
        isFloor: reading === 'raw',
      })),
    },
    faults: all.map(({ report }) => report.faults).reduce(addFaults, noFaults()),
  };
}

function nameOf(reading: Reading): string {
  return reading === 'raw' ? 'floor: raw push consumer' : `signalbox, ${reading}`;
}

/** A raw consumer is its own host. */
function cpuOf({ host, generator, natsServer = 0 }: CpuShares, reading: Reading): number {
  return natsServer + (reading === 'raw' ? generator : host);
}

function tableOf(rounds: Map<Reading, Measured[]>, events: number): Table {
  return {
    title: 'P4: replay from the start to one observer',
    head: [
      '',
      'events/s',
      'MB/s',
      'CPU µs an event',
      'CPU host',
      'CPU observer',
      'CPU nats-server',
    ],
    rows: [...rounds].map(([reading, all]) => {
      const middle = (of: (one: Measured) => number) => median(all.map(of));
      return [
        nameOf(reading),
        figure(middle(({ report }) => events / report.seconds)),
        figure(middle(({ report }) => report.bytes / report.seconds / 1e6)),
        figure(middle(({ cpu }) => (cpuOf(cpu, reading) * cpu.seconds * US_PER_S) / events)),
        percent(middle(({ cpu }) => cpu.host)),
        percent(middle(({ cpu }) => cpu.generator)),
        percent(middle(({ cpu }) => cpu.natsServer ?? Number.NaN)),
      ];
    }),
    notes: [
      'Medians of the rounds, in which all three took turns; CPU is of one core. CPU of an ' +
        "event: what serves it, the store's share included, and not who observes.",
    ],
  };
}
