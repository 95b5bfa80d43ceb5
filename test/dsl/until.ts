// Waiting for a condition: as long as it takes where the machine is slow, but not for ever.
import { setTimeout as pause } from 'node:timers/promises';

/** Less than the silence after which the runner ends a file, so that the wait says what it was. */
export const PATIENCE_MS = 240_000;
const BREATH_MS = 10;

/** A moment between two looks. */
export const breath = (): Promise<void> => pause(BREATH_MS);

type Found<T> = Exclude<T, undefined | null | false>;

/**
 * Looks until there is something, and resolves with it. Looks are counted, not time: a machine
 * that has no time for this process takes nothing off its patience.
 */
export async function until<T>(
  look: () => T | Promise<T>,
  { what = String(look), rest = breath, looks = PATIENCE_MS / BREATH_MS } = {},
): Promise<Found<T>> {
  for (let left = looks; left > 0; left--) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found as Found<T>;
    await rest();
  }
  throw new Error(`waited in vain for ${what}`);
}
