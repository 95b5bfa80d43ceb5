// P2: ask-reply cycles a second with everything on, beside a bare pipe and one event per message.
import { addFaults, noFaults } from '../load/ledger.js';
import type { Faults, Offer, PairsProgram, RunReport } from '../programs.js';
import { figure, kneeOf, median, percent, ratioOf } from '../report/figures.js';
import type { Line, Results, Table } from '../report/page.js';
import { type Bench, type CpuShares, Stand, type StandOptions } from '../stand.js';

const TEXT_BYTES = 64;
const PAIRS = 50;
const IN_FLIGHT = 20;
const KNEE_P99_MS = 50;
const US_PER_S = 1e6;

interface Plan {
  warm_s: number;
  round_s: number;
  rounds: number;
  step_s: number;
  /** Of what the same host reached with so many in flight. */
  shares: readonly number[];
}

const quick: Plan = { warm_s: 2, round_s: 2, rounds: 3, step_s: 2, shares: [0.3, 0.5, 0.7, 0.9] };
const full: Plan = {
  warm_s: 4,
  round_s: 5,
  rounds: 5,
  step_s: 5,
  shares: [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
};

interface Measured {
  report: RunReport;
  cpu: CpuShares;
}

interface Sweep {
  stand: string;
  steps: { offered: number; measured: Measured }[];
}

type PairsStand = Stand<PairsProgram>;

export async function runP2(bench: Bench, isQuick: boolean): Promise<Results> {
  const plan = isQuick ? quick : full;
  const opened: PairsStand[] = [];
  const open = async (options: Pick<StandOptions, 'name' | 'host' | 'isGrouped'>, loads = 1) => {
    const stand = await Stand.open<PairsProgram>(bench, {
      ...options,
      load: 'load/pairs.js',
      loads,
    });
    opened.push(stand);
    await connect(stand, options.name.startsWith('signalbox'));
    return stand;
  };
  try {
    const box = await open({ name: 'signalbox', host: 'hosts/signalbox.js' });
    const pipe = await open({ name: 'pipe', host: 'hosts/pipe.js', isGrouped: true });
    const single = await open({ name: 'single', host: 'hosts/pipe.js', isGrouped: false });
    const doubled = await open({ name: 'signalbox-2', host: 'hosts/signalbox.js' }, 2);
    const rounds = await closedRounds([box, pipe, single, doubled], plan);
    const sweeps = [
      await sweep(box, rounds.get(box)!, plan),
      await sweep(pipe, rounds.get(pipe)!, plan),
    ];
    return {
      lines: linesOf(rounds, box, pipe, single),
      tables: [roundsTable(rounds), sweepTable(sweeps)],
      chart: {
        scenario: 'P2',
        title: 'P2: ask-reply cycles a second',
        bars: [...rounds].map(([{ name }, all]) => ({
          label: names[name] ?? name,
          value: median(all.map(rateOf)),
          isFloor: name === 'pipe' || name === 'single',
        })),
      },
      faults: allFaults([...rounds.values()].flat(), sweeps),
    };
  } finally {
    for (const stand of opened) await stand.close();
  }
}

async function connect({ facts, loads }: PairsStand, acknowledges: boolean): Promise<void> {
  const { ws, token } = facts;
  const pairs = PAIRS / loads.length;
  const target = { ws, token, text_bytes: TEXT_BYTES, acknowledges, pairs };
  for (const load of loads) await load.ask('connect', target);
}

/** The stands take turns, so that what disturbs one disturbs all. */
async function closedRounds(
  stands: PairsStand[],
  { warm_s, round_s, rounds }: Plan,
): Promise<Map<PairsStand, Measured[]>> {
  const all = new Map<PairsStand, Measured[]>(stands.map(stand => [stand, []]));
  for (const stand of stands) await run(stand, { inFlight: IN_FLIGHT }, warm_s);
  for (let i = 0; i < rounds; i++) {
    for (const stand of stands) {
      all.get(stand)!.push(await run(stand, { inFlight: IN_FLIGHT }, round_s));
    }
  }
  return all;
}

async function sweep(
  stand: PairsStand,
  reached: readonly Measured[],
  { shares, step_s }: Plan,
): Promise<Sweep> {
  const most = median(reached.map(rateOf));
  const steps = [];
  for (const share of shares) {
    const offered = Math.round(share * most);
    steps.push({ offered, measured: await run(stand, { rate: offered }, step_s) });
  }
  return { stand: stand.name, steps };
}

async function run(stand: PairsStand, offer: Offer, seconds: number): Promise<Measured> {
  const shared = 'rate' in offer ? { rate: offer.rate / stand.loads.length } : offer;
  const { value, cpu } = await stand.costOf(() =>
    Promise.all(stand.loads.map(load => load.ask('run', { ...shared, seconds }))),
  );
  return { report: value.reduce(merged), cpu };
}

/** Two generators at work at once; their latencies cannot be merged, so the worse ones stand. */
function merged(a: RunReport, b: RunReport): RunReport {
  const worse = a.latency.p99 > b.latency.p99 ? a : b;
  return { ...worse, cycles: a.cycles + b.cycles, faults: addFaults(a.faults, b.faults) };
}

function rateOf({ report }: Measured): number {
  return report.cycles / report.seconds;
}

function linesOf(
  rounds: Map<PairsStand, Measured[]>,
  box: PairsStand,
  pipe: PairsStand,
  single: PairsStand,
): Line[] {
  const rates = (stand: PairsStand) => rounds.get(stand)!.map(rateOf);
  const [ours, bare, alone] = [rates(box), rates(pipe), rates(single)];
  const sent = rounds.get(box)![0]!.report.frame_bytes.join(' and ');
  const { nats, durability } = box.facts;
  const common = {
    measured: `${figure(median(ours))} cycles/s`,
    sizes: `${PAIRS} pairs × ${IN_FLIGHT} in flight, texts of ${TEXT_BYTES} B, calls of ${sent} B`,
    natsServer: nats.version,
    durability,
  };
  const scenario = 'P2 ask-reply cycles, everything on';
  return [
    {
      ...common,
      scenario,
      floor: `bare pipe: ${figure(median(bare))} cycles/s`,
      ratio: ratioOf(ours, bare),
      target: { of: 'the pipe', least: 0.7 },
    },
    {
      ...common,
      scenario,
      floor: `one event per message: ${figure(median(alone))} cycles/s`,
      ratio: ratioOf(ours, alone),
      target: { of: 'one event per message', least: 3 },
    },
  ];
}

const names: Record<string, string> = {
  signalbox: 'signalbox',
  pipe: 'floor: bare pipe, group commit',
  single: 'floor: one event per message',
  'signalbox-2': 'signalbox, twice the generators',
};

const cpuHead = ['host µs a cycle', 'CPU host', 'CPU generator', 'CPU nats-server'];

function roundsTable(rounds: Map<PairsStand, Measured[]>): Table {
  const rows = [...rounds].map(([{ name }, all]) => {
    const middle = (of: (one: Measured) => number) => median(all.map(of));
    const rates = all.map(rateOf);
    return [
      names[name] ?? name,
      figure(middle(rateOf)),
      `${figure(Math.min(...rates))} – ${figure(Math.max(...rates))}`,
      figure(middle(({ report }) => report.latency.p50)),
      figure(middle(({ report }) => report.latency.p99)),
      ...cpuCells(all),
    ];
  });
  return {
    title: `P2: ${PAIRS} pairs, ${IN_FLIGHT} asks in flight each`,
    head: ['', 'cycles/s', 'least – most', 'p50 ms', 'p99 ms', ...cpuHead],
    rows,
    notes: [
      'Medians of the rounds; CPU is of one core. The floors keep no inbox: a cycle there is ' +
        'two events, ours two and a share of an acknowledgement.',
    ],
  };
}

function cpuCells(all: readonly Measured[]): string[] {
  const middle = (of: (one: Measured) => number) => median(all.map(of));
  return [
    figure(middle(({ cpu, report }) => (cpu.host * US_PER_S * cpu.seconds) / report.cycles)),
    percent(middle(({ cpu }) => cpu.host)),
    percent(middle(({ cpu }) => cpu.generator)),
    percent(middle(({ cpu }) => cpu.natsServer ?? Number.NaN)),
  ];
}

function sweepTable(sweeps: readonly Sweep[]): Table {
  const rows = sweeps.flatMap(({ stand, steps }) =>
    steps.map(({ offered, measured }) => {
      const { p50, p99, max } = measured.report.latency;
      const answered = figure(rateOf(measured));
      const latencies = [p50, p99, max].map(figure);
      return [
        names[stand] ?? stand,
        figure(offered),
        answered,
        ...latencies,
        ...cpuCells([measured]),
      ];
    }),
  );
  return {
    title: 'P2: open loop, latency from the intended send time',
    head: ['', 'asks/s offered', 'answered', 'p50 ms', 'p99 ms', 'max ms', ...cpuHead],
    rows,
    notes: sweeps.map(kneeText),
  };
}

function kneeText({ stand, steps }: Sweep): string {
  const knee = kneeOf(
    steps.map(({ offered, measured }) => ({
      offered,
      answered: rateOf(measured),
      p99_ms: measured.report.latency.p99,
    })),
    KNEE_P99_MS,
  );
  const where = knee === undefined ? 'below the lowest rate' : `${figure(knee.offered)} asks/s`;
  return `Knee of ${names[stand] ?? stand} (p99 ≤ ${KNEE_P99_MS} ms, rate kept): ${where}.`;
}

function allFaults(rounds: readonly Measured[], sweeps: readonly Sweep[]): Faults {
  const swept = sweeps.flatMap(({ steps }) => steps.map(({ measured }) => measured));
  return [...rounds, ...swept].map(({ report }) => report.faults).reduce(addFaults, noFaults());
}
