// The load generator of P1: one pair, one ask at a time, with a pause after each.
import { setTimeout as sleep } from 'node:timers/promises';
import type { PingProgram, Target } from '../programs.js';
import { serve } from '../serve.js';
import { BarePair } from './bare-pair.js';
import { idMaker } from './ids.js';
import { Pair } from './pair.js';
import { Stopwatch } from './stopwatch.js';

const stopwatch = new Stopwatch();
let pair: Pair | BarePair | undefined;
let came = () => {};

const program: PingProgram = {
  async connect(target) {
    pair = await connected(target);
  },

  async block({ cycles, pause_ms, isWarmUp }) {
    const began = performance.now();
    for (let i = 0; i < cycles; i++) {
      const reply = new Promise<void>(resolve => {
        came = resolve;
      });
      const since = performance.now();
      pair!.open();
      pair!.flush();
      await reply;
      if (!isWarmUp) stopwatch.record(since);
      if (pause_ms > 0) await sleep(pause_ms);
    }
    return {
      cycles,
      seconds: (performance.now() - began) / 1000,
      latency: stopwatch.read(),
      faults: pair!.faults(),
      frame_bytes: pair!.frameBytes,
    };
  },
};

async function connected(target: Target): Promise<Pair | BarePair> {
  const parts = { target, name: 'ping', newId: idMaker(), onReply: () => came() };
  const made = target.isBare ? new BarePair(parts) : new Pair(parts);
  await made.connect();
  return made;
}

serve(program, async () => pair?.disconnect());
