// The load generator of P10: jobs that change at a given rate, and many mirrors of their view.

import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { pack } from '../../schemas/codec.js';
import { SUBPROTOCOLS } from '../../schemas/frame.js';
import { limits } from '../../schemas/limits.js';
import type { WatchersProgram, WatchersTarget } from '../programs.js';
import { serve } from '../serve.js';
import { Caller } from './caller.js';
import { FrameReader } from './frame-reader.js';
import { idMaker } from './ids.js';
import { NumberScanner } from './number-scanner.js';
import { numberedText, withNumber } from './stencil.js';
import { Stopwatch } from './stopwatch.js';
import { ViewReading } from './view-reading.js';

/** So many take turns, so that each change of one is told before its next. */
const CHANGING = 2_000;
const TEXT_BYTES = 64;
const DRAIN_MS = 20_000;

const newId = idMaker();
const note = numberedText(TEXT_BYTES);
let target: WatchersTarget | undefined;
let caller: Caller | undefined;
const claimed: { job: string; attempt: number }[] = [];
const scanners: NumberScanner[] = [];
let mirror: ViewReading | undefined;
let sent = 0;
let deliveries = 0;
let refused = 0;
let onNumber: (number: number) => void = () => {};

const program: WatchersProgram = {
  async make({ jobs, ...detail }) {
    target = detail;
    caller = await Caller.open(detail.ws, detail.token);
    await caller.call('peer.join', { id: newId(), name: `worker-${process.pid}` });
    const plans = Array.from({ length: jobs }, (_, n) => ({
      id: newId(),
      title: `merge branch ${n} once its tests are green`,
      lease_s: limits.job_lease_max_s,
    }));
    const made = await caller.callAll('job.create', plans);
    const some = made.slice(0, CHANGING).map(({ job }) => ({ id: newId(), job }));
    for (const { job, attempt } of await caller.callAll('job.claim', some)) {
      claimed.push({ job: String(job), attempt: Number(attempt) });
    }
  },

  async snapshot({ encoding, again }) {
    const { ws, token } = target!;
    const first = again ? await ViewReading.open(ws, token, encoding) : undefined;
    await first?.watch();
    const reading = await ViewReading.open(ws, token, encoding);
    const ms = await reading.watch();
    first?.close();
    reading.close();
    mirror = reading;
    return { ms, bytes: reading.bytes };
  },

  async watch(count) {
    const { ws, token } = target!;
    for (let n = 1; n < count; n++) {
      const scanner = new NumberScanner(0);
      scanners.push(scanner);
      const onPiece = (piece: Buffer) => scanner.scan(piece, number => onNumber(number));
      const reader = await FrameReader.dial(
        { ws, token, subprotocol: SUBPROTOCOLS.msgpack },
        onPiece,
      );
      const params = { view: 'jobs' };
      reader.send(pack({ jsonrpc: '2.0', id: 1, method: 'view.watch', params }));
    }
    mirror = await ViewReading.open(ws, token, 'msgpack');
    await mirror.watch();
    // Until the last of them has its rows too.
    await sleep(1_000);
  },

  async run({ rate, seconds }) {
    const stopwatch = new Stopwatch();
    const first = sent;
    const began = performance.now();
    const meantAt = (number: number) => began + ((number - first) * 1000) / rate;
    deliveries = 0;
    onNumber = number => {
      deliveries++;
      stopwatch.record(meantAt(number));
    };
    const before = refused;
    while (sent - first < rate * seconds) {
      while (sent - first < rate * seconds && meantAt(sent) <= performance.now()) change();
      await sleep(1);
    }
    await drained(first);
    const lost = scanners.reduce((all, scanner) => all + scanner.faults(sent).lost, 0);
    const faults = { refused: refused - before, lost, doubled: 0, reordered: 0 };
    const took = (performance.now() - began) / 1000;
    return { changes: sent - first, deliveries, seconds: took, latency: stopwatch.read(), faults };
  },

  check: () => missingFrom(mirror!),
};

function change(): void {
  const job = claimed[sent % claimed.length]!;
  const params = { id: newId(), ...job, note: withNumber(note, sent++) };
  caller!.call('job.update', params).catch(() => refused++);
}

async function drained(first: number): Promise<void> {
  const until = performance.now() + DRAIN_MS;
  const isOpen = () => deliveries < (sent - first) * scanners.length;
  while (isOpen() && performance.now() < until) await sleep(1);
}

/** How many rows a mirror holds that job.list tells otherwise, or lacks. */
async function missingFrom(reading: ViewReading): Promise<number> {
  const listed = new Map<string, object>();
  let after: unknown;
  do {
    const page = await caller!.call('job.list', after === undefined ? {} : { after });
    for (const row of page.rows as { job: string }[]) listed.set(row.job, row);
    after = page.next;
  } while (after !== undefined);
  const isSound = reading.read() && reading.mirror.isWhole;
  const { rows } = reading.mirror;
  if (!isSound) return listed.size;
  const differing = [...listed].filter(([job, row]) => !isDeepStrictEqual(rows.get(job), row));
  return differing.length + [...rows.keys()].filter(job => !listed.has(job)).length;
}

serve(program, async () => {});
