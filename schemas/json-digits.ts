// The digits of whole numbers in JSON, written by hand where a string would be made for each.
const BILLION = 1e9;
const ZERO = 0x30;

/** Writes a whole number that is not negative and that a double holds; the place after it. */
export function putWhole(into: Uint8Array, place: number, value: number): number {
  if (value < BILLION) return putDigits(into, place, value, digitsOf(value));
  const high = Math.floor(value / BILLION);
  return putDigits(into, putWhole(into, place, high), value - high * BILLION, 9);
}

function putDigits(into: Uint8Array, from: number, value: number, count: number): number {
  let rest = value | 0;
  for (let place = from + count - 1; place >= from; place--) {
    const tenth = (rest / 10) | 0;
    into[place] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  return from + count;
}

function digitsOf(value: number): number {
  let count = 1;
  for (let power = 10; value >= power; power *= 10) count++;
  return count;
}
