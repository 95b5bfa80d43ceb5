// The load generator of P2: many pairs, either with so many asks in flight or at a given rate.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Faults, PairsProgram } from '../programs.js';
import { serve } from '../serve.js';
import { idMaker } from './ids.js';
import { addFaults, noFaults } from './ledger.js';
import { Pair } from './pair.js';
import { Stopwatch } from './stopwatch.js';

/** How long stragglers may take after a run before they count as lost. */
const DRAIN_MS = 20_000;
/** Under way at once at a fixed rate; beyond it the host has drowned and the run ends. */
const MOST_UNDER_WAY = 20_000;

interface Round {
  stopwatch: Stopwatch;
  cycles: number;
  /** Every reply brings the next ask. */
  goesOn: boolean;
}

const pairs: Pair[] = [];
/** Per pair, when each ask under way was meant to leave. */
const starts = new Map<Pair, Map<number, number>>();
let round: Round = newRound(false);
let underWay = 0;

const program: PairsProgram = {
  async connect({ pairs: count, ...target }) {
    const newId = idMaker();
    for (let i = 0; i < count; i++) {
      const name = `${process.pid}-${i}`;
      const pair = new Pair({ target, name, newId, onReply: number => replied(pair, number) });
      await pair.connect();
      pairs.push(pair);
      starts.set(pair, new Map());
    }
  },

  async run({ seconds, ...offer }) {
    const before = faultsNow();
    const began = performance.now();
    if ('rate' in offer) await openLoop(offer.rate, seconds);
    else await closedLoop(offer.inFlight, seconds);
    // What is still under way counts, with the time it takes: a slow host answers in bursts.
    await drained();
    return {
      cycles: round.cycles,
      seconds: (performance.now() - began) / 1000,
      latency: round.stopwatch.read(),
      faults: addFaults(faultsNow(), negated(before)),
      frame_bytes: pairs[0]!.frameBytes,
    };
  },
};

function newRound(goesOn: boolean): Round {
  return { stopwatch: new Stopwatch(), cycles: 0, goesOn };
}

function ask(pair: Pair, meantAt: number): void {
  starts.get(pair)!.set(pair.asked, meantAt);
  underWay++;
  pair.open();
}

function replied(pair: Pair, number: number): void {
  const times = starts.get(pair)!;
  round.stopwatch.record(times.get(number)!);
  round.cycles++;
  times.delete(number);
  underWay--;
  if (round.goesOn) ask(pair, performance.now());
}

async function closedLoop(inFlight: number, seconds: number): Promise<void> {
  round = newRound(true);
  for (const pair of pairs) {
    for (let i = 0; i < inFlight; i++) ask(pair, performance.now());
    pair.flush();
  }
  await sleep(seconds * 1000);
  round.goesOn = false;
}

/** Asks leave when they are meant to, whether or not earlier ones were answered. */
async function openLoop(rate: number, seconds: number): Promise<void> {
  round = newRound(false);
  const began = performance.now();
  const total = rate * seconds;
  for (let sent = 0; sent < total && underWay < MOST_UNDER_WAY; ) {
    const isDue = Math.min(total, ((performance.now() - began) * rate) / 1000);
    const due = new Set<Pair>();
    for (; sent < isDue; sent++) {
      const pair = pairs[sent % pairs.length]!;
      ask(pair, began + (sent * 1000) / rate);
      due.add(pair);
    }
    for (const pair of due) pair.flush();
    await sleep(1);
  }
}

async function drained(): Promise<void> {
  const until = performance.now() + DRAIN_MS;
  while (underWay > 0 && performance.now() < until) await sleep(1);
}

function faultsNow(): Faults {
  return pairs.reduce((all, pair) => addFaults(all, pair.faults()), noFaults());
}

function negated({ refused, lost, doubled, reordered }: Faults): Faults {
  return { refused: -refused, lost: -lost, doubled: -doubled, reordered: -reordered };
}

serve(program, async () => {
  for (const pair of pairs) pair.disconnect();
});
