// P5: a cold start on a long history, without a snapshot and with one, beside a raw drain of it.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Child } from '../child.js';
import { noFaults } from '../load/ledger.js';
import type { ColdStartProgram, ColdStoreProgram, ReplayProgram } from '../programs.js';
import { figure, median, ratioOf } from '../report/figures.js';
import type { Line, Results, Table } from '../report/page.js';
import type { Bench } from '../stand.js';

const COMMIT_EVENTS = 64;
const PEERS = 100;
const TEXT_BYTES = 200;
const SNAPSHOT_S = 2;
const MIB = 1_048_576;

const kinds = ['raw', 'replayed', 'restored'] as const;
type Kind = (typeof kinds)[number];

interface Round {
  seconds: number;
  rss_bytes: number;
}

interface Course {
  bench: Bench;
  url: string;
  commits: number;
  rounds: Map<Kind, Round[]>;
}

export async function runP5(bench: Bench, isQuick: boolean): Promise<Results> {
  const events = isQuick ? 200_000 : 1_000_000;
  const store = new Child<ColdStoreProgram>('hosts/cold-store.js');
  const { natsBinary } = bench;
  try {
    const dir = join(bench.dir, 'cold-store');
    await mkdir(dir, { recursive: true, mode: 0o700 });
    // How it got there is not measured.
    const facts = await store.ask('open', { dir, natsBinary, durability: 'os' });
    const sizes = { events, commit_events: COMMIT_EVENTS, peers: PEERS, text_bytes: TEXT_BYTES };
    const { commits } = await store.ask('fill', sizes);
    const course = { bench, url: facts.ws, commits, rounds: new Map<Kind, Round[]>() };
    const beside = await snapshotted(course);
    for (let i = 0; i < (isQuick ? 3 : 5); i++) {
      note(course, 'raw', await drained(course));
      note(course, 'replayed', await started(course, `fresh-${i}`));
      note(course, 'restored', await started(course, 'kept'));
    }
    return resultsOf(course, events, facts.nats.version, beside);
  } finally {
    await store.end();
  }
}

function note({ rounds }: Course, kind: Kind, round: Round): void {
  rounds.set(kind, [...(rounds.get(kind) ?? []), round]);
}

async function drained({ url: ws, commits }: Course): Promise<Round> {
  const child = new Child<ReplayProgram>('load/drain.js');
  try {
    const target = { ws, token: '', encoding: 'msgpack', events: 0, commits } as const;
    const { seconds } = await child.ask('replay', target);
    return { seconds, rss_bytes: 0 };
  } finally {
    await child.end();
  }
}

async function started(course: Course, name: string): Promise<Round> {
  const child = new Child<ColdStartProgram>('hosts/cold-start.js', course.bench.profileDir);
  try {
    return await child.ask('start', { dir: join(course.bench.dir, name), url: course.url });
  } finally {
    await child.end();
  }
}

/** A broker starts, and its timeline puts all on disk; its memory before and after, in MiB. */
async function snapshotted({ bench, url, commits }: Course): Promise<[number, number]> {
  const dir = join(bench.dir, 'kept');
  const child = new Child<ColdStartProgram>('hosts/cold-start.js');
  try {
    const before = await child.ask('start', { dir, url });
    const after = await child.ask('snapshot', { dir, sequence: commits });
    return [before.rss_bytes / MIB, after.rss_bytes / MIB];
  } finally {
    await child.end();
  }
}

function resultsOf(
  { rounds }: Course,
  events: number,
  natsServer: string,
  [before, after]: [number, number],
): Results {
  const seconds = (kind: Kind) => rounds.get(kind)!.map(round => round.seconds);
  const sizes = `${figure(events)} events, ${COMMIT_EVENTS} a commit, ${PEERS} peers`;
  const common = { sizes, natsServer, durability: 'os', scenario: '' };
  const floor = `raw drain: ${figure(median(seconds('raw')))} s`;
  const lines: Line[] = [
    {
      ...common,
      scenario: 'P5 cold start without a snapshot',
      measured: `${figure(median(seconds('replayed')))} s`,
      floor,
      ratio: ratioOf(seconds('replayed'), seconds('raw')),
      target: { of: 'raw', most: 6 },
    },
    {
      ...common,
      scenario: 'P5 cold start with a snapshot',
      measured: `${figure(median(seconds('restored')))} s`,
      floor: `${SNAPSHOT_S} s`,
      ratio: median(seconds('restored')) / SNAPSHOT_S,
      target: { of: `${SNAPSHOT_S} s`, most: 1 },
    },
  ];
  const bars = kinds.map(kind => ({
    label: names[kind],
    value: median(seconds(kind)),
    isFloor: kind === 'raw',
  }));
  return {
    lines,
    tables: [tableOf(rounds, events, before, after)],
    chart: { scenario: 'P5', title: `P5: cold start on ${figure(events)} events, s`, bars },
    faults: noFaults(),
  };
}

const names: Record<Kind, string> = {
  raw: 'floor: raw push consumer',
  replayed: 'signalbox, all replayed',
  restored: 'signalbox, from a snapshot',
};

function tableOf(rounds: Course['rounds'], events: number, before: number, after: number): Table {
  const rows = kinds.map(kind => {
    const all = rounds.get(kind)!;
    const middle = median(all.map(({ seconds }) => seconds));
    const rss = median(all.map(({ rss_bytes }) => rss_bytes)) / MIB;
    const us = (middle * 1e6) / events;
    return [names[kind], figure(middle), figure(us), kind === 'raw' ? '–' : figure(rss)];
  });
  return {
    title: 'P5: cold start, from a fresh process to a listening port',
    head: ['', 's', 'µs an event', 'RSS MiB'],
    rows,
    notes: [
      'Medians of the rounds, in which all took turns, on a store that runs already. RSS is of ' +
        'the broker as it begins to serve, before the worker of its timeline has followed: the ' +
        `first had ${figure(before)} MiB then, and ${figure(after)} MiB once the worker had ` +
        'folded, indexed and saved the whole history.',
    ],
  };
}
