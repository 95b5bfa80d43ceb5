// P3: a thousand observers of one filter: calm, flat out and between, beside bare broadcasts.
import { addFaults, noFaults } from '../load/ledger.js';
import { figure, kneeOf, median, percent, ratioOf } from '../report/figures.js';
import type { Line, Results, Table } from '../report/page.js';
import type { Bench } from '../stand.js';
import {
  type Crowd,
  type CrowdMeasured,
  openCrowd,
  openFloorCrowd,
  openPeerCrowd,
  READERS,
  show,
} from './crowd.js';

const CALM = 50;
const IN_FLIGHT = 256;
const KNEE_P99_MS = 50;

interface Plan {
  warm_s: number;
  round_s: number;
  rounds: number;
  step_s: number;
  rates: readonly number[];
}

const quick: Plan = { warm_s: 1, round_s: 1, rounds: 2, step_s: 1, rates: [100, 400, 800, 1_600] };
const full: Plan = {
  warm_s: 3,
  round_s: 5,
  rounds: 5,
  step_s: 5,
  rates: [100, 200, 400, 600, 800, 1_200, 1_600, 2_400, 3_200],
};

type Rounds = Map<Crowd, CrowdMeasured[]>;

export async function runP3(bench: Bench, isQuick: boolean): Promise<Results> {
  const plan = isQuick ? quick : full;
  const opened: Crowd[] = [];
  try {
    const box = await openCrowd(bench, 'signalbox-p3');
    opened.push(box);
    // One event a frame, so that the floors send as much for each.
    const alone = await show(box, { rate: CALM }, plan.warm_s);
    const bytes = Math.round(alone.report.delivery_bytes);
    for (const writer of ['ws', 'socket'] as const) {
      opened.push(await openFloorCrowd(bench, writer, bytes));
    }
    if (bench.centrifugo !== undefined) opened.push(await openPeerCrowd(bench, bytes));
    for (const stand of opened) await show(stand, { inFlight: IN_FLIGHT }, plan.warm_s);
    const calm = await inTurn(opened, { rate: CALM }, plan);
    const flatOut = await inTurn(opened, { inFlight: IN_FLIGHT }, plan);
    const steps = [];
    for (const rate of plan.rates) {
      steps.push({ rate, measured: await show(box, { rate }, plan.step_s) });
    }
    return resultsOf(opened, { calm, flatOut, steps }, bytes);
  } finally {
    for (const stand of opened) await stand.close();
  }
}

interface Outcome {
  calm: Rounds;
  flatOut: Rounds;
  steps: { rate: number; measured: CrowdMeasured }[];
}

async function inTurn(
  stands: readonly Crowd[],
  offer: Parameters<typeof show>[1],
  { rounds, round_s }: Plan,
): Promise<Rounds> {
  const all: Rounds = new Map(stands.map(stand => [stand, []]));
  for (let i = 0; i < rounds; i++) {
    for (const stand of stands) all.get(stand)!.push(await show(stand, offer, round_s));
  }
  return all;
}

function deliveriesPerS({ report }: CrowdMeasured): number {
  return report.deliveries / report.seconds;
}

/** The store of ours serves, too; floors have none. */
function deliveriesPerCpuS({ report, cpu }: CrowdMeasured): number {
  return report.deliveries / ((cpu.host + (cpu.natsServer ?? 0)) * cpu.seconds);
}

