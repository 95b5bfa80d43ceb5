// The log times of commits, both ways: of a commit its time, of a time the commit before it.

import type { IndexView } from './names.js';
import { DamagedIndex } from './sealing.js';
import type { Cell } from './sqlite.js';

/** In ms UTC. The commit must be indexed. */
export function timeOf({ db }: IndexView, sequence: number): number {
  const block = db.get(
    'SELECT first, time, later FROM times WHERE first <= ? ORDER BY first DESC LIMIT 1',
    sequence,
  );
  const at = sequence - Number(block?.[0]);
  const later = at === 0 ? 0 : block && laterIn(block[2]!)[at - 1];
  if (block === undefined || later === undefined) {
    throw new DamagedIndex(`the time of commit ${sequence} is missing`);
  }
  return Number(block[1]) + later;
}

/** The last indexed commit whose log time is before `time` (ms UTC); 0 when none is. */
export function sequenceBefore({ db }: IndexView, time: number): number {
  const block = db.get(
    'SELECT first, time, later FROM times WHERE time < ? ORDER BY time DESC, first DESC LIMIT 1',
    time,
  );
  if (block === undefined) return 0;
  const [first, begun] = [Number(block[0]), Number(block[1])];
  const later = laterIn(block[2]!);
  let count = 0;
  // Log time never runs back, and a block is short.
  while (count < later.length && begun + later[count]! < time) count++;
  return first + count;
}

/** The log times of a block after its first, in ms since that. */
export function laterIn(cell: Cell): number[] {
  const bytes = new Uint8Array(cell as Uint8Array);
  return [...new Uint32Array(bytes.buffer, 0, bytes.length >> 2)];
}
