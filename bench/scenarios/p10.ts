// P10: view.watch of ten thousand jobs: all rows to one, then their changes to a hundred mirrors.
import { limits } from '../../schemas/limits.js';
import { addFaults, noFaults } from '../load/ledger.js';
import type { WatchersProgram, WatchersReport } from '../programs.js';
import { figure, median, percent } from '../report/figures.js';
import type { Results } from '../report/page.js';
import { type Bench, type CpuShares, Stand } from '../stand.js';

const JOBS = 10_000;
const WATCHERS = 100;
const RATE = 200;
const SNAPSHOT_MS = 300;
const P99_MS = 50;
const MIB = 1_048_576;

const ways = [
  { encoding: 'json', again: false },
  { encoding: 'msgpack', again: false },
  { encoding: 'json', again: true },
  { encoding: 'msgpack', again: true },
] as const;

type Way = (typeof ways)[number];
type Watching = Stand<WatchersProgram>;
type Snapshot = { ms: number; bytes: number; cpu_ms: number };
type Round = { report: WatchersReport; cpu: CpuShares };

export async function runP10(bench: Bench, isQuick: boolean): Promise<Results> {
  const box: Watching = await Stand.open<WatchersProgram>(bench, {
    name: 'signalbox-p10',
    host: 'hosts/signalbox.js',
    load: 'load/watchers.js',
    loads: 1,
  });
  const load = box.loads[0]!;
  try {
    const { ws, token } = box.facts;
    await load.ask('make', { ws, token, jobs: JOBS });
    const snapshots = new Map<Way, Snapshot[]>(ways.map(way => [way, []]));
    let lost = 0;
    // The first of each finds the host not yet warm, and does not count.
    for (let i = 0; i <= (isQuick ? 3 : 9); i++) {
      for (const way of ways) {
        const { value, cpu } = await box.costOf(() => load.ask('snapshot', way));
        const cpu_ms = cpu.host * cpu.seconds * 1000;
        if (i > 0) snapshots.get(way)!.push({ ...value, cpu_ms });
        lost += await load.ask('check', undefined);
      }
    }
    await load.ask('watch', WATCHERS);
    const rounds: Round[] = [];
    const seconds = isQuick ? 2 : 8;
    for (let i = 0; i <= (isQuick ? 3 : 5); i++) {
      const work = () => load.ask('run', { rate: RATE, seconds });
      const { value: report, cpu } = await box.costOf(work);
      rounds.push({ report, cpu });
    }
    lost += await load.ask('check', undefined);
    return resultsOf(box, { snapshots, rounds: rounds.slice(1), lost });
  } finally {
    await box.close();
  }
}

interface Outcome {
  snapshots: ReadonlyMap<Way, readonly Snapshot[]>;
  rounds: readonly Round[];
  lost: number;
}

function resultsOf({ facts }: Watching, { snapshots, rounds, lost }: Outcome): Results {
  const { nats, durability } = facts;
  const msOf = (way: Way) => median(snapshots.get(way)!.map(({ ms }) => ms));
  const p99 = median(rounds.map(({ report }) => report.latency.p99));
  const common = { natsServer: nats.version, durability };
  const jobs = `${figure(JOBS)} jobs`;
  const alone = ways.filter(({ again }) => !again);
  return {
    lines: [
      ...alone.map(way => ({
        ...common,
        scenario: `P10 all rows, ${way.encoding}`,
        measured: `${figure(msOf(way))} ms`,
        floor: `${SNAPSHOT_MS} ms`,
        ratio: msOf(way) / SNAPSHOT_MS,
        target: { of: `${SNAPSHOT_MS} ms`, most: 1 },
        sizes: jobs,
      })),
      {
        ...common,
        scenario: 'P10 changes, told ten times a second',
        measured: `p99 ${figure(p99)} ms`,
        floor: `the pace and ${P99_MS} ms`,
        ratio: p99 / (limits.view_every_ms + P99_MS),
        target: { of: `${limits.view_every_ms + P99_MS} ms`, most: 1 },
        sizes: `${jobs}, ${RATE} changes/s, ${WATCHERS} watchers`,
      },
    ],
    tables: [snapshotTable(snapshots, msOf), changesTable(rounds)],
    chart: {
      scenario: 'P10',
      title: `P10: all rows of ${jobs} to one who begins to watch, ms`,
      bars: ways.map(way => ({ label: nameOf(way), value: msOf(way), isFloor: false })),
    },
    faults: rounds.map(({ report }) => report.faults).reduce(addFaults, { ...noFaults(), lost }),
  };
}

function nameOf({ encoding, again }: Way): string {
  return again ? `${encoding}, another watches` : `${encoding}, the first`;
}

function snapshotTable(snapshots: Outcome['snapshots'], msOf: (way: Way) => number) {
  return {
    title: `P10: all rows of ${figure(JOBS)} jobs to one who begins to watch`,
    head: ['', 'median ms', 'least – most', 'host CPU ms', 'MiB'],
    rows: [...snapshots].map(([way, all]) => {
      const times = all.map(({ ms }) => ms);
      const span = `${figure(Math.min(...times))} – ${figure(Math.max(...times))}`;
      const cpu_ms = median(all.map(snapshot => snapshot.cpu_ms));
      const mib = all[0]!.bytes / MIB;
      return [nameOf(way), figure(msOf(way)), span, figure(cpu_ms), figure(mib)];
    }),
    notes: ['Until the last byte was there; each was compared with job.list afterwards.'],
  };
}

function changesTable(rounds: readonly Round[]) {
  const middle = (of: (round: Round) => number) => median(rounds.map(of));
  return {
    title: `P10: ${RATE} changes/s of ${figure(JOBS)} jobs to ${WATCHERS} watchers`,
    head: ['changes/s', 'told/s', 'p50 ms', 'p90 ms', 'p99 ms', 'CPU host', 'CPU generator'],
    rows: [
      [
        figure(middle(({ report }) => report.changes / report.seconds)),
        figure(middle(({ report }) => report.deliveries / report.seconds)),
        figure(middle(({ report }) => report.latency.p50)),
        figure(middle(({ report }) => report.latency.p90)),
        figure(middle(({ report }) => report.latency.p99)),
        percent(middle(({ cpu }) => cpu.host)),
        percent(middle(({ cpu }) => cpu.generator)),
      ],
    ],
    notes: [
      `From when each was meant to be made, so with the wait of at most ${limits.view_every_ms} ` +
        'ms between two frames. A mirror was compared with job.list at the end.',
    ],
  };
}
