// Fifty pairs of one host that ask and reply, as P2 and P9 measure them.
import { addFaults, noFaults } from '../load/ledger.js';
import type { Faults, Offer, PairsProgram, RunReport } from '../programs.js';
import { figure, median, percent } from '../report/figures.js';
import { type Bench, type CpuShares, Stand, type StandOptions } from '../stand.js';

export const TEXT_BYTES = 64;
export const PAIRS = 50;
const US_PER_S = 1e6;

export type PairsStand = Stand<PairsProgram>;

export type PairsOptions = Pick<StandOptions, 'name' | 'host' | 'isGrouped'> & { loads?: number };

export interface Measured {
  report: RunReport;
  cpu: CpuShares;
}

/** One event per message keeps no inbox: a commit for each acknowledgement would flatter us. */
export async function openPairs(
  bench: Bench,
  { loads = 1, ...options }: PairsOptions,
): Promise<PairsStand> {
  const load = { load: 'load/pairs.js', loads };
  const stand = await Stand.open<PairsProgram>(bench, { ...options, ...load });
  const { ws, token } = stand.facts;
  const acknowledges = options.isGrouped ?? true;
  const target = { ws, token, text_bytes: TEXT_BYTES, acknowledges, pairs: PAIRS / loads };
  for (const each of stand.loads) await each.ask('connect', target);
  return stand;
}

export async function run(stand: PairsStand, offer: Offer, seconds: number): Promise<Measured> {
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

export function rateOf({ report }: Measured): number {
  return report.cycles / report.seconds;
}

/** CPU time of the host, in µs a cycle. */
export function hostCost(measured: Measured): number {
  return costOf(measured, measured.cpu.host);
}

function costOf({ report, cpu }: Measured, share: number | undefined): number {
  return ((share ?? Number.NaN) * US_PER_S * cpu.seconds) / report.cycles;
}

export const costHead = ['host µs a cycle', 'its main thread', 'CPU generator', 'CPU nats-server'];

export function costCells(all: readonly Measured[]): string[] {
  const middle = (of: (one: Measured) => number) => median(all.map(of));
  return [
    figure(middle(hostCost)),
    figure(middle(one => costOf(one, one.cpu.main))),
    percent(middle(({ cpu }) => cpu.generator)),
    percent(middle(({ cpu }) => cpu.natsServer ?? Number.NaN)),
  ];
}

const names: Record<string, string> = {
  pipe: 'floor: pipe, group commit',
  single: 'floor: one event per message',
  'signalbox-2': 'signalbox, twice the generators',
};

/** What the page calls a stand. */
export function nameOf(stand: string): string {
  return names[stand] ?? stand;
}

export function allFaults(all: readonly Measured[]): Faults {
  return all.map(({ report }) => report.faults).reduce(addFaults, noFaults());
}