function resultsOf(stands: readonly Crowd[], outcome: Outcome, bytes: number): Results {
  const { calm, flatOut, steps } = outcome;
  const [box, ws, socket, peer] = stands as [Crowd, Crowd, Crowd, Crowd?];
  const { nats, durability } = box.facts;
  const common = {
    sizes: `${figure(READERS)} observers, frames of ${bytes} B for one event`,
    natsServer: nats.version,
    durability,
  };
  const compare = (
    rounds: Rounds,
    floor: Crowd,
    of: (one: CrowdMeasured) => number,
    unit: string,
  ) => {
    const [ours, bare] = [box, floor].map(stand => rounds.get(stand)!.map(of)) as [
      number[],
      number[],
    ];
    return {
      ...common,
      measured: `${figure(median(ours))} ${unit}`,
      floor: `${names[floor.name]}: ${figure(median(bare))} ${unit}`,
      ratio: ratioOf(ours, bare),
    };
  };
  const knee = kneeText(steps);
  const perCpu = 'deliveries per server CPU s';
  const lines: Line[] = [
    {
      scenario: 'P3 flat out',
      ...compare(flatOut, ws, deliveriesPerS, 'deliveries/s'),
      target: { of: 'ws, one send per event', least: 8 },
    },
    {
      scenario: `P3 at ${CALM} events/s`,
      ...compare(calm, ws, deliveriesPerCpuS, perCpu),
      target: { of: 'ws, one send per event', least: 1 },
    },
    {
      scenario: `P3 at ${CALM} events/s`,
      ...compare(calm, socket, deliveriesPerCpuS, perCpu),
      target: { of: 'a bare socket written to', least: 1 },
    },
  ];
  if (peer !== undefined) {
    const of = 'Centrifugo';
    lines.push(
      {
        scenario: 'P3 flat out',
        ...compare(flatOut, peer, deliveriesPerS, 'deliveries/s'),
        target: { of, least: 4 },
      },
      {
        scenario: `P3 at ${CALM} events/s`,
        ...compare(calm, peer, deliveriesPerCpuS, perCpu),
        target: { of, least: 1.5 },
      },
    );
  }
  const all = [...calm.values(), ...flatOut.values()].flat().concat(steps.map(s => s.measured));
  return {
    lines: [...lines, ...knee.lines.map(line => ({ ...common, ...line }))],
    tables: [
      tableOf(`P3: ${CALM} events/s to ${figure(READERS)} observers`, calm),
      tableOf(`P3: flat out, ${IN_FLIGHT} events in flight`, flatOut),
      stepsTable(steps, knee.note),
    ],
    chart: {
      scenario: 'P3',
      title: `P3: ${figure(READERS)} observers flat out, thousand deliveries/s`,
      bars: stands.map(stand => ({
        label: names[stand.name]!,
        value: median(flatOut.get(stand)!.map(deliveriesPerS)) / 1000,
        isFloor: stand !== box,
      })),
    },
    faults: all.map(({ report }) => report.faults).reduce(addFaults, noFaults()),
  };
}

const names: Record<string, string> = {
  'signalbox-p3': 'signalbox',
  'floor-ws': 'floor: ws, one send per event',
  'floor-socket': 'floor: bare socket.write',
  centrifugo: 'Centrifugo, one node, memory engine',
};

/** Nothing is fetched for a run. */
const ABSENT =
  ' Centrifugo was not found (`CENTRIFUGO=path`, or `centrifugo` on the PATH): its row is absent.';

const head = [
  'events/s',
  'deliveries/s',
  'events a frame',
  'p50 ms',
  'p99 ms',
  'deliveries per server CPU s',
  'CPU host',
  'CPU generator',
  'CPU nats-server',
];

function cellsOf(all: readonly CrowdMeasured[]): string[] {
  const middle = (of: (one: CrowdMeasured) => number) => median(all.map(of));
  return [
    figure(middle(({ report }) => report.events / report.seconds)),
    figure(middle(deliveriesPerS)),
    figure(middle(({ report }) => report.frame_events)),
    figure(middle(({ report }) => report.latency.p50)),
    figure(middle(({ report }) => report.latency.p99)),
    figure(middle(deliveriesPerCpuS)),
    percent(middle(({ cpu }) => cpu.host)),
    percent(middle(({ cpu }) => cpu.generator)),
    percent(middle(({ cpu }) => cpu.natsServer ?? Number.NaN)),
  ];
}

function tableOf(title: string, rounds: Rounds): Table {
  const rows = [...rounds].map(([{ name }, all]) => [names[name]!, ...cellsOf(all)]);
  const isCompared = [...rounds.keys()].some(({ name }) => name === 'centrifugo');
  return {
    title,
    head: ['', ...head],
    rows,
    notes: [
      'Medians of the rounds. Only signalbox makes its events durable and knows who may see ' +
        `them; its server CPU is that of broker and nats-server.${isCompared ? '' : ABSENT}`,
    ],
  };
}

function stepsTable(steps: Outcome['steps'], note: string): Table {
  const rows = steps.map(({ rate, measured }) => [figure(rate), ...cellsOf([measured])]);
  return {
    title: 'P3: open loop, latency from the intended send time',
    head: ['offered', ...head],
    rows,
    notes: [note],
  };
}

/** The knee, and how late events were at half of it. */
function kneeText(steps: Outcome['steps']) {
  const knee = kneeOf(
    steps.map(({ rate, measured: { report } }) => ({
      offered: rate,
      answered: report.events / report.seconds,
      p99_ms: report.latency.p99,
    })),
    KNEE_P99_MS,
  );
  if (knee === undefined) return { lines: [], note: 'Knee: below the lowest rate.' };
  const half = steps.filter(({ rate }) => rate >= knee.offered / 2)[0]!;
  const { p99 } = half.measured.report.latency;
  const line = {
    scenario: 'P3 at half the knee',
    measured: `p99 ${figure(p99)} ms at ${figure(half.rate)} events/s`,
    floor: `${KNEE_P99_MS} ms`,
    ratio: p99 / KNEE_P99_MS,
    target: { of: `${KNEE_P99_MS} ms`, most: 1 },
  };
  return { lines: [line], note: `Knee (p99 ≤ ${KNEE_P99_MS} ms, rate kept): ${knee.offered}/s.` };
}
