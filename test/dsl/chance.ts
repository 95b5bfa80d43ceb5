// Chance for tests: numbers from a seed that is printed, so that a run can be had again.
import type { Test } from 'tap';

export type Chance = () => number;

/** Numbers in [0, 1) from a seed: the same seed is the same run, as far as the machine lets it. */
export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The seed of this run: from SEED, else a new one; it is printed with the test. */
export function seedOf(t: Test): number {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32));
  t.comment(`SEED=${seed}`);
  return seed;
}

export function shuffled<Item>(items: readonly Item[], chance: Chance): Item[] {
  const left = [...items];
  const drawn: Item[] = [];
  while (left.length > 0) drawn.push(...left.splice(Math.floor(chance() * left.length), 1));
  return drawn;
}
