// P11: full-text search of a long log: the first page of each kind of query, and a grep beside it.
// The design papers ask for 100 ms and give it no number of its own.
import { rm } from 'node:fs/promises';
import { Caller } from '../load/caller.js';
import { type CommandTimes, timeCommand } from '../load/command-timer.js';
import { noFaults } from '../load/ledger.js';
import { type Query, queriesOf, RARE, RARE_PEER } from '../load/sayings.js';
import { figure, median } from '../report/figures.js';
import type { Line, Results, Table } from '../report/page.js';
import { type Bench, Stand } from '../stand.js';
import { type History, indexed, makeHistory } from './history.js';

const COMMIT_EVENTS = 64;
const MOST_MS = 100;
const MIB = 1_048_576;

interface Asked {
  query: Query;
  /** Of each first page. */
  times: readonly number[];
  hits: number;
  /** Whether it ends with the first page, and where not, how many pages bring the first hit. */
  isWhole: boolean;
  pages: number;
}

export async function runP11(bench: Bench, isQuick: boolean): Promise<Results> {
  const events = isQuick ? 200_000 : 10_000_000;
  const sizes = { events, commit_events: COMMIT_EVENTS, texts: 'words' } as const;
  const history = await makeHistory(bench, 'sayings', sizes);
  const grep = await grepped(history, isQuick ? 3 : 5);
  const box = await Stand.open(bench, {
    name: 'signalbox-p11',
    host: 'hosts/signalbox.js',
    load: '',
    loads: 0,
    data: history.dir,
  });
  const caller = await Caller.open(box.facts.ws, box.facts.token);
  try {
    await indexed(box.facts);
    const queries = queriesOf(history.peers[RARE_PEER]!);
    const asked = await askAll(caller, queries, isQuick ? 5 : 25);
    return resultsOf(box, history, asked, grep);
  } finally {
    caller.close();
    await box.close();
    await rm(history.dir, { recursive: true, force: true });
  }
}

/** The files of the store, in the memory of the system after the first time. */
async function grepped({ dir }: History, times: number): Promise<readonly CommandTimes[]> {
  const place = { cwd: dir, env: { PATH: process.env.PATH ?? '' } };
  const all: CommandTimes[] = [];
  for (let i = 0; i <= times; i++) {
    all.push(await timeCommand(['grep', '-raFc', RARE, 'store'], place));
  }
  return all.slice(1);
}

interface Page {
  hits: object[];
  next?: string;
}

/** In rounds, so that what disturbs one disturbs all; the first of them warms up. */
async function askAll(
  caller: Caller,
  queries: readonly Query[],
  rounds: number,
): Promise<readonly Asked[]> {
  const times = new Map<Query, number[]>(queries.map(query => [query, []]));
  const ask = async (params: object) =>
    (await caller.call('log.search', { filter: {}, ...params })) as unknown as Page;
  for (let i = 0; i <= rounds; i++) {
    for (const query of queries) {
      const began = performance.now();
      await ask(query.params);
      if (i > 0) times.get(query)!.push(performance.now() - began);
    }
  }
  const asked: Asked[] = [];
  for (const query of queries) {
    let page = await ask(query.params);
    const isWhole = page.next === undefined;
    let pages = 1;
    for (; page.hits.length === 0 && page.next !== undefined; pages++) {
      page = await ask({ ...query.params, after: page.next });
    }
    asked.push({ query, times: times.get(query)!, hits: page.hits.length, isWhole, pages });
  }
  return asked;
}

function resultsOf(
  box: Stand<never>,
  history: History,
  asked: readonly Asked[],
  grep: readonly CommandTimes[],
): Results {
  const { nats, durability } = box.facts;
  const middle = ({ times }: Asked) => median(times);
  const slowest = asked.reduce((a, b) => (middle(b) > middle(a) ? b : a));
  const grep_ms = median(grep.map(({ wall_ms }) => wall_ms));
  const sizes = `${figure(history.events)} events, ${figure(history.bytes / MIB)} MiB of commits`;
  const line: Line = {
    scenario: `P11 search, first page, the slowest kind: ${slowest.query.name}`,
    measured: `${figure(middle(slowest))} ms`,
    floor: `${MOST_MS} ms (a grep of the store: ${figure(grep_ms)} ms)`,
    ratio: middle(slowest) / MOST_MS,
    target: { of: `${MOST_MS} ms`, most: 1 },
    sizes,
    natsServer: nats.version,
    durability,
  };
  // A page that was cut short of what is there is told as such; one that ended without it is wrong.
  const lost = asked.filter(({ query, hits, isWhole }) => isWhole && wrong(query, hits)).length;
  const bars = asked.map(each => ({
    label: each.query.name,
    value: middle(each),
    isFloor: false,
  }));
  return {
    lines: [line],
    tables: [tableOf(asked, grep, sizes)],
    chart: {
      scenario: 'P11',
      title: `P11: first page of a search of ${figure(history.events)} events, ms`,
      bars: [...bars, { label: 'grep of the store', value: grep_ms, isFloor: true }],
    },
    faults: { ...noFaults(), lost },
  };
}

function wrong({ hits: due }: Query, hits: number): boolean {
  return due === undefined ? hits === 0 : hits !== due;
}

function tableOf(asked: readonly Asked[], grep: readonly CommandTimes[], sizes: string): Table {
  const rowOf = (name: string, times: readonly number[], ...rest: string[]) => [
    name,
    figure(median(times)),
    `${figure(Math.min(...times))} – ${figure(Math.max(...times))}`,
    ...rest,
  ];
  return {
    title: `P11: search of ${sizes}`,
    head: ['', 'first page ms', 'least – most', 'hits', 'all there is', 'pages to a hit'],
    rows: [
      ...asked.map(({ query, times, hits, isWhole, pages }) =>
        rowOf(query.name, times, String(hits), isWhole ? 'yes' : 'more', String(pages)),
      ),
      rowOf(
        'grep of the store',
        grep.map(({ wall_ms }) => wall_ms),
        '–',
        'yes',
        '–',
      ),
    ],
    notes: [
      'Over a socket of its own, once the whole log was indexed; medians of rounds. A page is ' +
        'given up when it has looked for a while: the last column is how many it took to the ' +
        'first hit, or to the end of the log.',
    ],
  };
}
