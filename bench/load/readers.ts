// The load generator of P3 and P7: many readers of one filter, and the one who publishes to them.
import { setTimeout as sleep } from 'node:timers/promises';
import { pack } from '../../schemas/codec.js';
import { SUBPROTOCOLS } from '../../schemas/frame.js';
import type { Faults, ReadersProgram, ReadersTarget } from '../programs.js';
import { serve } from '../serve.js';
import {
  CENTRIFUGO_SUBPROTOCOL,
  enterFrame,
  openCentrifugoPublisher,
} from './centrifugo-client.js';
import { FrameReader } from './frame-reader.js';
import { addFaults, noFaults } from './ledger.js';
import { NumberScanner } from './number-scanner.js';
import { openPublisher, type Publisher } from './publisher.js';
import { Stopwatch } from './stopwatch.js';

/** How long stragglers may take after a run before they count as lost. */
const DRAIN_MS = 20_000;
/** Told to all and come to none at a fixed rate: beyond it the host has drowned. */
const MOST_UNDER_WAY = 20_000;
/** How long a history takes at most until the kernel holds no more of it for one who stalls. */
const STALL_MS = 1_000;
const DIALS = 32;

interface Reader {
  frames: FrameReader;
  scanner: NumberScanner;
}

const subprotocol = SUBPROTOCOLS.msgpack;
const filter = { types: ['peer.turned'] };
let target: ReadersTarget | undefined;
const readers: Reader[] = [];
let publisher: Publisher | undefined;
let stalled: FrameReader | undefined;
/** When each number was meant to leave. */
let meantAt: number[] = [];
/** The number that the run under way began with. */
let first = 0;
let deliveries = 0;
let stopwatch = new Stopwatch();
let onDelivered = () => {};

const program: ReadersProgram = {
  async connect(detail) {
    target = detail;
    publisher = detail.isCentrifugo
      ? openCentrifugoPublisher(detail.publish!, detail.frame_bytes!)
      : await openPublisher(detail);
    while (readers.length < detail.readers) {
      const count = Math.min(DIALS, detail.readers - readers.length);
      readers.push(...(await Promise.all(Array.from({ length: count }, () => open(detail)))));
    }
  },

  async run({ seconds, ...offer }) {
    stopwatch = new Stopwatch();
    first = publisher!.published;
    meantAt = [];
    deliveries = 0;
    const [frames, bytes, refused] = [sum('frames'), sum('bytes'), publisher!.refused];
    const began = performance.now();
    if ('rate' in offer) await openLoop(offer.rate, seconds);
    else await closedLoop(offer.inFlight, seconds);
    await drained();
    const took = (performance.now() - began) / 1000;
    const all = faultsNow();
    return {
      deliveries,
      events: publisher!.published - first,
      seconds: took,
      latency: stopwatch.read(),
      delivery_bytes: (sum('bytes') - bytes) / deliveries,
      frame_events: deliveries / (sum('frames') - frames),
      faults: { ...all, refused: publisher!.refused - refused },
    };
  },

  async stall(isWanted) {
    stalled?.close();
    stalled = undefined;
    if (!isWanted) return;
    const frames = await FrameReader.dial({ ...target!, subprotocol }, () => {});
    frames.stall();
    frames.send(observe('start'));
    stalled = frames;
    await sleep(STALL_MS);
  },
};

async function open(detail: ReadersTarget): Promise<Reader> {
  const scanner = new NumberScanner(0);
  let answered = () => {};
  const answer = new Promise<void>(resolve => {
    answered = resolve;
  });
  const dialled = detail.isCentrifugo ? CENTRIFUGO_SUBPROTOCOL : subprotocol;
  const frames = await FrameReader.dial({ ...detail, subprotocol: dialled }, piece => {
    answered();
    const now = performance.now();
    const before = scanner.count;
    scanner.scan(piece, number => {
      const since = meantAt[number - first];
      if (since !== undefined) stopwatch.record(since, now);
    });
    deliveries += scanner.count - before;
    onDelivered();
  });
  if (detail.isCentrifugo) frames.send(enterFrame());
  else if (detail.frame_bytes === undefined) frames.send(observe('now'));
  else return { frames, scanner };
  await answer;
  return { frames, scanner };
}

function observe(from: string): Uint8Array {
  return pack({ jsonrpc: '2.0', id: 1, method: 'log.observe', params: { from, filter } });
}

/** So many events are told and have not come to all readers yet. */
async function closedLoop(inFlight: number, seconds: number): Promise<void> {
  const more = () => {
    const room = inFlight - (publisher!.published - first - deliveries / readers.length);
    publish(Math.floor(room), () => performance.now());
  };
  onDelivered = more;
  more();
  await sleep(seconds * 1000);
  onDelivered = () => {};
}

/** Events leave when they are meant to, whether or not earlier ones have come. */
async function openLoop(rate: number, seconds: number): Promise<void> {
  const began = performance.now();
  const total = rate * seconds;
  const underWay = () => publisher!.published - first - deliveries / readers.length;
  for (let sent = 0; sent < total && underWay() < MOST_UNDER_WAY; ) {
    const isDue = Math.min(total, ((performance.now() - began) * rate) / 1000);
    const count = Math.ceil(isDue - sent);
    publish(count, i => began + ((sent + i) * 1000) / rate);
    sent += Math.max(0, count);
    await sleep(1);
  }
}

function publish(count: number, meant: (index: number) => number): void {
  if (count <= 0) return;
  for (let i = 0; i < count; i++) {
    meantAt.push(meant(i));
    publisher!.publish();
  }
  publisher!.flush();
}

async function drained(): Promise<void> {
  const until = performance.now() + DRAIN_MS;
  const isOpen = () => deliveries < (publisher!.published - first) * readers.length;
  while (isOpen() && performance.now() < until) await sleep(1);
}

/** Of all readers since they began. */
function faultsNow(): Faults {
  const all = readers.map(({ scanner }) => scanner.faults(publisher!.published));
  return all.reduce(addFaults, noFaults());
}

function sum(what: 'frames' | 'bytes'): number {
  return readers.reduce((all, { frames }) => all + frames[what], 0);
}

serve(program, async () => {});
