// P9: what an ask costs at a rate that most meshes have, beside a pipe at the same rate.
import { figure } from '../report/figures.js';
import type { Line, Results, Table } from '../report/page.js';
import type { Bench } from '../stand.js';
import {
  allFaults,
  costCells,
  costHead,
  hostCost,
  type Measured,
  nameOf,
  openPairs,
  PAIRS,
  type PairsStand,
  rateOf,
  run,
  TEXT_BYTES,
} from './pairs.js';

const RATES = [10, 50, 200, 1_000, 2_000];
const IN_FLIGHT = 20;

interface Plan {
  warm_s: number;
  step_s: number;
}

const quick: Plan = { warm_s: 1, step_s: 1 };
const full: Plan = { warm_s: 4, step_s: 10 };

/** Both hosts at one rate, one after the other. */
interface Step {
  rate: number;
  ours: Measured;
  floor: Measured;
}

export async function runP9(bench: Bench, isQuick: boolean): Promise<Results> {
  const { warm_s, step_s } = isQuick ? quick : full;
  const opened: PairsStand[] = [];
  const open = async (name: string, host: string) => {
    const stand = await openPairs(bench, { name, host });
    opened.push(stand);
    return stand;
  };
  try {
    const box = await open('signalbox-p9', 'hosts/signalbox.js');
    const pipe = await open('pipe-p9', 'hosts/pipe.js');
    for (const stand of opened) await run(stand, { inFlight: IN_FLIGHT }, warm_s);
    const steps: Step[] = [];
    for (const rate of RATES) {
      const ours = await run(box, { rate }, step_s);
      steps.push({ rate, ours, floor: await run(pipe, { rate }, step_s) });
    }
    return {
      lines: linesOf(steps, box),
      tables: [tableOf(steps)],
      chart: {
        scenario: 'P9',
        title: 'P9: host CPU, µs an ask-reply cycle, by asks a second',
        bars: steps.flatMap(({ rate, ours, floor }) => [
          { label: `signalbox at ${figure(rate)}`, value: hostCost(ours), isFloor: false },
          { label: `pipe at ${figure(rate)}`, value: hostCost(floor), isFloor: true },
        ]),
      },
      faults: allFaults(steps.flatMap(({ ours, floor }) => [ours, floor])),
    };
  } finally {
    for (const stand of opened) await stand.close();
  }
}

/** The worst of the rates stands for all. */
function linesOf(steps: readonly Step[], { facts }: PairsStand): Line[] {
  const common = {
    sizes: `open loop over ${PAIRS} pairs, texts of ${TEXT_BYTES} B`,
    natsServer: facts.nats.version,
    durability: facts.durability,
  };
  const p99 = ({ report }: Measured) => report.latency.p99;
  const worst = (of: (one: Measured) => number) => {
    const ratio = ({ ours, floor }: Step) => of(ours) / of(floor);
    const step = steps.reduce((a, b) => (ratio(b) > ratio(a) ? b : a));
    return { ...step, ours: of(step.ours), floor: of(step.floor), ratio: ratio(step) };
  };
  const [cost, late] = [worst(hostCost), worst(p99)];
  return [
    {
      ...common,
      scenario: `P9 CPU a cycle, worst of ${RATES.map(figure).join(', ')} asks/s`,
      measured: `${figure(cost.ours)} µs at ${figure(cost.rate)}/s`,
      floor: `the pipe: ${figure(cost.floor)} µs`,
      ratio: cost.ratio,
      target: { of: "the pipe's", most: 1.5 },
    },
    {
      ...common,
      scenario: 'P9 latency, worst of the same',
      measured: `p99 ${figure(late.ours)} ms at ${figure(late.rate)}/s`,
      floor: `the pipe: p99 ${figure(late.floor)} ms`,
      ratio: late.ratio,
      target: { of: "the pipe's", most: 3 },
    },
  ];
}

function tableOf(steps: readonly Step[]): Table {
  const rows = steps.flatMap(({ rate, ours, floor }) => [
    rowOf('signalbox', rate, ours),
    rowOf(nameOf('pipe'), rate, floor),
  ]);
  return {
    title: 'P9: open loop, latency from the intended send time',
    head: ['', 'asks/s offered', 'answered', 'p50 ms', 'p99 ms', 'max ms', ...costHead],
    rows,
    notes: ['CPU includes what a host does while nobody asks.'],
  };
}

function rowOf(name: string, rate: number, measured: Measured): string[] {
  const { p50, p99, max } = measured.report.latency;
  const figures = [rate, rateOf(measured), p50, p99, max].map(figure);
  return [name, ...figures, ...costCells([measured])];
}
