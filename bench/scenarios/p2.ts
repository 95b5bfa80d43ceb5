// P2: ask-reply cycles a second with everything on, beside a pipe and one event per message.
import { figure, median, ratioOf } from '../report/figures.js';
import type { Line, Results, Table } from '../report/page.js';
import type { Bench } from '../stand.js';
import {
  allFaults,
  costCells,
  costHead,
  type Measured,
  nameOf,
  openPairs,
  PAIRS,
  type PairsOptions,
  type PairsStand,
  rateOf,
  run,
  TEXT_BYTES,
} from './pairs.js';

const IN_FLIGHT = 20;

interface Plan {
  warm_s: number;
  round_s: number;
  rounds: number;
}

const quick: Plan = { warm_s: 1, round_s: 1, rounds: 4 };
const full: Plan = { warm_s: 4, round_s: 5, rounds: 5 };

export async function runP2(bench: Bench, isQuick: boolean): Promise<Results> {
  const plan = isQuick ? quick : full;
  const opened: PairsStand[] = [];
  const open = async (options: PairsOptions) => {
    const stand = await openPairs(bench, options);
    opened.push(stand);
    return stand;
  };
  try {
    const box = await open({ name: 'signalbox', host: 'hosts/signalbox.js' });
    const pipe = await open({ name: 'pipe', host: 'hosts/pipe.js', isGrouped: true });
    const single = await open({ name: 'single', host: 'hosts/pipe.js', isGrouped: false });
    const doubled = await open({ name: 'signalbox-2', host: 'hosts/signalbox.js', loads: 2 });
    const rounds = await closedRounds([box, pipe, single, doubled], plan);
    return {
      lines: linesOf(rounds, box, pipe, single),
      tables: [roundsTable(rounds)],
      chart: {
        scenario: 'P2',
        title: 'P2: ask-reply cycles a second',
        bars: [...rounds].map(([{ name }, all]) => ({
          label: nameOf(name),
          value: median(all.map(rateOf)),
          isFloor: name === 'pipe' || name === 'single',
        })),
      },
      faults: allFaults([...rounds.values()].flat()),
    };
  } finally {
    for (const stand of opened) await stand.close();
  }
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
      floor: `pipe of the same durable work: ${figure(median(bare))} cycles/s`,
      ratio: ratioOf(ours, bare),
      target: { of: 'the pipe', least: 0.6 },
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

function roundsTable(rounds: Map<PairsStand, Measured[]>): Table {
  const rows = [...rounds].map(([{ name }, all]) => {
    const middle = (of: (one: Measured) => number) => median(all.map(of));
    const rates = all.map(rateOf);
    return [
      nameOf(name),
      figure(middle(rateOf)),
      `${figure(Math.min(...rates))} – ${figure(Math.max(...rates))}`,
      figure(middle(({ report }) => report.latency.p50)),
      figure(middle(({ report }) => report.latency.p99)),
      ...costCells(all),
    ];
  });
  return {
    title: `P2: ${PAIRS} pairs, ${IN_FLIGHT} asks in flight each`,
    head: ['', 'cycles/s', 'least – most', 'p50 ms', 'p99 ms', ...costHead],
    rows,
    notes: [
      'Medians of the rounds; CPU is of one core. The pipe makes the same events durable, ' +
        'acknowledgements too; one event per message knows none.',
    ],
  };
}
