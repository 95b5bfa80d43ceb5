// P1: ask, delivered, reply, delivered; one pair, idle, beside two bare publishes and their hops.
import { addFaults, noFaults } from '../load/ledger.js';
import type { Latency, PingProgram, RunReport } from '../programs.js';
import { figure, percent } from '../report/figures.js';
import type { Results } from '../report/page.js';
import { type Bench, type CpuShares, Stand } from '../stand.js';

const TEXT_BYTES = 64;
const PAUSE_MS = 3;
/** Until the code is compiled: a broker that has just started is not what is measured. */
const WARM_CYCLES = 2_000;
const BLOCK_CYCLES = 100;

interface Measured {
  report: RunReport;
  cpu: CpuShares;
}

/** Floor and measured take turns, so that what disturbs one disturbs the other. */
export async function runP1(bench: Bench, isQuick: boolean): Promise<Results> {
  const load = { load: 'load/ping.js', loads: 1 };
  const open = (name: string, host: string) =>
    Stand.open<PingProgram>(bench, { name, host, ...load });
  const [floor, box] = await Promise.all([
    open('hop', 'hosts/hop.js'),
    open('signalbox-p1', 'hosts/signalbox.js'),
  ]);
  try {
    const stands = [floor, box];
    await connect(floor, true);
    await connect(box, false);
    const warm = isQuick ? WARM_CYCLES / 2 : WARM_CYCLES;
    for (const stand of stands) await block(stand, warm, true);
    const last = new Map<string, Measured>();
    for (let i = 0; i < (isQuick ? 10 : 30); i++) {
      for (const stand of stands) last.set(stand.name, await block(stand, BLOCK_CYCLES, false));
    }
    return resultsOf(box, last.get(box.name)!, last.get(floor.name)!);
  } finally {
    await floor.close();
    await box.close();
  }
}

async function connect(stand: Stand<PingProgram>, isBare: boolean): Promise<void> {
  const { ws, token } = stand.facts;
  const target = { ws, token, text_bytes: TEXT_BYTES, isBare, acknowledges: !isBare };
  await Promise.all(stand.loads.map(load => load.ask('connect', target)));
}

async function block(
  stand: Stand<PingProgram>,
  cycles: number,
  isWarmUp: boolean,
): Promise<Measured> {
  const detail = { cycles, pause_ms: isWarmUp ? 0 : PAUSE_MS, isWarmUp };
  const { value, cpu } = await stand.costOf(() => stand.loads[0]!.ask('block', detail));
  return { report: value, cpu };
}

function resultsOf(box: Stand<PingProgram>, measured: Measured, floor: Measured): Results {
  const [ours, bare] = [measured.report.latency, floor.report.latency];
  const { nats, durability } = box.facts;
  return {
    lines: [
      {
        scenario: 'P1 ask → delivered → reply → delivered, idle',
        measured: `p50 ${figure(ours.p50)} ms`,
        floor: `two publishes and their hops: p50 ${figure(bare.p50)} ms`,
        ratio: ours.p50 / bare.p50,
        target: { of: "the floor's p50", most: 1.25 },
        sizes: `texts of ${TEXT_BYTES} B, frames of ${measured.report.frame_bytes.join(' and ')} B`,
        natsServer: nats.version,
        durability,
      },
    ],
    tables: [
      {
        title: 'P1: one ask at a time (ms)',
        head: ['', 'p50', 'p90', 'p99', 'max', 'CPU host', 'CPU generator', 'CPU nats-server'],
        rows: [rowOf('signalbox', ours, measured.cpu), rowOf('floor', bare, floor.cpu)],
        notes: [
          `Blocks of ${BLOCK_CYCLES} cycles in turn, ${PAUSE_MS} ms between cycles. ` +
            'CPU is of one core, in the last block.',
        ],
      },
    ],
    chart: {
      scenario: 'P1',
      title: 'P1: ask → delivered → reply → delivered, ms (p50, p99)',
      bars: [
        { label: 'signalbox p50', value: ours.p50, isFloor: false },
        { label: 'floor p50', value: bare.p50, isFloor: true },
        { label: 'signalbox p99', value: ours.p99, isFloor: false },
        { label: 'floor p99', value: bare.p99, isFloor: true },
      ],
    },
    faults: [measured, floor].map(({ report }) => report.faults).reduce(addFaults, noFaults()),
  };
}

function rowOf(name: string, { p50, p90, p99, max }: Latency, cpu: CpuShares): string[] {
  const shares = [cpu.host, cpu.generator, cpu.natsServer].map(percent);
  return [name, ...[p50, p90, p99, max].map(figure), ...shares];
}
