// P7: one observer among a thousand that reads nothing: what the others notice of it.
import { addFaults, noFaults } from '../load/ledger.js';
import { figure, median, percent, ratioOf } from '../report/figures.js';
import type { Results } from '../report/page.js';
import type { Bench } from '../stand.js';
import { type Crowd, type CrowdMeasured, openCrowd, READERS, show } from './crowd.js';
import { makeHistory } from './history.js';

const RATE = 200;
const MIB = 1_048_576;
const GROWTH_MIB = 16;
/** More than the kernel's buffers and a socket's own hold together. */
const HISTORY = { events: 100_000, commit_events: 64, texts: { numbered_bytes: 64 } };

interface Rounds {
  without: CrowdMeasured[];
  with: CrowdMeasured[];
}

export async function runP7(bench: Bench, isQuick: boolean): Promise<Results> {
  const history = await makeHistory(bench, 'signalbox-p7', HISTORY);
  const box = await openCrowd(bench, 'signalbox-p7', history.dir);
  const load = box.loads[0]!;
  try {
    const seconds = isQuick ? 1 : 6;
    await show(box, { rate: RATE }, seconds);
    const rounds: Rounds = { without: [], with: [] };
    const growths: number[] = [];
    for (let i = 0; i < (isQuick ? 3 : 6); i++) {
      rounds.without.push(await show(box, { rate: RATE }, seconds));
      const before = (await box.settled()).rss_bytes;
      await load.ask('stall', true);
      rounds.with.push(await show(box, { rate: RATE }, seconds));
      growths.push(((await box.settled()).rss_bytes - before) / MIB);
      await load.ask('stall', false);
    }
    return resultsOf(box, rounds, median(growths));
  } finally {
    await box.close();
  }
}

function resultsOf(box: Crowd, rounds: Rounds, growth_mib: number): Results {
  const { nats, durability } = box.facts;
  const p99s = (all: readonly CrowdMeasured[]) => all.map(({ report }) => report.latency.p99);
  const [ours, bare] = [p99s(rounds.with), p99s(rounds.without)];
  const common = {
    sizes: `${figure(READERS)} observers, ${RATE} events/s`,
    natsServer: nats.version,
    durability,
  };
  const row = (name: string, all: readonly CrowdMeasured[]) => [
    name,
    figure(median(all.map(({ report }) => report.latency.p50))),
    figure(median(p99s(all))),
    percent(median(all.map(({ cpu }) => cpu.host))),
    percent(median(all.map(({ cpu }) => cpu.generator))),
  ];
  return {
    lines: [
      {
        ...common,
        scenario: 'P7 the others, while one is stalled',
        measured: `p99 ${figure(median(ours))} ms`,
        floor: `without it: p99 ${figure(median(bare))} ms`,
        ratio: ratioOf(ours, bare),
        target: { of: 'the same without it', most: 1.1 },
      },
      {
        ...common,
        scenario: 'P7 memory of a stalled observer',
        measured: `${figure(growth_mib)} MiB more`,
        floor: `${GROWTH_MIB} MiB`,
        ratio: growth_mib / GROWTH_MIB,
        target: { of: `${GROWTH_MIB} MiB`, most: 1 },
      },
    ],
    tables: [
      {
        title: `P7: one stalled observer among ${figure(READERS)}`,
        head: ['', 'p50 ms', 'p99 ms', 'CPU host', 'CPU generator'],
        rows: [row('without', rounds.without), row('with one stalled', rounds.with)],
        notes: ['Medians of the rounds, which took turns. It reads the whole log and stalls.'],
      },
    ],
    chart: {
      scenario: 'P7',
      title: 'P7: p99 of a thousand observers, ms',
      bars: [
        { label: 'with one stalled', value: median(ours), isFloor: false },
        { label: 'without', value: median(bare), isFloor: true },
      ],
    },
    faults: [...rounds.with, ...rounds.without]
      .map(({ report }) => report.faults)
      .reduce(addFaults, noFaults()),
  };
}
