// The store of P5: a long history of a busy mesh, for brokers that start on it and a raw consumer.
import { historyOf } from '../load/history.js';
import type { ColdStoreProgram } from '../programs.js';
import { serve } from '../serve.js';
import { type Floor, openFloor } from './floor.js';

/** Appends under way at once. */
const WINDOW = 64;

let floor: Floor | undefined;

const program: ColdStoreProgram = {
  async open(options) {
    floor = await openFloor(options);
    return { ws: floor.url, token: '', ...floor.facts };
  },
  async fill(plan) {
    const flights: Promise<void>[] = [];
    let bytes = 0;
    let commits = 0;
    const append = async (id: string, commit: Uint8Array) => {
      const { outcome } = await floor!.log.append(id, commit);
      if (outcome !== 'stored') throw new Error(`an append of the history was ${outcome}`);
    };
    for (const commit of historyOf(plan)) {
      bytes += commit.bytes.length;
      flights.push(append(`history.${++commits}`, commit.bytes));
      if (flights.length >= WINDOW) await flights.shift();
    }
    await Promise.all(flights);
    return { commits, bytes };
  },
};

serve(program, async () => floor?.close());
